/* SPDX-License-Identifier: MIT */
/*
 * sqlite_rejudge.h - mark everything to be judged again, see store_edit_rejudge().
 */
#ifndef STORE_SQLITE_REJUDGE_H
#define STORE_SQLITE_REJUDGE_H

#include <glib.h>

#include "store/sqlite_handle.h"

/* In a transaction of the caller; no data. */
gboolean rejudge_mark(struct db *db, gpointer data, GError **error);

#endif
