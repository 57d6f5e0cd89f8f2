/* SPDX-License-Identifier: MIT */
/*
 * sqlite_token.h - the tokens of programs, as edits of the writer.
 */
#ifndef STORE_SQLITE_TOKEN_H
#define STORE_SQLITE_TOKEN_H

#include <glib.h>

#include "store/sqlite_handle.h"

/* data of each edit below. */
struct token_edit {
	const char *name;
	const char *digest;
	guint rights;
	gint64 now;
};

gboolean token_add(struct db *db, gpointer data, GError **error);
gboolean token_revoke(struct db *db, gpointer data, GError **error);

#endif
