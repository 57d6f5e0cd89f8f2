/* SPDX-License-Identifier: MIT */
/*
 * sqlite_bulk.h - the ordered indexes of sources and senders, for the time of a bulk load: where
 * most sources are made anew, making the indexes anew is cheaper than keeping them.
 */
#ifndef STORE_SQLITE_BULK_H
#define STORE_SQLITE_BULK_H

#include <glib.h>

#include "store/sqlite_handle.h"

/* Run work in the transaction of the caller, without the indexes where that is cheaper. */
gboolean bulk_run(struct db *db, gboolean (*work)(gpointer data, GError **error), gpointer data,
		  GError **error);

#endif
