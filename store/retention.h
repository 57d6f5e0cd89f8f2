/* SPDX-License-Identifier: MIT */
/*
 * retention.h - forget in time what holds other people's mail: failure samples, complaints, bounces
 * and unreadable mails.
 *
 * What is forgotten was counted and stays counted; that it is gone is counted as well. A forgotten
 * document that comes again is a duplicate. Days count from when it was stored.
 */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include <glib.h>

#include "store/store.h"

/* 0 keeps for ever. */
struct retention {
	gint64 failure_days;
	gint64 quarantine_days;
};

/*
 * Forget all that is older, in batches that the writer takes between mails. ret_forgotten may be
 * NULL. FALSE and error on failure; what was forgotten until then is.
 */
gboolean store_forget(struct store *store, const struct retention *retention, gint64 *ret_forgotten,
		      GError **error);

#endif
