/* SPDX-License-Identifier: MIT */
/*
 * export.h - the rows of a list page without a server: `dmarcd export` prints what the page shows.
 */
#ifndef WEB_EXPORT_H
#define WEB_EXPORT_H

#include <glib.h>
#include <jansson.h>

#include "analysis/weights.h"
#include "store/query.h"

/* target: path and query of a list page ("/takedown?period=30d"). */
struct web_export {
	struct store *store;
	struct store_view *view;
	gboolean allow_documentation;
	const struct weights *weights; /* that sources were judged with */
	const char *target;
};

/*
 * The page's value tree with up to 1000 rows in "data" from the cursor after (NULL: the first),
 * and "next" where there are more. NULL and error on failure; the caller owns the tree.
 */
json_t *web_export_rows(const struct web_export *export, const char *after, GError **error);

/* The column names of the page's CSV, NULL-terminated; NULL where the page has none. */
const char *const *web_export_columns(const char *target);

#endif
