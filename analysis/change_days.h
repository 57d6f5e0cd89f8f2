/* SPDX-License-Identifier: MIT */
/*
 * change_days.h - which days of a history count: complete, and seen by somebody.
 *
 * A reporter is usual on a day if it had reports on at least half (usual_share) of the 14
 * (usual_days) complete and seen days before. A day is complete when all its usual reporters are
 * in, or when it is more than three days (late_days) old; where nobody is usual, by age alone.
 * Today is never complete.
 *
 * Rules look at the days before the first one that is not complete. So a late report for a day that
 * is not complete can never take back what was said of a day that is.
 *
 * A day is seen if at least half (seen_share) of its usual reporters had a report about any domain.
 * A day that nobody saw, because the mailbox was out of reach or a large reporter failed, is
 * complete at last, but silence on it means nothing, and it tells nothing about what is usual.
 *
 * Owner: history must live as long. Threads: one.
 */
#ifndef ANALYSIS_CHANGE_DAYS_H
#define ANALYSIS_CHANGE_DAYS_H

#include "analysis/change_limits.h"
#include "analysis/series.h"
#include "core/history.h"

struct change_day {
	gint64 usual; /* reporters that are usual on the day ... */
	gint64 in;    /* ... and have a report of it */
	gboolean is_complete;
	gboolean is_seen;
};

struct change_days {
	gint64 base;             /* the day of index 0: from - back_days */
	gint64 from;             /* index */
	gint64 n;                /* days, up to yesterday */
	gint64 n_complete;       /* of these, before the first that is not complete */
	struct change_day *days; /* n */
	gint64 *seen_before;     /* n + 1: seen days before each index */
	struct series_set *reports;
	struct series_set *alive; /* reports about any domain */
	struct change_limits limits;
};

struct change_days *change_days_new(const struct history *history,
				    const struct change_limits *limits);
void change_days_free(struct change_days *days);
typedef struct change_days change_days_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(change_days_auto, change_days_free)

/* The last UTC day that counts. */
gint64 change_days_complete_through(const struct change_days *days);

/* Seen days after index a up to index b, b included. */
gint64 change_days_seen(const struct change_days *days, gint64 a, gint64 b);

/* The usual reporters (const char *, by name) that have no report of the UTC day yet. Empty for
 * days that are not in the history. Caller unrefs; names are those of the history. */
GPtrArray *change_days_missing(const struct change_days *days, gint64 day);

#endif
