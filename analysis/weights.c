/* SPDX-License-Identifier: MIT */
#include "analysis/weights.h"

#include "core/error.h"

#define WEIGHT(name, fallback, min, max, sentence) \
	{ #name, G_STRUCT_OFFSET(struct weights, name), fallback, min, max, sentence },

const struct weight_row weight_rows[] = {
#include "analysis/weight_list.h"
};
const gsize n_weight_rows = G_N_ELEMENTS(weight_rows);

void
weight_rows_default(const struct weight_row *rows, gsize n_rows, gpointer all)
{
	for (gsize i = 0; i < n_rows; i++)
		G_STRUCT_MEMBER(gint64, all, rows[i].offset) = rows[i].fallback;
}

gboolean
weight_rows_set(const struct weight_row *rows, gsize n_rows, gpointer all, const char *name,
		gint64 value, GError **error)
{
	for (gsize i = 0; i < n_rows; i++) {
		const struct weight_row *row = &rows[i];
		if (!g_str_equal(row->name, name))
			continue;
		if (value < row->min || value > row->max) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "%s must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
				    name, row->min, row->max);
			return FALSE;
		}
		G_STRUCT_MEMBER(gint64, all, row->offset) = value;
		return TRUE;
	}
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "there is no weight \"%s\"", name);
	return FALSE;
}

struct weights
weights_default(void)
{
	struct weights weights;

	weight_rows_default(weight_rows, n_weight_rows, &weights);
	return weights;
}
