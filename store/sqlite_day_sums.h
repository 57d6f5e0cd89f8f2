/* SPDX-License-Identifier: MIT */
/*
 * sqlite_day_sums.h - changes to domain_day, collected and written in one go.
 *
 * Each change counts for its domain and for all domains together (domain 0).
 */
#ifndef STORE_SQLITE_DAY_SUMS_H
#define STORE_SQLITE_DAY_SUMS_H

#include <glib.h>

#include "store/sqlite_handle.h"

struct day_sums;

struct day_sums *day_sums_new(void);
void day_sums_free(struct day_sums *sums);
typedef struct day_sums day_sums_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(day_sums_auto, day_sums_free)

void day_sums_add(struct day_sums *sums, guint32 domain, gint64 day, enum class class,
		  const struct totals *totals);

/* The same days belong to another class now. */
void day_sums_move(struct day_sums *sums, guint32 domain, gint64 day, const enum class class[2],
		   const struct totals *totals);

/* Add what was collected to the table, and forget it. */
gboolean day_sums_write(struct day_sums *sums, struct db *db, GError **error);

#endif
