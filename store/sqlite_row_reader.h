/* SPDX-License-Identifier: MIT */
/*
 * sqlite_row_reader.h - what the records of one report say (store/judge.h), as the store's ids.
 *
 * Many records of a report say the same: each combination is read once.
 */
#ifndef STORE_SQLITE_ROW_READER_H
#define STORE_SQLITE_ROW_READER_H

#include <glib.h>

#include "store/judge.h"
#include "store/pack.h"
#include "store/sqlite_dictionary.h"

struct row_reader;

/* For the records of one report. */
struct row_reader *row_reader_new(const struct store_judge *judge,
				  struct dictionaries *dictionaries);
void row_reader_free(struct row_reader *reader);
typedef struct row_reader row_reader_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(row_reader_auto, row_reader_free)

/* Fill is_forwarded to signatures of stored. */
gboolean row_reader_read(struct row_reader *reader, const struct report *report,
			 const struct record *record, struct stored_record *stored, GError **error);

#endif
