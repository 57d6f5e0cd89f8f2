/* SPDX-License-Identifier: MIT */
/*
 * reread.h - read a mail again that could not be read before (after an upgrade, or with new
 * limits).
 */
#ifndef APP_REREAD_H
#define APP_REREAD_H

#include <glib.h>

/*
 * Parse the kept mail of this id again and submit it; forget the kept copy once it was read.
 * store: a struct store *, as the web server's hook data. FALSE and error where it still cannot
 * be read; then the kept copy stays.
 */
gboolean reread_kept(gpointer store, gint64 kept_id, GError **error);

#endif
