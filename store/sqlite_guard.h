/* SPDX-License-Identifier: MIT */
/*
 * sqlite_guard.h - what the guards of the takedown list are asked about an address, and what they
 * say of its sources.
 */
#ifndef STORE_SQLITE_GUARD_H
#define STORE_SQLITE_GUARD_H

#include <glib.h>

#include "core/suspect.h"
#include "store/judge.h"
#include "store/sqlite_context.h"

struct guarded_address {
	guint32 id;
	enum reach reach;
	gint64 last_day; /* of all windows */
};

/* Append a struct suspect_source for each of rows, which are all sources of the address. */
gboolean guards_suspect(struct contexts *contexts, const struct guarded_address *address,
			const GArray *rows, GArray *sources, GError **error);

/* Fill in the guard of each of rows, from their verdicts and facts, which are in the same order. */
void guards_settle(const struct store_judge *judge, const struct guarded_address *address,
		   GArray *rows, const struct facts *facts);

#endif
