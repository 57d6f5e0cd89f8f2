/* SPDX-License-Identifier: MIT */
/*
 * sqlite_forget.h - one bounded batch of what retention forgets, as an edit of the writer.
 */
#ifndef STORE_SQLITE_FORGET_H
#define STORE_SQLITE_FORGET_H

#include <glib.h>

#include "store/sqlite_handle.h"

#define FORGET_BATCH 200

enum forget_what {
	FORGET_FAILURES,
	FORGET_COMPLAINTS,
	FORGET_BOUNCES,
	FORGET_KEPT,
	N_FORGETS,
};

struct forget_edit {
	enum forget_what what;
	gint64 before; /* Unix seconds: what was stored, or last came in, earlier */
	gint64 n;      /* filled: how many were forgotten, at most FORGET_BATCH */
};

/* data: struct forget_edit *. */
gboolean forget_batch(struct db *db, gpointer data, GError **error);

#endif
