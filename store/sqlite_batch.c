/* SPDX-License-Identifier: MIT */
#include "store/sqlite_batch.h"

#include "store/reason.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_document.h"
#include "store/sqlite_kept.h"
#include "store/sqlite_ledger.h"
#include "store/sqlite_report.h"
#include "store/sqlite_rollup.h"
#include "store/sqlite_settle.h"

#define DAY_S 86400

struct batch {
	struct db *db;
	struct dictionaries *dictionaries;
	struct row_reader *reader;
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
	mail->code = FAULT_LIMIT;
}

struct batch *
batch_new(struct db *db, const struct store_judge *judge)
{
	struct batch *batch = g_new0(struct batch, 1);

	batch->db = db;
	batch->dictionaries = dictionaries_new(db);
	batch->reader = row_reader_new(judge, batch->dictionaries);
	batch->rollup = rollup_new(db, judge, batch->dictionaries);
	batch->ledger = (struct ledger){ db, batch->dictionaries };
	batch->reports = (struct report_writer){ db, batch->dictionaries, batch->rollup, judge,
						 batch->reader };
	batch->documents = (struct document_writer){ db, batch->dictionaries, 0 };
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (!batch)
		return;
	rollup_free(batch->rollup);
	row_reader_free(batch->reader);
	dictionaries_free(batch->dictionaries);
	g_free(batch);
}

void
batch_rollback(struct batch *batch)
{
	db_rollback(batch->db);
	dictionaries_forget(batch->dictionaries);
	row_reader_forget(batch->reader);
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

static const char *
code_of(const struct batch_mail *mail)
{
	if (!mail->parsed)
		return mail->code;
	if (mail->parsed->faults->len > 0)
		return g_array_index(mail->parsed->faults, struct fault, 0).code;
	return mail->parsed->documents->len == 0 ? reason_code_of_note(mail->parsed->note) : "";
}

static gboolean
add_document(struct batch *batch, const struct document *document, const struct ledger_entry *entry,
	     struct ledger_part *part, GError **error)
{
	const struct document_arrival arrival = { entry->arrival, entry->received_at };

	*part = (struct ledger_part){
		.part = document->part,
		.kind = (gint64)document->kind,
		.code = "",
		.reason = "",
	};
	if (document->kind == DOCUMENT_AGGREGATE)
		return report_write(&batch->reports, document, &arrival, &part->outcome, &part->id,
				    error);
	return document_write(&batch->documents, document, &arrival, &part->outcome, &part->id,
			      error);
}

static gboolean
add_documents(struct batch *batch, const struct batch_mail *mail, const struct ledger_entry *entry,
	      GArray *parts, GError **error)
{
	for (guint i = 0; mail->parsed && i < mail->parsed->documents->len; i++) {
		struct ledger_part part;
		if (!add_document(batch, g_ptr_array_index(mail->parsed->documents, i), entry,
				  &part, error))
			return FALSE;
		g_array_append_val(parts, part);
	}
	return TRUE;
}

/* The mail has the outcome that comes first in the order of enum outcome. */
static void
sum_up(const struct batch_mail *mail, GArray *parts, struct ledger_outcome *outcome)
{
	for (guint i = 0; i < parts->len; i++) {
		const struct ledger_part *part = &g_array_index(parts, struct ledger_part, i);
		gint64 *first =
			part->kind == DOCUMENT_AGGREGATE ? &outcome->report : &outcome->document;
		outcome->outcome = MIN(outcome->outcome, part->outcome);
		if (*first == 0)
			*first = part->id;
	}
	for (guint i = 0; mail->parsed && i < mail->parsed->faults->len; i++) {
		const struct fault *fault = &g_array_index(mail->parsed->faults, struct fault, i);
		const struct ledger_part part = {
			.part = fault->part,
			.kind = -1,
			.outcome = OUTCOME_QUARANTINED,
			.code = fault->code,
			.reason = fault->reason,
		};
		g_array_append_val(parts, part);
	}
}

/* Write what a mail brought, and close its entry. kept: where its bytes are, 0 = nowhere. */
static gboolean
enter(struct batch *batch, struct batch_mail *mail, const struct ledger_entry *entry, gint64 kept,
      GError **error)
{
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(struct ledger_part));
	/* What was read of it before stays read. */
	gboolean was_read = entry->outcome > OUTCOME_RETRY && entry->outcome < OUTCOME_QUARANTINED;
	struct ledger_outcome outcome = {
		.outcome = was_read           ? entry->outcome
			   : has_faults(mail) ? OUTCOME_QUARANTINED
					      : OUTCOME_IGNORED,
		.code = code_of(mail),
		.reason = mail->outcome_reason,
		.kept = kept,
	};

	if (!add_documents(batch, mail, entry, parts, error))
		return FALSE;
	sum_up(mail, parts, &outcome);
	mail->outcome = MIN(mail->outcome, outcome.outcome);
	gboolean has_parts = parts->len > 1 || (mail->parsed && mail->parsed->faults->len > 0);
	return (!has_parts || ledger_add_parts(&batch->ledger, entry, parts, error)) &&
	       ledger_close(&batch->ledger, entry, &outcome, error);
}

static gboolean
add_new(struct batch *batch, struct batch_mail *mail, GError **error)
{
	struct ledger_entry entry;
	gint64 kept = 0;

	if (has_faults(mail) &&
	    !ledger_keep(&batch->ledger, mail->message, mail->outcome_reason, &kept, error))
		return FALSE;
	if (!ledger_open(&batch->ledger, mail->message, &entry, error))
		return FALSE;
	if (mail->message->arrival)
		*mail->message->arrival = entry.arrival;
	return enter(batch, mail, &entry, kept, error) &&
	       ledger_remember(&batch->ledger, mail->message, mail->outcome, error);
}

/* Every mail with these bytes is withdrawn and entered anew: the first one brings what is in it. */
static gboolean
add_again(struct batch *batch, struct batch_mail *mail, GError **error)
{
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(struct ledger_entry));
	gboolean is_kept = has_faults(mail);

	if (!ledger_find_kept(&batch->ledger, mail->kept_id, entries, error))
		return FALSE;
	for (guint i = 0; i < entries->len; i++) {
		const struct ledger_entry *entry = &g_array_index(entries, struct ledger_entry, i);
		if (!ledger_withdraw(&batch->ledger, entry, error) ||
		    !enter(batch, mail, entry, is_kept ? mail->kept_id : 0, error))
			return FALSE;
	}
	return is_kept ? kept_set_reason(batch->db, mail->kept_id, mail->outcome_reason, error)
		       : kept_drop(batch->db, mail->kept_id, error);
}

gboolean
batch_add(struct batch *batch, struct batch_mail *mail, GError **error)
{
	g_free(mail->outcome_reason);
	mail->outcome_reason = reason_of(mail);
	mail->outcome = has_faults(mail) ? OUTCOME_QUARANTINED : OUTCOME_IGNORED;
	return mail->kept_id ? add_again(batch, mail, error) : add_new(batch, mail, error);
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
