/* SPDX-License-Identifier: MIT */
/*
 * sqlite_window_sums.h - changes to class_window and domain_window, collected and written at once.
 */
#ifndef STORE_SQLITE_WINDOW_SUMS_H
#define STORE_SQLITE_WINDOW_SUMS_H

#include <glib.h>

#include "store/query.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_handle.h"

struct window_sums;

struct window_sums *window_sums_new(void);
void window_sums_free(struct window_sums *sums);
typedef struct window_sums window_sums_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(window_sums_auto, window_sums_free)

/* Where a source counts. */
struct window_place {
	guint32 domain;
	enum window window;
	enum class class;
	guint8 guard;
	enum reach reach;
};

/*
 * A source's messages come (sign 1) or go (-1), for the domain and for all domains, and the source
 * with them; first: NULL where it has no address, and so is none. Of all domains an address counts
 * once in a class, and once in a class behind a guard: whether this is its first source there.
 */
struct window_first {
	gboolean in_class;
	gboolean behind_guard;
};
void window_sums_move(struct window_sums *sums, const struct window_place *place,
		      const struct totals *totals, const struct window_first *first, int sign);

gboolean window_sums_write(struct window_sums *sums, struct db *db, GError **error);

#endif
