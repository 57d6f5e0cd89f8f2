/* SPDX-License-Identifier: MIT */
/*
 * store_private.h - what the rest of the store folder knows of an open store.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include "store/store.h"

const char *store_path(const struct store *store);

/* Unix seconds, or the clock's replacement in tests. */
gint64 store_now(const struct store *store);

#endif
