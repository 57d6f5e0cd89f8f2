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
	enum reach reach;
};

/* Messages come (sign 1) or go (-1), for the domain and for all domains. */
void window_sums_totals(struct window_sums *sums, const struct window_place *place,
			const struct totals *totals, int sign);

/* A source comes or goes. is_first_of_address: an address counts once in a class of all domains. */
void window_sums_source(struct window_sums *sums, const struct window_place *place,
			gboolean is_first_of_address, int sign);

gboolean window_sums_write(struct window_sums *sums, struct db *db, GError **error);

#endif
