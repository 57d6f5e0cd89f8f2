/* SPDX-License-Identifier: MIT */
/*
 * sqlite_last_day.h - state.last_day, with which all windows end: the last day with mail that is
 * not after today.
 */
#ifndef STORE_SQLITE_LAST_DAY_H
#define STORE_SQLITE_LAST_DAY_H

#include <glib.h>

#include "store/sqlite_handle.h"

/* What it is, and what it should be today. */
gboolean last_days_read(struct db *db, gint64 today, gint64 *ret_is, gint64 *ret_should_be,
			GError **error);

/* Move it there, and mark the sources and reporters that this changes. */
gboolean last_day_move(struct db *db, gint64 today, gint64 *ret_last_day, GError **error);

#endif
