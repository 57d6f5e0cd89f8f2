/* SPDX-License-Identifier: MIT */
/*
 * reread.h - read a mail again that could not be read before (after an upgrade, or with new
 * limits).
 *
 * Threads: any.
 */
#ifndef APP_REREAD_H
#define APP_REREAD_H

#include <glib.h>

#include "ingest/worker_options.h"
#include "store/store.h"

struct reread;

/* Copies options. */
struct reread *reread_new(struct store *store, const struct worker_options *options);
void reread_set_options(struct reread *reread, const struct worker_options *options);
void reread_free(struct reread *reread);
typedef struct reread reread_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(reread_auto, reread_free)

/*
 * Parse the kept mail of this id again and submit it, see store_submit_kept(). data: a struct
 * reread *, as the web server's hook data. FALSE and error where it still cannot be read whole;
 * then it stays kept, with the new reason.
 */
gboolean reread_kept(gpointer data, gint64 kept_id, GError **error);

#endif
