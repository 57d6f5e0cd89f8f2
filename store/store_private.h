/* SPDX-License-Identifier: MIT */
/*
 * store_private.h - what the rest of the store folder knows of an open store.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include "store/store.h"
#include "store/writer.h"

const char *store_path(const struct store *store);

/* Unix seconds, or the clock's replacement in tests. */
gint64 store_now(const struct store *store);

/* Run edit in the writer's thread, see writer_edit(). DENIED where the store is read only. */
gboolean store_edit(struct store *store, writer_edit_fn edit, gpointer data, GError **error);

#endif
