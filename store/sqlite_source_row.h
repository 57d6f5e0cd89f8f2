/* SPDX-License-Identifier: MIT */
/*
 * sqlite_source_row.h - one row of the table source: made from its days, read, written.
 */
#ifndef STORE_SQLITE_SOURCE_ROW_H
#define STORE_SQLITE_SOURCE_ROW_H

#include <glib.h>

#include "store/judge.h"
#include "store/pack.h"
#include "store/source_facts.h"
#include "store/sqlite_handle.h"

struct source_row {
	guint32 domain;
	struct verdict verdict;
	guint8 guard; /* store/judge.h */
	gint64 first_day;
	gint64 last_day;
	gint64 reporters;
	gint64 next_day;
	guint32 sender; /* name; PACK_NO_NAME = none */
	struct source_body body;
	struct source_facts facts;
};

/* What counts as passes of its sender: 0 where nobody knows who that is. */
static inline gint64
source_row_sender_passes(const struct source_row *row)
{
	return row->sender == PACK_NO_NAME ? 0 : row->body.totals[WINDOW_90D].pass;
}

/* The first day of a window that ends with last_day; a day before all days for WINDOW_ALL. */
gint64 window_first_day(enum window window, gint64 last_day);

GArray *source_rows_new(void); /* frees what its rows own */
void source_rows_clear(GArray *rows);

/* The last address that has sources: those beyond it, in a bulk load nearly all, need not be asked
 * for. */
gboolean source_last_address(struct db *db, gint64 *ret_address, GError **error);

/* All of one address, in the order of domain (and day, party). Rows are appended. */
gboolean source_rows_read(struct db *db, guint32 address, GArray *rows, GError **error);
gboolean source_days_read(struct db *db, guint32 address, struct source_days *days, GError **error);

/* The rows that these days make, with facts, without sender and verdict. INVALID where damaged. */
gboolean source_rows_make(struct db *db, const struct source_days *days, gint64 last_day,
			  GArray *rows, GError **error);

gboolean source_row_write(struct db *db, guint32 address, const struct source_row *row,
			  GError **error);
/* Verdict and guard alone. */
gboolean source_row_write_verdict(struct db *db, guint32 address, const struct source_row *row,
				  GError **error);

#endif
