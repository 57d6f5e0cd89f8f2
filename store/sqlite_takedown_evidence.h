/* SPDX-License-Identifier: MIT */
/*
 * sqlite_takedown_evidence.h - what the newest reports say of an address on the takedown list, in
 * words.
 */
#ifndef STORE_SQLITE_TAKEDOWN_EVIDENCE_H
#define STORE_SQLITE_TAKEDOWN_EVIDENCE_H

#include <glib.h>

#include "store/query_takedown.h"
#include "store/source_facts.h"
#include "store/sqlite_view.h"

/* Distinct words in the order of their first mention, joined with ";". */
struct words {
	GHashTable *seen;
	GString *text;
};
void words_init(struct words *words);
void words_add(struct words *words, const char *word);
char *words_finish(struct words *words); /* caller frees */

/* What is asked about. */
struct takedown_scope {
	struct store_view *view;
	gint64 domain; /* 0 = all */
	gint64 from_day;
	gint64 last_day;
};

/* spf_results to report_ids of row, and header_froms. */
gboolean takedown_add_evidence(const struct takedown_scope *scope, guint32 address,
			       const struct source_days *days, struct query_takedown *row,
			       GError **error);

#endif
