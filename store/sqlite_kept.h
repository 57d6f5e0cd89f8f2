/* SPDX-License-Identifier: MIT */
/*
 * sqlite_kept.h - single look-ups outside pages: handled mails, and unreadable ones that are kept.
 */
#ifndef STORE_SQLITE_KEPT_H
#define STORE_SQLITE_KEPT_H

#include <glib.h>

#include "store/sqlite_handle.h"
#include "store/store.h"

gboolean kept_find_handled(struct db *db, const char *intake, const char *unique_name,
			   gboolean *ret_is_handled, enum outcome *ret_outcome, GError **error);

/* NULL and INVALID where there is none of this id. */
struct store_kept *kept_get(struct db *db, gint64 id, GError **error);
gboolean kept_drop(struct db *db, gint64 id, GError **error);
gboolean kept_set_reason(struct db *db, gint64 id, const char *reason, GError **error);

#endif
