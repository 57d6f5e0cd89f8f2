/* SPDX-License-Identifier: MIT */
#include "ingest/repair.h"

#include "core/error.h"
#include "core/text.h"

/* The name of an entity or character reference, with what stands around it. */
#define ENTITY_LEN_MAX 12
#define ROOT           "feedback"

/* The start of the name that ends in the word at, with its prefix. */
static const char *
name_start(const char *xml, const char *at)
{
	while (at > xml && (g_ascii_isalnum(at[-1]) || strchr("-_.:", at[-1])) && at[-1] != '\0')
		at--;
	return at;
}

static const char *
next_word(const char *at, const char *end)
{
	return at < end ? memmem(at, (gsize)(end - at), ROOT, strlen(ROOT)) : NULL;
}

/* <feedback or <prefix:feedback, not </feedback. */
static const char *
find_root(const char *xml, const char *end)
{
	for (const char *at = next_word(xml, end); at; at = next_word(at + 1, end)) {
		const char *name = name_start(xml, at);
		if (name > xml && name[-1] == '<')
			return name - 1;
	}
	return NULL;
}

/* Just behind the last </feedback>, or NULL. */
static const char *
find_root_end(const char *xml, const char *end)
{
	const char *last = NULL;

	for (const char *at = next_word(xml, end); at; at = next_word(at + 1, end))
		last = at;
	if (!last)
		return NULL;
	const char *name = name_start(xml, last);
	const char *close = memchr(last, '>', (gsize)(end - last));
	return name > xml && name[-1] == '/' && close ? close + 1 : NULL;
}

static gboolean
begins_entity(const char *at, const char *end)
{
	const char *semicolon = memchr(at, ';', (gsize)MIN(end - at, ENTITY_LEN_MAX));

	if (!semicolon || semicolon == at + 1)
		return FALSE;
	if (at[1] == '#')
		return TRUE;
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if ((gsize)(semicolon + 1 - at) == strlen(known[i]) &&
		    strncmp(at, known[i], strlen(known[i])) == 0)
			return TRUE;
	return FALSE;
}

/* A tag: a name, then white space, a slash or the end. Anything else is a stray <. */
static gboolean
begins_tag(const char *at, const char *end)
{
	const char *name = at + 1;

	if (name < end && (*name == '!' || *name == '?'))
		return TRUE;
	if (name < end && *name == '/')
		name++;
	if (name == end || !(g_ascii_isalpha(*name) || *name == '_'))
		return FALSE;
	while (name < end && (g_ascii_isalnum(*name) || (*name && strchr("-_.:", *name))))
		name++;
	return name < end && (g_ascii_isspace(*name) || *name == '/' || *name == '>');
}

static const char *
append_repaired(GByteArray *out, const char *at, const char *end)
{
	if (*at == '&' && !begins_entity(at, end)) {
		g_byte_array_append(out, (const guint8 *)"&amp;", 5);
		return at + 1;
	}
	if (*at == '<' && !begins_tag(at, end)) {
		g_byte_array_append(out, (const guint8 *)"&lt;", 4);
		return at + 1;
	}
	gunichar c = g_utf8_get_char_validated(at, end - at);
	gboolean is_valid = c != (gunichar)-1 && c != (gunichar)-2;
	char utf8[6];
	if (!is_valid)
		c = text_cp1252((guint8)*at);
	if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r')
		g_byte_array_append(out, (const guint8 *)utf8, (guint)g_unichar_to_utf8(c, utf8));
	return at + (is_valid ? g_utf8_skip[(guint8)*at] : 1);
}

GByteArray *
repair_xml(const GByteArray *bytes, GError **error)
{
	const char *xml = (const char *)bytes->data;
	const char *begin = find_root(xml, xml + bytes->len);

	if (!begin) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "not a DMARC report: no <feedback> in it");
		return NULL;
	}
	const char *end = find_root_end(begin, xml + bytes->len);
	if (!end) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "XML is cut short: it ends before </feedback>");
		return NULL;
	}
	GByteArray *out = g_byte_array_sized_new((guint)(end - begin));
	while (begin < end)
		begin = append_repaired(out, begin, end);
	return out;
}
