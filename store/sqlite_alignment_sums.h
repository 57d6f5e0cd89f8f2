/* SPDX-License-Identifier: MIT */
/*
 * sqlite_alignment_sums.h - the table alignment_sum: messages of the sources of a domain by enum
 * alignment, collected while sources are made anew or change their class.
 */
#ifndef STORE_SQLITE_ALIGNMENT_SUMS_H
#define STORE_SQLITE_ALIGNMENT_SUMS_H

#include <glib.h>

#include "store/sqlite_handle.h"
#include "store/sqlite_source_row.h"

struct alignment_sums;

struct alignment_sums *alignment_sums_new(void);
void alignment_sums_free(struct alignment_sums *sums);

/* A source comes (sign 1) or goes (-1). What is collected is written where it has become much. */
gboolean alignment_sums_add(struct alignment_sums *sums, struct db *db, guint32 address,
			    const struct source_row *row, int sign, GError **error);
gboolean alignment_sums_write(struct alignment_sums *sums, struct db *db, GError **error);

#endif
