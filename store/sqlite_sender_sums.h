/* SPDX-License-Identifier: MIT */
/*
 * sqlite_sender_sums.h - changes to sender_sum, collected and written at once: what the sources of
 * a sender sum up to, by class, for a domain and for all (domain 0).
 *
 * For each domain, class and window the senders together are class_window; sources of no known
 * sender are those of sender PACK_NO_NAME.
 */
#ifndef STORE_SQLITE_SENDER_SUMS_H
#define STORE_SQLITE_SENDER_SUMS_H

#include <glib.h>

#include "store/query.h"
#include "store/sqlite_handle.h"
#include "store/sqlite_source_row.h"

/* One row of the table, or what is to be added to it. */
struct sender_sum {
	guint32 domain;
	guint32 sender;
	enum class class;
	gint64 addresses[N_WINDOWS];
	struct totals totals[N_WINDOWS];
};

struct sender_sums;

struct sender_sums *sender_sums_new(void);
void sender_sums_free(struct sender_sums *sums);
typedef struct sender_sums sender_sums_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sender_sums_auto, sender_sums_free)

/* All sources of an address (0: without one) come (sign 1) or go (-1). rows: struct source_row. */
void sender_sums_move(struct sender_sums *sums, guint32 address, const GArray *rows, int sign);

gboolean sender_sums_write(struct sender_sums *sums, struct db *db, GError **error);

/* The columns that sender_sum_read() expects, from first on. FALSE where the row is damaged. */
#define SENDER_SUM_COLUMNS "domain_id, class, sender, n_7d, n_30d, n_90d, n_all, body"
gboolean sender_sum_read(sqlite3_stmt *statement, struct sender_sum *ret_sum);

#endif
