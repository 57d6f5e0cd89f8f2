/* SPDX-License-Identifier: MIT */
/*
 * sqlite_history.h - the inside of store/query_history.h: one history while it is read.
 */
#ifndef STORE_SQLITE_HISTORY_H
#define STORE_SQLITE_HISTORY_H

#include <glib.h>

#include "store/query_history.h"
#include "store/sqlite_view.h"

enum history_rows {
	HISTORY_REPORTS,
	HISTORY_OTHER_REPORTS,
	HISTORY_CLASSES,
	HISTORY_SENDERS,
	HISTORY_SOURCES,
	HISTORY_SELECTORS,
	HISTORY_SUBDOMAINS,
	HISTORY_POLICIES,
	HISTORY_FAULTS,
	N_HISTORY_ROWS,
};

struct query_histories {
	struct store_view *view;
	struct history_question question;
	gboolean is_open;
	gint64 today; /* UTC */
	gint64 from;
	GStringChunk *reporter_texts;
	GHashTable *reporters; /* id -> const char * */
	GArray *reports;       /* struct history_report, about any domain */
	/* Of the domain that was asked for last. */
	gint64 domain; /* id, 0 = all, -1 = nobody reported on it */
	GStringChunk *texts;
	struct history history;
	GArray *rows[N_HISTORY_ROWS]; /* of the struct that core/history.h has for them */
};

/* The first day that a history looks at. */
gint64 histories_base(const struct query_histories *histories);

/* A copy that lives as long as the history; equal texts are one. */
const char *histories_text(struct query_histories *histories, const char *text);

/* Append struct history_report of a domain, without first days. */
#define HISTORY_ALL_DOMAINS 0
gboolean history_read_reports(struct query_histories *histories, gint64 domain, GArray *reports,
			      GError **error);

/* Fill the rows of one kind each. */
gboolean history_read_own_reports(struct query_histories *histories, GError **error);
gboolean history_read_senders(struct query_histories *histories, GError **error);
gboolean history_read_sources(struct query_histories *histories, GError **error);
gboolean history_read_selectors(struct query_histories *histories, GError **error);

#endif
