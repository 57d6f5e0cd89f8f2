/* SPDX-License-Identifier: MIT */
#include "core/csv.h"

static void
begin_cell(struct csv *csv)
{
	if (csv->is_in_line)
		g_string_append_c(csv->out, ',');
	csv->is_in_line = TRUE;
}

void
csv_add_text(struct csv *csv, const char *text)
{
	begin_cell(csv);
	if (!text || text[0] == '\0')
		return;

	gboolean is_formula = strchr("=+-@\t\r", text[0]) != NULL;
	if (!strpbrk(text, ",\"\r\n")) {
		if (is_formula)
			g_string_append_c(csv->out, '\'');
		g_string_append(csv->out, text);
		return;
	}
	g_string_append_c(csv->out, '"');
	if (is_formula)
		g_string_append_c(csv->out, '\'');
	for (const char *at = text; *at; at++) {
		if (*at == '"')
			g_string_append_c(csv->out, '"');
		g_string_append_c(csv->out, *at);
	}
	g_string_append_c(csv->out, '"');
}

void
csv_add_number(struct csv *csv, gint64 number)
{
	begin_cell(csv);
	g_string_append_printf(csv->out, "%" G_GINT64_FORMAT, number);
}

void
csv_end_line(struct csv *csv)
{
	g_string_append(csv->out, "\r\n");
	csv->is_in_line = FALSE;
}
