/* SPDX-License-Identifier: MIT */
/*
 * sqlite_ledger.h - every mail that came in, what became of it, and the bytes of those that could
 * not be read.
 */
#ifndef STORE_SQLITE_LEDGER_H
#define STORE_SQLITE_LEDGER_H

#include <glib.h>

#include "core/message.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_handle.h"

struct ledger {
	struct db *db;
	struct dictionaries *dictionaries;
};

/* A row for the mail; its outcome follows by ledger_close(). */
gboolean ledger_open(struct ledger *ledger, const struct message *message, gint64 *ret_arrival,
		     GError **error);

struct ledger_outcome {
	enum outcome outcome;
	const char *reason;
	gint64 report;   /* the first one that it brought or repeated, 0 = none */
	gint64 document; /* the same of the other kinds */
};
gboolean ledger_close(struct ledger *ledger, const struct message *message, gint64 arrival,
		      const struct ledger_outcome *outcome, GError **error);

/* Keep the bytes of a mail with the reason; the same bytes once. */
gboolean ledger_keep(struct ledger *ledger, const struct message *message, const char *reason,
		     GError **error);

#endif
