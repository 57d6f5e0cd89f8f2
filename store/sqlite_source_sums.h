/* SPDX-License-Identifier: MIT */
/*
 * sqlite_source_sums.h - everything that is summed over sources: collected while sources are made
 * anew or change their class, and written at once.
 */
#ifndef STORE_SQLITE_SOURCE_SUMS_H
#define STORE_SQLITE_SOURCE_SUMS_H

#include <glib.h>

#include "store/sqlite_dictionary.h"
#include "store/sqlite_source_row.h"

struct source_sums;

struct source_sums *source_sums_new(void);
void source_sums_free(struct source_sums *sums);
typedef struct source_sums source_sums_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(source_sums_auto, source_sums_free)

/* All sources of an address come (sign 1) or go (-1): in windows by class, and by
 * sender. */
void source_sums_windows(struct source_sums *sums, guint32 address, enum reach reach,
			 const GArray *rows, int sign);

/* The days of a source go from one class to another. */
void source_sums_days(struct source_sums *sums, guint32 domain, const struct source_days *days,
		      enum class from, enum class to);

/* A source comes or goes: its passes, by domain and by sender. */
void source_sums_passes(struct source_sums *sums, const struct source_row *row, int sign);

/* A source comes or goes: its messages by alignment, by class and by sender. */
gboolean source_sums_alignment(struct source_sums *sums, struct db *db, guint32 address,
			       const struct source_row *row, int sign, GError **error);

/* Write it all; mark the domains whose sources have to be judged again, and the senders where the
 * store has others than those that came and went. */
gboolean source_sums_write(struct source_sums *sums, struct db *db, const struct store_judge *judge,
			   gboolean has_others, GError **error);

#endif
