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

/* Members of struct lookup_hooks; data is a struct lookup_store. */
void lookup_store_next(gpointer data, struct lookup_round *round);
gboolean lookup_store_keep(gpointer data, const struct lookup_round *round, GError **error);
gboolean lookup_store_is_service(gpointer data, const char *domain);

#endif
