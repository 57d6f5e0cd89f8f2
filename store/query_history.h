/* SPDX-License-Identifier: MIT */
/*
 * query_history.h - the histories of domains (core/history.h), read from rollups.
 *
 *	g_autoptr(query_histories_auto) histories = query_histories_new(view, &question, &error);
 *	const struct history *history = query_history(histories, "example.com", &error);
 *
 * All histories of one query_histories show the same moment, which is held until it is freed: read,
 * and free it soon. The view answers other questions meanwhile.
 *
 * What the store does not know stays out: records of DNS, own addresses, incidents. Sources are
 * those of the classes fix, review and unauthorized, the newest HISTORY_SOURCES_MAX.
 */
#ifndef STORE_QUERY_HISTORY_H
#define STORE_QUERY_HISTORY_H

#include <glib.h>

#include "core/history.h"
#include "store/query.h"

/* New sources of one domain that are looked at. */
#define HISTORY_SOURCES_MAX 20000

/* Reporters of one domain, or of all together, that are looked at: those with most days. */
#define HISTORY_REPORTERS_MAX 2000

struct query_histories;

struct history_question {
	gint64 days;        /* changes are wanted since so many days before today */
	gint64 back_days;   /* of history before that; 0 = HISTORY_DAYS */
	gint64 source_days; /* sources that began so many days before that are looked at, too */
};

/* NULL and error on failure. */
struct query_histories *query_histories_new(struct store_view *view,
					    const struct history_question *question,
					    GError **error);
void query_histories_free(struct query_histories *histories);
typedef struct query_histories query_histories_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_histories_auto, query_histories_free)

/* Are the rollups up to date? While they lag, reports are counted whose messages are not. */
gboolean query_histories_are_whole(struct query_histories *histories, gboolean *ret_are_whole,
				   GError **error);

/*
 * The history of an owned domain, or of all of them with "". Good until the next one is asked for.
 * A domain that nobody reported on has an empty one.
 */
const struct history *query_history(struct query_histories *histories, const char *domain,
				    GError **error);

/* The same with reports alone, which is little work: for the days that are complete. */
const struct history *query_history_reports(struct query_histories *histories, const char *domain,
					    GError **error);

#endif
