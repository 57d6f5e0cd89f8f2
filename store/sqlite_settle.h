/* SPDX-License-Identifier: MIT */
/*
 * sqlite_settle.h - make the sources of an address anew from its days, and judge them.
 *
 * A source row is a pure function of its rows in source_day, of state.last_day, of the other
 * sources of its domain and its sender (store/sqlite_context.h), and of the judge. What hangs on it
 * (sums of days and windows by class, for a domain and for all) moves with it, so that these hold
 * after every transaction:
 *   domain_day(D, day, c)   = the sum of source_day over sources of D whose class is c
 *   class_window(D, w, c)   = number and totals of the sources of D whose class is c
 *   domain_window(w, D)     = messages of the sources of D in w
 *   alignment_sum(D, c, x)  = messages of the last 30 days of the sources of D whose class is c, of
 *                             sender x or of all, by enum alignment
 *   sender_sum(D, c, s)     = addresses and totals, in each window, of the sources of D whose class
 *                             is c and whose sender is s
 * Sources that were not settled yet count as CLASS_NONE, and in no window.
 *
 * All functions run inside a write transaction of the caller.
 */
#ifndef STORE_SQLITE_SETTLE_H
#define STORE_SQLITE_SETTLE_H

#include <glib.h>

#include "store/judge.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_handle.h"

/*
 * Move state.last_day on to the last day with mail that is not after today, mark the sources that
 * this changes, settle every marked address (table unsettled), and judge again what that changes
 * for others (table unjudged).
 */
gboolean settle_all(struct dictionaries *dictionaries, const struct store_judge *judge,
		    gint64 today, GError **error);

/* What an address is known by has changed: it is to be settled. */
gboolean settle_mark(struct db *db, guint32 address, GError **error);

/* Is an address marked, or a window to be moved? */
gboolean settle_is_due(struct db *db, gint64 today, gboolean *ret_is_due, GError **error);

#endif
