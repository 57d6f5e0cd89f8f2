/* SPDX-License-Identifier: MIT */
/*
 * reread.h - read a mail again that could not be read before (after an upgrade, or with new
 * limits).
 */
#ifndef APP_REREAD_H
#define APP_REREAD_H

#include <glib.h>

/*
 * Parse the kept mail of this id again and submit it, see store_submit_kept(). store: a struct
 * store *, as the web server's hook data. FALSE and error where it still cannot be read whole; then
 * it stays kept, with the new reason.
 */
gboolean reread_kept(gpointer store, gint64 kept_id, GError **error);

#endif
