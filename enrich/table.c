/* SPDX-License-Identifier: MIT */
#include "enrich/table.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"

#define DOMAIN_LEN_MAX 253
#define LABEL_LEN_MAX  63

static gboolean
fail_limit(const struct table *table, const char *what, guint limit, GError **error)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "line %u: more than %u %s",
		    table->line, limit, what);
	return FALSE;
}

/* Does a closing quote stand here? Two in a row are one that belongs to the text. */
static gboolean
is_closing(struct table *table)
{
	if (*table->at != '"')
		return FALSE;
	if (table->at + 1 >= table->end || table->at[1] != '"')
		return TRUE;
	table->at++;
	return FALSE;
}

/* Up to the separator or the end of the line; quotes are taken off. */
static gboolean
read_raw_cell(struct table *table, GString *raw, GError **error)
{
	gboolean is_quoted = table->separator == ',' && table->at < table->end && *table->at == '"';

	if (is_quoted)
		table->at++;
	for (; table->at < table->end; table->at++) {
		if (is_quoted && is_closing(table)) {
			is_quoted = FALSE;
			continue;
		}
		if (!is_quoted && (*table->at == table->separator || *table->at == '\n'))
			return TRUE;
		if (raw->len >= TEXT_LEN_MAX)
			return fail_limit(table, "bytes in a cell", TEXT_LEN_MAX, error);
		g_string_append_c(raw, *table->at);
	}
	return TRUE;
}

static gboolean
read_line(struct table *table, GError **error)
{
	g_autoptr(GString) raw = g_string_new(NULL);

	table->line++;
	g_string_truncate(table->text, 0);
	g_array_set_size(table->cells, 0);
	for (;;) {
		gsize start = table->text->len;
		g_string_truncate(raw, 0);
		if (!read_raw_cell(table, raw, error))
			return FALSE;
		if (table->cells->len >= TABLE_COLUMNS_MAX)
			return fail_limit(table, "cells in a row", TABLE_COLUMNS_MAX, error);
		text_clean(raw->str, raw->len, table->text);
		g_string_append_c(table->text, '\0');
		g_array_append_val(table->cells, start);
		if (table->at >= table->end)
			return TRUE;
		if (*table->at++ == '\n')
			return TRUE;
	}
}

const char *
table_nth(const struct table *table, guint n)
{
	if (n >= table->cells->len)
		return "";
	return table->text->str + g_array_index(table->cells, gsize, n);
}

static gboolean
read_header(struct table *table, const char *key, GError **error)
{
	if (!read_line(table, error))
		return FALSE;
	for (guint i = 0; i < table->cells->len; i++)
		g_ptr_array_add(table->header, g_ascii_strdown(table_nth(table, i), -1));
	if (g_ptr_array_find_with_equal_func(table->header, key, g_str_equal, NULL))
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "line 1: there is no column \"%s\"",
		    key);
	return FALSE;
}

static void
close_table(struct table *table)
{
	if (table->text)
		g_string_free(table->text, TRUE);
	g_clear_pointer(&table->cells, g_array_unref);
	g_clear_pointer(&table->header, g_ptr_array_unref);
}

static gboolean
open_table(struct table *table, const struct table_input *input, GError **error)
{
	const char *bytes = input->bytes;
	guint bytes_max = input->bytes_max ? input->bytes_max : TABLE_BYTES_MAX;

	*table = (struct table){ .at = bytes,
				 .end = bytes + input->len,
				 .separator = input->separator,
				 .rows_max = input->rows_max ? input->rows_max : TABLE_ROWS_MAX };
	if (input->len > bytes_max)
		return fail_limit(table, "bytes", bytes_max, error);
	table->text = g_string_new(NULL);
	table->cells = g_array_new(FALSE, FALSE, sizeof(gsize));
	table->header = g_ptr_array_new_with_free_func(g_free);
	if (input->len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		table->at += 3;
	return !input->key || read_header(table, input->key, error);
}

/* *ret_row FALSE: the end. */
static gboolean
next_row(struct table *table, gboolean *ret_row, GError **error)
{
	while (table->at < table->end) {
		if (!read_line(table, error))
			return FALSE;
		if (table->cells->len == 1 && !*table_nth(table, 0))
			continue;
		if (++table->rows > table->rows_max)
			return fail_limit(table, "rows", table->rows_max, error);
		*ret_row = TRUE;
		return TRUE;
	}
	*ret_row = FALSE;
	return TRUE;
}

gboolean
table_read(const struct table_input *input, table_row_fn row, gpointer data, GError **error)
{
	struct table table;
	gboolean is_row = TRUE;
	gboolean is_good = open_table(&table, input, error);

	while (is_good && is_row) {
		is_good = next_row(&table, &is_row, error);
		if (is_good && is_row && row)
			row(data, &table);
	}
	close_table(&table);
	return is_good;
}

const char *
table_cell(const struct table *table, const char *column)
{
	guint n;

	if (!g_ptr_array_find_with_equal_func(table->header, column, g_str_equal, &n))
		return "";
	return table_nth(table, n);
}

GStrv
table_items(const struct table *table, const char *column)
{
	g_autofree char *lower = g_ascii_strdown(table_cell(table, column), -1);
	GStrv items = g_strsplit(lower, ";", TABLE_ITEMS_MAX);

	for (gsize i = 0; items[i]; i++)
		g_strstrip(items[i]);
	return items;
}

guint
table_word(const struct table *table, const char *column, const char *const *words, guint n,
	   guint fallback)
{
	const char *cell = table_cell(table, column);

	for (guint i = 0; i < n; i++)
		if (words[i] && g_ascii_strcasecmp(cell, words[i]) == 0)
			return i;
	return fallback;
}

gboolean
table_is_domain(const char *text)
{
	gsize label_len = 0;
	guint dots = 0;
	gsize len = 0;

	for (; text[len]; len++) {
		char c = text[len];
		if (c == '.') {
			if (label_len == 0)
				return FALSE;
			label_len = 0;
			dots++;
		} else if (g_ascii_islower(c) || g_ascii_isdigit(c) || c == '-' || c == '_') {
			label_len++;
		} else {
			return FALSE;
		}
		if (len >= DOMAIN_LEN_MAX || label_len > LABEL_LEN_MAX)
			return FALSE;
	}
	return dots > 0 && label_len > 0;
}
