/* SPDX-License-Identifier: MIT */
/*
 * sqlite_recall.h - read stored records again as the judge read them when they came: rollups are
 * made anew from records, which keep words and no readings.
 */
#ifndef STORE_SQLITE_RECALL_H
#define STORE_SQLITE_RECALL_H

#include <glib.h>

#include "store/pack.h"
#include "store/sqlite_handle.h"
#include "store/sqlite_row_reader.h"

struct recall;

/* For the records of one report about domain (a name). NULL and error on failure. */
struct recall *recall_new(struct db *db, struct row_reader *reader, guint32 domain, GError **error);
void recall_free(struct recall *recall);
typedef struct recall recall_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(recall_auto, recall_free)

/* Fill in what row_reader_read() fills in. */
gboolean recall_record(struct recall *recall, struct stored_record *stored, GError **error);

#endif
