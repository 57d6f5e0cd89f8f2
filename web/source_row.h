/* SPDX-License-Identifier: MIT */
/*
 * source_row.h - sources as rows of a list, for the templates "source_head" and "source_row".
 *
 * What tree_source() says, and for HTML _href, _spark, _sender with _sender_href, _badge, and the
 * line below the row where it needs a person: _lead and _why.
 */
#ifndef WEB_SOURCE_ROW_H
#define WEB_SOURCE_ROW_H

#include <jansson.h>

#include "web/filter.h"
#include "web/page.h"

/* The columns of a file of sources. */
extern const char *const source_columns[];

/* The first n_max of sources (struct query_source *), appended to rows. */
gboolean source_rows_add(json_t *rows, const struct filter *filter, struct page *page,
			 const GPtrArray *sources, guint n_max, GError **error);

#endif
