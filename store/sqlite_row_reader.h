/* SPDX-License-Identifier: MIT */
/*
 * sqlite_row_reader.h - what records say (store/judge.h), as the store's ids.
 *
 * Most records say what others of their domain said before: combinations that were read are kept,
 * as far as a ceiling, until the transaction that named their ids is rolled back.
 */
#ifndef STORE_SQLITE_ROW_READER_H
#define STORE_SQLITE_ROW_READER_H

#include <glib.h>

#include "store/judge.h"
#include "store/pack.h"
#include "store/sqlite_dictionary.h"

struct row_reader;

struct row_reader *row_reader_new(const struct store_judge *judge,
				  struct dictionaries *dictionaries);
void row_reader_free(struct row_reader *reader);
typedef struct row_reader row_reader_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(row_reader_auto, row_reader_free)

/* Drop what is kept, since ids may have been rolled back. */
void row_reader_forget(struct row_reader *reader);

/* A record of a report about domain, a name of the store. */
struct row_question {
	guint32 domain;
	const struct report *report;
	const struct record *record;
};

/* Fill is_forwarded to signatures of stored, whose ids and results are those of the record. */
gboolean row_reader_read(struct row_reader *reader, const struct row_question *question,
			 struct stored_record *stored, GError **error);

#endif
