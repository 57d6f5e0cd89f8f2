/* SPDX-License-Identifier: MIT */
/*
 * sqlite_settle.h - make the sources of an address anew from its days, and judge them.
 *
 * A source row is a pure function of its rows in source_day, of state.last_day and of the judge.
 * What hangs on it (sums of days and windows by class, for a domain and for all) moves with it, so
 * that these hold after every transaction:
 *   domain_day(D, day, c)   = the sum of source_day over sources of D whose class is c
 *   class_window(D, w, c)   = number and totals of the sources of D whose class is c
 *   domain_window(w, D)     = messages of the sources of D in w
 * Sources that were not settled yet count as CLASS_NONE, and in no window.
 *
 * All functions run inside a write transaction of the caller.
 */
#ifndef STORE_SQLITE_SETTLE_H
#define STORE_SQLITE_SETTLE_H

#include <glib.h>

#include "store/sqlite_handle.h"
#include "store/store.h"

/*
 * Move state.last_day on to the last day with mail that is not after today, mark the sources that
 * this changes, and settle every marked address (table unsettled).
 */
gboolean settle_all(struct db *db, store_judge_fn judge, gint64 today, GError **error);

/* Is an address marked, or a window to be moved? */
gboolean settle_is_due(struct db *db, gint64 today, gboolean *ret_is_due, GError **error);

#endif
