/* SPDX-License-Identifier: MIT */
#include "ingest/fields.h"

#include <string.h>

#include "core/text.h"

#define STRINGS_LEN  2048
#define NAME_LEN_MAX 128

struct fields *
fields_new(void)
{
	struct fields *fields = g_new0(struct fields, 1);

	fields->list = g_array_new(FALSE, FALSE, sizeof(struct field));
	fields->strings = g_string_chunk_new(STRINGS_LEN);
	return fields;
}

void
fields_free(struct fields *fields)
{
	if (!fields)
		return;
	g_array_unref(fields->list);
	g_string_chunk_free(fields->strings);
	g_free(fields);
}

void
fields_add(struct fields *fields, const char *name, const char *value, gsize len)
{
	g_autofree char *lower = g_ascii_strdown(name, -1);
	g_autoptr(GString) clean = g_string_new(NULL);
	g_autoptr(GString) label = g_string_new(NULL);

	if (fields->list->len >= FIELDS_MAX)
		return;
	text_clean(name, strlen(name), label);
	text_clean(value, len, clean);
	struct field field = {
		.name = g_string_chunk_insert_const(fields->strings, lower),
		.label = g_string_chunk_insert_const(fields->strings, label->str),
		.value = g_string_chunk_insert(fields->strings, clean->str),
	};
	g_array_append_val(fields->list, field);
}

/* The length of a field name at the beginning of a line, 0 for a line that is no field. */
static gsize
name_length(const char *line, gsize len)
{
	gsize n = 0;
	gsize blank = 0;

	while (n < len && n < NAME_LEN_MAX && line[n] > ' ' && line[n] != ':' && line[n] < 0x7f)
		n++;
	while (n + blank < len && (line[n + blank] == ' ' || line[n + blank] == '\t'))
		blank++;
	return n > 0 && n + blank < len && line[n + blank] == ':' ? n : 0;
}

static gboolean
is_blank(const char *line, gsize len)
{
	for (gsize i = 0; i < len; i++)
		if (line[i] != '\r' && line[i] != ' ' && line[i] != '\t')
			return FALSE;
	return TRUE;
}

/* The end of the line at at, its line feed included. */
static gsize
line_end(const char *text, gsize len, gsize at)
{
	const char *feed = memchr(text + at, '\n', len - at);

	return feed ? (gsize)(feed - text) + 1 : len;
}

/* The end of the field that begins at at: the first line behind it that does not go on. */
static gsize
field_end(const char *text, gsize len, gsize at)
{
	gsize end = line_end(text, len, at);

	while (end < len && (text[end] == ' ' || text[end] == '\t') &&
	       !is_blank(text + end, line_end(text, len, end) - end - 1))
		end = line_end(text, len, end);
	return end;
}

gsize
fields_read(struct fields *fields, const guint8 *bytes, gsize len)
{
	const char *text = (const char *)bytes;
	gboolean has_begun = FALSE;
	gsize at = 0;

	while (at < len) {
		gsize end = line_end(text, len, at);
		gsize n = name_length(text + at, end - at);
		if (n == 0 && is_blank(text + at, end - at - (text[end - 1] == '\n'))) {
			at = end;
			if (has_begun)
				break;
			continue;
		}
		if (n > 0) {
			g_autofree char *name = g_strndup(text + at, n);
			const char *colon = memchr(text + at, ':', end - at);
			gsize value_at = (gsize)(colon - text) + 1;
			end = field_end(text, len, at);
			fields_add(fields, name, text + value_at, end - value_at);
		}
		has_begun = TRUE;
		at = end;
	}
	return at;
}

const char *
fields_get(const struct fields *fields, const char *name)
{
	for (guint i = 0; i < fields->list->len; i++) {
		const struct field *field = &g_array_index(fields->list, struct field, i);
		if (g_str_equal(field->name, name))
			return field->value;
	}
	return "";
}
