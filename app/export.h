/* SPDX-License-Identifier: MIT */
/*
 * export.h - what `dmarcd export` can print: one row of export_kinds each.
 */
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include <glib.h>
#include <jansson.h>

#include "analysis/weights.h"
#include "store/query.h"

struct export
{
	struct store *store;
	struct store_view *view;
	gboolean allow_documentation;
	const struct weights *weights; /* that sources were judged with */
};

/* Either what a list page shows, or rows of its own. */
struct export_kind {
	const char *name;
	const char *compat; /* NULL, or the program whose columns these are */
	const char *page;   /* its path and query, or NULL */
	/* NULL-terminated: members of the rows, cells of the CSV. */
	const char *const *columns;
	/* An object with "data" and, where there is more, "next". NULL and error on failure. */
	json_t *(*rows)(struct export *export, const char *after, GError **error);
};

extern const struct export_kind export_kinds[];
extern const gsize n_export_kinds;

/* The rows of "records" in the shape of parsedmarc's aggregate CSV. */
extern const char *const parsedmarc_columns[];
json_t *parsedmarc_of_record(const struct query_report_detail *report,
			     const struct query_record *record);

/* Columns and rows of a kind, wherever they come from. */
const char *const *export_columns(const struct export_kind *kind);
json_t *export_rows(struct export *export, const struct export_kind *kind, const char *after,
		    GError **error);

#endif
