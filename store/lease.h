/* SPDX-License-Identifier: MIT */
/*
 * lease.h - of all dmarcd that use a store, one at a time does a thing, such as reading a mailbox.
 *
 * The system takes a lease back when its holder ends, however it ends, so that the next one need
 * wait for no time-out.
 *
 * Threads: any. Owner of a lease: who took it; it may be given back in any thread.
 */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include <glib.h>

#include "store/store.h"

struct lease;

/*
 * Take the lease of a thing that is named by any text. FALSE where that cannot be asked (DENIED).
 * *ret_lease is NULL where another one holds it, be it in this process.
 */
gboolean lease_take(const struct store *store, const char *thing, struct lease **ret_lease,
		    GError **error);

/* NULL is fine. */
void lease_give_back(struct lease *lease);

#endif
