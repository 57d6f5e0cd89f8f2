/* SPDX-License-Identifier: MIT */
/*
 * sqlite_document.h - store one document that is no aggregate report: identity, row, domains, and
 * for TLS reports their sessions and raw bytes.
 */
#ifndef STORE_SQLITE_DOCUMENT_H
#define STORE_SQLITE_DOCUMENT_H

#include <glib.h>

#include "core/document.h"
#include "core/message.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_handle.h"

struct document_writer {
	struct db *db;
	struct dictionaries *dictionaries;
	gint64 now; /* Unix seconds */
};

/* The mail that brought it. */
struct document_arrival {
	gint64 id;
	gint64 received_at;
};

/*
 * Store document. ret_outcome: STORED, REVISION or DUPLICATE; ret_id: its id, or that of the
 * document it repeats, 0 where that one is forgotten.
 */
gboolean document_write(struct document_writer *writer, const struct document *document,
			const struct document_arrival *arrival, enum outcome *ret_outcome,
			gint64 *ret_id, GError **error);

#endif
