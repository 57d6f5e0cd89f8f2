/* SPDX-License-Identifier: MIT */
/*
 * days.h - messages per day by class as a page shows them: chart, table beside it, sparklines.
 */
#ifndef WEB_DAYS_H
#define WEB_DAYS_H

#include <glib.h>
#include <jansson.h>

#include "store/query.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/span.h"

struct day_sums {
	struct span span;
	gint64 messages[N_CLASSES][SPAN_BARS_MAX];
};

/* days: struct query_day of the filter's scope, which has mail. */
void days_sum(struct day_sums *sums, const struct filter *filter, const GArray *days);

/* The days as rows {day, authorized, fix, forwarder, review, unauthorized}. New reference. */
json_t *days_list(const GArray *days);

/*
 * Into the tree: days, the list of days_list(); for HTML _chart, and _bars with the rows of the
 * same as a table.
 */
void days_fill(const struct day_sums *sums, const struct filter *filter, const GArray *days,
	       struct page *page);

/* A spark over the span, of one class or of two together (b may be a). Caller frees. */
char *days_spark(const struct day_sums *sums, enum class class);
char *days_spark_wide(const struct day_sums *sums, enum class a, enum class b, const char *label);

#endif
