/* SPDX-License-Identifier: MIT */
/*
 * sqlite_evidence.h - what the newest reports say of one address, record by record, summed up by
 * equal results.
 */
#ifndef STORE_SQLITE_EVIDENCE_H
#define STORE_SQLITE_EVIDENCE_H

#include <glib.h>

#include "store/pack.h"
#include "store/source_facts.h"
#include "store/sqlite_view.h"

/* One combination of results; struct stored_record without count and seq, and what it sums to. */
struct evidence_row {
	gint64 domain;
	struct stored_record record;
	gint64 messages;
	gint64 report; /* the newest one */
};

struct evidence {
	GHashTable *rows; /* struct evidence_row, as its own key */
	GArray *reports;  /* gint64 row ids, newest first */
	gint64 n_reports; /* how many name the address; reports holds those that were read */
};

/*
 * days: all of the address; those from from_day on, of domain (0 = all), are looked
 * up, newest first, until max_reports were read.
 */
struct evidence_question {
	guint32 address;
	gint64 domain;
	gint64 from_day;
	gint64 to_day;
	guint max_reports;
};
struct evidence *evidence_read(struct store_view *view, const struct evidence_question *question,
			       const struct source_days *days, GError **error);
void evidence_free(struct evidence *evidence);
typedef struct evidence evidence_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(evidence_auto, evidence_free)

/* The rows, most messages first. The caller frees the array, not the rows. */
GPtrArray *evidence_sorted(const struct evidence *evidence);

#endif
