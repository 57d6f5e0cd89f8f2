/* SPDX-License-Identifier: MIT */
/*
 * sqlite_batch.h - one transaction of the writer: mails with their documents, ledger and rollups.
 */
#ifndef STORE_SQLITE_BATCH_H
#define STORE_SQLITE_BATCH_H

#include <glib.h>

#include "core/document.h"
#include "core/message.h"
#include "store/sqlite_handle.h"
#include "store/store.h"

struct batch;

/* A mail on its way into the store. Owns parsed and the reasons, not the message. */
struct batch_mail {
	struct message *message;
	struct parsed *parsed; /* NULL: parsing was given up, reason says why */
	char *reason;
	const char *code; /* FAULT_*, where parsed is NULL */
	gint64 kept_id;   /* where these are the bytes of a kept mail that is read again, else 0 */
	enum outcome outcome; /* filled by batch_add() */
	char *outcome_reason;
};
void batch_mail_clear(struct batch_mail *mail);

/* What the database does not accept is kept as it came, with the reason. */
void batch_mail_refuse(struct batch_mail *mail, const char *reason);

struct batch *batch_new(struct db *db, const struct store_judge *judge);
void batch_free(struct batch *batch);

/* now: Unix seconds. */
gboolean batch_begin(struct batch *batch, gint64 now, GError **error);

/*
 * Add one mail. FALSE means that the whole batch has to be rolled back; with LIMIT it was this mail
 * that the database does not accept.
 */
gboolean batch_add(struct batch *batch, struct batch_mail *mail, GError **error);

/* Commit; on failure everything is rolled back. */
gboolean batch_commit(struct batch *batch, gint64 today, GError **error);
void batch_rollback(struct batch *batch);

/* Bring the rollups up to date, in a transaction of its own. */
gboolean batch_catch_up(struct batch *batch, gint64 today, GError **error);
gboolean batch_is_catch_up_due(struct batch *batch, gint64 today, gboolean *ret_is_due,
			       GError **error);
gboolean batch_is_lagging(const struct batch *batch);

#endif
