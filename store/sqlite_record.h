/* SPDX-License-Identifier: MIT */
/*
 * sqlite_record.h - the records of one report: written once, walked in address order.
 */
#ifndef STORE_SQLITE_RECORD_H
#define STORE_SQLITE_RECORD_H

#include <glib.h>

#include "store/pack.h"
#include "store/sqlite_handle.h"

/* Write the records (struct stored_record), which must be in the order of address, seq. */
gboolean records_write(struct db *db, gint64 report, const GArray *records, GError **error);

/* A walk through a report's records, or those of one address. */
struct record_walk {
	struct db *db;
	sqlite3_stmt *statement;
	struct unpack in;
	gint64 report;
	gint64 only;                 /* address, or -1 */
	struct stored_record record; /* the current one */
};

#define RECORD_ALL_ADDRESSES (-1)

/*
 * Start a walk; one at a time for each handle. Then record_walk_next() gives DB_ROW with
 * walk->record filled, and DB_DONE at the end. A walk may be left at any point.
 */
gboolean record_walk_start(struct record_walk *walk, struct db *db, gint64 report, gint64 only,
			   GError **error);
enum db_row record_walk_next(struct record_walk *walk, GError **error);

#endif
