/* SPDX-License-Identifier: MIT */
/*
 * series.h - numbers by name and day, in rows of equal length.
 *
 * Days are counted from the first one of the set: index 0 is the day "base". What lies outside is
 * left out, what is said twice is added up, so that no order of rows makes a difference.
 *
 * Owner: the set owns everything but the names. Threads: one.
 */
#ifndef ANALYSIS_SERIES_H
#define ANALYSIS_SERIES_H

#include <glib.h>

struct series {
	const char *name;
	gint64 n[]; /* one for each day */
};

struct series_set {
	gint64 base; /* UTC day */
	gint64 n_days;
	GHashTable *by_name; /* struct series * */
};

struct series_set *series_set_new(gint64 base, gint64 n_days);
void series_set_free(struct series_set *set);
typedef struct series_set series_set_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(series_set_auto, series_set_free)

/* n at most 0 and days outside of the set change nothing. The name is borrowed. */
void series_set_add(struct series_set *set, const char *name, gint64 day, gint64 n);

/* NULL where no day of this name has a number. */
const struct series *series_set_get(const struct series_set *set, const char *name);

/* All of them, struct series *, by name. Caller unrefs. */
GPtrArray *series_set_sorted(const struct series_set *set);

/* The sum of n indices that end before index "end"; indices below 0 count nothing. NULL is 0. */
gint64 series_sum(const struct series *series, gint64 end, gint64 n);

#endif
