/* SPDX-License-Identifier: MIT */
/*
 * sqlite_tls.h - what a TLS report has beside its row: policies and failures with their sessions,
 * and its raw JSON.
 */
#ifndef STORE_SQLITE_TLS_H
#define STORE_SQLITE_TLS_H

#include <glib.h>

#include "core/document.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_handle.h"

gboolean tls_write(struct db *db, struct dictionaries *dictionaries,
		   const struct document *document, gint64 id, GError **error);

#endif
