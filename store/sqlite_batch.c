/* SPDX-License-Identifier: MIT */
#include "store/sqlite_batch.h"

#include "core/error.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_document.h"
#include "store/sqlite_ledger.h"
#include "store/sqlite_report.h"
#include "store/sqlite_rollup.h"
#include "store/sqlite_settle.h"

#define DAY_S 86400

struct batch {
	struct db *db;
	struct dictionaries *dictionaries;
	struct rollup *rollup;
	struct ledger ledger;
	struct report_writer reports;
	struct document_writer documents;
};

void
batch_mail_clear(struct batch_mail *mail)
{
	g_clear_pointer(&mail->parsed, parsed_free);
	g_clear_pointer(&mail->reason, g_free);
	g_clear_pointer(&mail->outcome_reason, g_free);
}

void
batch_mail_refuse(struct batch_mail *mail, const char *reason)
{
	g_clear_pointer(&mail->parsed, parsed_free);
	g_free(mail->reason);
	mail->reason = g_strdup(reason);
}

struct batch *
batch_new(struct db *db, store_judge_fn judge)
{
	struct batch *batch = g_new0(struct batch, 1);

	batch->db = db;
	batch->dictionaries = dictionaries_new(db);
	batch->rollup = rollup_new(db, judge);
	batch->ledger = (struct ledger){ db, batch->dictionaries };
	batch->reports = (struct report_writer){ db, batch->dictionaries, batch->rollup };
	batch->documents = (struct document_writer){ db, batch->dictionaries, 0 };
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (!batch)
		return;
	rollup_free(batch->rollup);
	dictionaries_free(batch->dictionaries);
	g_free(batch);
}

void
batch_rollback(struct batch *batch)
{
	db_rollback(batch->db);
	dictionaries_forget(batch->dictionaries);
	rollup_forget(batch->rollup);
}

gboolean
batch_begin(struct batch *batch, gint64 now, GError **error)
{
	batch->documents.now = now;
	if (!db_begin(batch->db, error))
		return FALSE;
	if (rollup_start(batch->rollup, error))
		return TRUE;
	batch_rollback(batch);
	return FALSE;
}

static gboolean
add_document(struct batch *batch, const struct document *document,
	     const struct document_arrival *arrival, struct ledger_outcome *outcome, GError **error)
{
	gboolean is_report = document->kind == DOCUMENT_AGGREGATE;
	enum outcome what;
	gint64 id;

	if (is_report ? !report_write(&batch->reports, document, arrival->id, &what, &id, error)
		      : !document_write(&batch->documents, document, arrival, &what, &id, error))
		return FALSE;
	/* The mail has the outcome that comes first in the order of enum outcome. */
	outcome->outcome = MIN(outcome->outcome, what);
	gint64 *first = is_report ? &outcome->report : &outcome->document;
	if (*first == 0)
		*first = id;
	return TRUE;
}

static gboolean
add_documents(struct batch *batch, const struct batch_mail *mail,
	      const struct document_arrival *arrival, struct ledger_outcome *outcome,
	      GError **error)
{
	for (guint i = 0; mail->parsed && i < mail->parsed->documents->len; i++)
		if (!add_document(batch, g_ptr_array_index(mail->parsed->documents, i), arrival,
				  outcome, error))
			return FALSE;
	return TRUE;
}

static gboolean
has_faults(const struct batch_mail *mail)
{
	return !mail->parsed || mail->parsed->faults->len > 0;
}

static char *
reason_of(const struct batch_mail *mail)
{
	if (!mail->parsed)
		return g_strdup(mail->reason);
	if (mail->parsed->faults->len > 0)
		return parsed_reason(mail->parsed);
	gboolean is_ignored = mail->parsed->documents->len == 0;
	return g_strdup(is_ignored && mail->parsed->note ? mail->parsed->note : "");
}

gboolean
batch_add(struct batch *batch, struct batch_mail *mail, GError **error)
{
	struct document_arrival arrival = { .received_at = mail->message->received_at };
	struct ledger_outcome outcome = {
		.outcome = has_faults(mail) ? OUTCOME_QUARANTINED : OUTCOME_IGNORED,
	};

	g_free(mail->outcome_reason);
	mail->outcome_reason = reason_of(mail);
	if (!ledger_open(&batch->ledger, mail->message, &arrival.id, error) ||
	    !add_documents(batch, mail, &arrival, &outcome, error))
		return FALSE;
	if (has_faults(mail) &&
	    !ledger_keep(&batch->ledger, mail->message, mail->outcome_reason, error))
		return FALSE;
	mail->outcome = outcome.outcome;
	outcome.reason = mail->outcome_reason;
	return ledger_close(&batch->ledger, mail->message, arrival.id, &outcome, error);
}

gboolean
batch_commit(struct batch *batch, gint64 today, GError **error)
{
	if (rollup_finish(batch->rollup, today, error) &&
	    db_do(batch->db, "UPDATE state SET version = version + 1", error) &&
	    db_commit(batch->db, error))
		return TRUE;
	batch_rollback(batch);
	return FALSE;
}

gboolean
batch_catch_up(struct batch *batch, gint64 today, GError **error)
{
	if (!batch_begin(batch, today * DAY_S, error))
		return FALSE;
	if (rollup_catch_up(batch->rollup, today, error) &&
	    db_do(batch->db, "UPDATE state SET version = version + 1", error) &&
	    db_commit(batch->db, error)) {
		rollup_unlock(batch->rollup);
		return TRUE;
	}
	batch_rollback(batch);
	return FALSE;
}

gboolean
batch_is_lagging(const struct batch *batch)
{
	return rollup_is_lagging(batch->rollup);
}

gboolean
batch_is_catch_up_due(struct batch *batch, gint64 today, gboolean *ret_is_due, GError **error)
{
	gint64 is_pending;
	sqlite3_stmt *statement =
		db_prepare(batch->db, "SELECT EXISTS (SELECT 1 FROM pending)", error);

	if (!statement || !db_number(batch->db, statement, 0, &is_pending, error) ||
	    !settle_is_due(batch->db, today, ret_is_due, error))
		return FALSE;
	/* Pending reports of another process are its own to catch up with, while it lives. */
	*ret_is_due = *ret_is_due || batch_is_lagging(batch) || is_pending != 0;
	return TRUE;
}
