/* SPDX-License-Identifier: MIT */
/*
 * sqlite_rollup.h - sums by source and day, kept in memory for a while and written in one go.
 *
 * Whoever holds the rollup lock (flock on "PATH.rollup-lock") may let the rollups lag: reports are
 * committed as pending and their sums stay in memory until rollup_catch_up(). Who cannot get the
 * lock writes its sums before each commit. The memory is a copy: the table pending is what counts,
 * and who gets the lock first reads the pending reports that a killed holder left.
 *
 * All functions run inside a write transaction of the caller.
 */
#ifndef STORE_SQLITE_ROLLUP_H
#define STORE_SQLITE_ROLLUP_H

#include <glib.h>

#include "store/judge.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_handle.h"

struct rollup;

struct rollup *rollup_new(struct db *db, const struct store_judge *judge,
			  struct dictionaries *dictionaries);
void rollup_free(struct rollup *rollup);

/* After BEGIN: take the lock where it is free, and read what a killed process left behind. */
gboolean rollup_start(struct rollup *rollup, GError **error);

/* A counted report. */
struct rollup_report {
	gint64 id;
	guint32 domain;
	guint32 party;
	gint64 day;
	gint64 begin_at;
	gint64 end_at;
};

/* records: struct stored_record in the order of address, seq, with what the judge read. */
gboolean rollup_add(struct rollup *rollup, const struct rollup_report *report,
		    const GArray *records, GError **error);

/*
 * A report that was added, as from tells, counts for another party: to. It does not wait in memory
 * beyond rollup_finish().
 */
gboolean rollup_move(struct rollup *rollup, const struct rollup_report *from, guint32 to,
		     const GArray *records, GError **error);

/* Before COMMIT: write what may not or should not wait. today: for the windows. */
gboolean rollup_finish(struct rollup *rollup, gint64 today, GError **error);

/* Write and settle everything. After its COMMIT call rollup_unlock(). */
gboolean rollup_catch_up(struct rollup *rollup, gint64 today, GError **error);
void rollup_unlock(struct rollup *rollup);

/* Do sums wait in memory? */
gboolean rollup_is_lagging(const struct rollup *rollup);

/* After ROLLBACK: what is in memory may be wrong. */
void rollup_forget(struct rollup *rollup);

#endif
