/* SPDX-License-Identifier: MIT */
/*
 * sqlite_report.h - store one document: its identity, its row, its records, its raw bytes.
 */
#ifndef STORE_SQLITE_REPORT_H
#define STORE_SQLITE_REPORT_H

#include <glib.h>

#include "core/document.h"
#include "core/message.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_document.h"
#include "store/sqlite_handle.h"
#include "store/sqlite_rollup.h"
#include "store/sqlite_row_reader.h"

struct report_writer {
	struct db *db;
	struct dictionaries *dictionaries;
	struct rollup *rollup;
	const struct store_judge *judge;
	struct row_reader *reader;
};

/*
 * Store document, which came with the mail of this arrival. ret_outcome: STORED, REVISION or
 * DUPLICATE; ret_report: its id, or that of the report it repeats.
 */
gboolean report_write(struct report_writer *writer, const struct document *document,
		      const struct document_arrival *arrival, enum outcome *ret_outcome,
		      gint64 *ret_report, GError **error);

#endif
