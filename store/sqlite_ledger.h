/* SPDX-License-Identifier: MIT */
/*
 * sqlite_ledger.h - every mail that came in, what became of it and of its parts, and the bytes of
 * those that could not be read.
 *
 * Counts of outcomes and of causes are of arrivals: a mail that is read again is withdrawn first
 * and closed anew, so that it counts once whatever happens.
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

/* A mail in the ledger. */
struct ledger_entry {
	gint64 arrival;
	gint64 received_at;
	enum outcome outcome; /* OUTCOME_RETRY: not closed yet */
	gint64 cause;         /* 0 = none */
};

/* A row for the mail; its outcome follows by ledger_close(). */
gboolean ledger_open(struct ledger *ledger, const struct message *message,
		     struct ledger_entry *ret_entry, GError **error);

/* The mails with the bytes of this kept one: struct ledger_entry. */
gboolean ledger_find_kept(struct ledger *ledger, gint64 kept, GArray *entries, GError **error);

/* Take an entry out of all counts, and its parts away. */
gboolean ledger_withdraw(struct ledger *ledger, const struct ledger_entry *entry, GError **error);

struct ledger_outcome {
	enum outcome outcome;
	const char *code; /* "" where there is no reason */
	const char *reason;
	gint64 report;   /* the first one that it brought or repeated, 0 = none */
	gint64 document; /* the same of the other kinds */
	gint64 kept;     /* where its bytes are kept, 0 = they are not */
};
gboolean ledger_close(struct ledger *ledger, const struct ledger_entry *entry,
		      const struct ledger_outcome *outcome, GError **error);

/* What became of one part. */
struct ledger_part {
	const char *part;
	gint64 kind; /* enum document_kind, -1 = could not be read */
	enum outcome outcome;
	const char *code;
	const char *reason;
	gint64 id; /* of the report or document, 0 = none */
};
gboolean ledger_add_parts(struct ledger *ledger, const struct ledger_entry *entry,
			  const GArray *parts, GError **error);

/* The intake may ask for it again: see store_was_handled(). */
gboolean ledger_remember(struct ledger *ledger, const struct message *message, enum outcome outcome,
			 GError **error);

/* Keep the bytes of a mail with the reason; the same bytes once. */
gboolean ledger_keep(struct ledger *ledger, const struct message *message, const char *reason,
		     gint64 *ret_kept, GError **error);

#endif
