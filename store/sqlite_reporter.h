/* SPDX-License-Identifier: MIT */
/*
 * sqlite_reporter.h - what reports sum up to by reporter: counted as they come, and made into what
 * pages show when rollups are settled.
 *
 * All functions run inside a write transaction of the caller.
 */
#ifndef STORE_SQLITE_REPORTER_H
#define STORE_SQLITE_REPORTER_H

#include <glib.h>

#include "core/document.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_translate.h"

/* A counted report came. */
gboolean reporter_count(struct dictionaries *dictionaries, const struct document *document,
			const struct report_row *row, GError **error);

/* The last day of all windows is another one. */
gboolean reporters_mark(struct db *db, gint64 before, gint64 last_day, GError **error);

/* Make anew what is marked. */
gboolean reporters_settle(struct db *db, gint64 last_day, GError **error);

/* Writer's edits: count what is sent with a voice, or no longer unless it is established by itself.
 * INVALID where there is no such voice. */
struct voice_edit {
	const char *voice;
	gboolean is_approved;
};
gboolean voice_approve(struct db *db, gpointer data, GError **error);

#endif
