/* SPDX-License-Identifier: MIT */
/*
 * sqlite_day_rows.h - changes to the table source_day, collected in memory and written in one go.
 *
 * Hundreds of thousands come and go at once, about 250 bytes each.
 */
#ifndef STORE_SQLITE_DAY_ROWS_H
#define STORE_SQLITE_DAY_ROWS_H

#include <glib.h>

#include "core/source.h"
#include "store/sqlite_handle.h"
#include "store/tally.h"

/* Most tallies are as short as this. */
#define FEW_ITEMS 4

/* One row of source_day, as what is to be added to it. The tally is the collection's. */
struct day_row {
	guint32 address;
	guint32 domain;
	guint32 party;
	gint64 day;
	gint64 reports;
	struct totals totals;
	guint n_items; /* of the tally */
	struct tally_item few[FEW_ITEMS];
	GArray *many; /* in place of few, where they are more */
};

struct day_rows;

struct day_rows *day_rows_new(void);
void day_rows_free(struct day_rows *rows);
void day_rows_forget(struct day_rows *rows);
guint day_rows_count(const struct day_rows *rows);

/* more: without a tally of its own; tally is copied. */
void day_rows_add(struct day_rows *rows, const struct day_row *more, const GArray *tally);

/* What is collected takes away what it would have added. */
void day_row_negate(struct day_row *row, GArray *tally);

/* struct day_row * by address, domain, day, party. Caller frees the array, not the rows. */
gpointer *day_rows_sorted(const struct day_rows *rows, guint *ret_n);

/* Its tally; the collection's, until the next one is asked for. */
const GArray *day_rows_tally(struct day_rows *rows, const struct day_row *row);

gboolean day_rows_write(struct day_rows *rows, const struct day_row *row, struct db *db,
			GError **error);

#endif
