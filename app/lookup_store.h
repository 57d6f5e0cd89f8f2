/* SPDX-License-Identifier: MIT */
/*
 * lookup_store.h - look-ups (app/lookups.h) over the store: what is due, and where facts go.
 *
 * Threads: that of the look-ups.
 */
#ifndef APP_LOOKUP_STORE_H
#define APP_LOOKUP_STORE_H

#include "app/lookup_round.h"
#include "store/store.h"

struct lookup_store;

/* store outlives it. */
struct lookup_store *lookup_store_new(struct store *store);
void lookup_store_free(struct lookup_store *lookup_store);

/* Members of struct lookup_hooks, whose data it is. */
void lookup_store_next(gpointer lookup_store, struct lookup_round *round);
gboolean lookup_store_keep(gpointer lookup_store, const struct lookup_round *round, GError **error);
gboolean lookup_store_is_service(gpointer lookup_store, const char *domain);

#endif
