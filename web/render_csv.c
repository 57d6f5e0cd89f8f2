/* SPDX-License-Identifier: MIT */
#include "web/render.h"

#include "core/csv.h"
#include "core/error.h"

static void
add_cell(struct csv *csv, const json_t *value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (json_is_integer(value))
		csv_add_number(csv, json_integer_value(value));
	else if (json_is_real(value))
		csv_add_text(csv, g_ascii_formatd(number, sizeof(number), "%.15g",
						  json_real_value(value)));
	else if (json_is_boolean(value))
		csv_add_text(csv, json_is_true(value) ? "true" : "false");
	else
		csv_add_text(csv, json_string_value(value));
}

/* A list of words is one cell: "a;b;c". */
static void
add_list(struct csv *csv, const json_t *list)
{
	g_autoptr(GString) joined = g_string_new(NULL);
	size_t i;
	json_t *element;

	json_array_foreach(list, i, element)
	{
		if (!json_is_string(element))
			continue;
		if (joined->len > 0)
			g_string_append_c(joined, ';');
		g_string_append(joined, json_string_value(element));
	}
	csv_add_text(csv, joined->str);
}

static char *
join(const char *const *names)
{
	GString *joined = g_string_new(names[0]);

	for (guint i = 1; names[0] && names[i]; i++)
		g_string_append_printf(joined, ",%s", names[i]);
	return g_string_free(joined, FALSE);
}

char **
render_csv_columns(const char *const *all, const char *chosen, GError **error)
{
	g_autofree char *known = join(all);

	if (!chosen)
		return g_strsplit(known, ",", -1);

	g_auto(GStrv) columns = g_strsplit(chosen, ",", -1);
	for (char **column = columns; *column; column++) {
		if (g_strv_contains(all, *column))
			continue;
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "there is no column \"%s\"; the columns are: %s", *column, known);
		return NULL;
	}
	return g_steal_pointer(&columns);
}

void
render_csv_header(const char *const *columns, GString *out)
{
	struct csv csv = { .out = out };

	for (const char *const *column = columns; *column; column++)
		csv_add_text(&csv, *column);
	csv_end_line(&csv);
}

void
render_csv_rows(const char *const *columns, const json_t *root, GString *out)
{
	struct csv csv = { .out = out };
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(root, "data"), i, row)
	{
		for (const char *const *column = columns; *column; column++) {
			const json_t *value = json_object_get(row, *column);

			if (json_is_array(value))
				add_list(&csv, value);
			else
				add_cell(&csv, value);
		}
		csv_end_line(&csv);
	}
}
