/* SPDX-License-Identifier: MIT */
/*
 * sqlite_override.h - which overrides reporters send: messages by party and kind, collected in
 * memory beside the sums of sources and written with them.
 */
#ifndef STORE_SQLITE_OVERRIDE_H
#define STORE_SQLITE_OVERRIDE_H

#include <glib.h>

#include "store/query.h"
#include "store/query_reporters.h"
#include "store/sqlite_handle.h"

struct override_sums;

struct override_sums *override_sums_new(void);
void override_sums_free(struct override_sums *sums);
void override_sums_forget(struct override_sums *sums);

/* The records (struct stored_record) of one report of party come (sign 1) or go (-1). */
gboolean override_sums_add(struct override_sums *sums, struct db *db, guint32 party,
			   const GArray *records, int sign, GError **error);

gboolean override_sums_write(struct override_sums *sums, struct db *db, GError **error);

#endif
