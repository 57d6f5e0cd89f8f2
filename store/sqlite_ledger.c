/* SPDX-License-Identifier: MIT */
#include "store/sqlite_ledger.h"

#include "core/compress.h"
#include "store/reason.h"

#define DIGEST_LEN 32
#define CAUSES_MAX 1000

static gboolean
intake_id(struct ledger *ledger, const struct message *message, guint32 *ret_id, GError **error)
{
	return dictionary_text(ledger->dictionaries, DICTIONARY_NAME, message->intake, ret_id,
			       error);
}

gboolean
ledger_open(struct ledger *ledger, const struct message *message, struct ledger_entry *ret_entry,
	    GError **error)
{
	guint32 intake;
	sqlite3_stmt *statement =
		db_prepare(ledger->db,
			   "INSERT INTO arrival (received_at, intake, outcome, locator, reason) "
			   "VALUES (?, ?, ?, ?, '')",
			   error);

	if (!statement || !intake_id(ledger, message, &intake, error))
		return FALSE;
	db_bind(statement, "iiit", message->received_at, (gint64)intake, (gint64)OUTCOME_RETRY,
		message->locator);
	if (!db_run(ledger->db, statement, error))
		return FALSE;
	*ret_entry = (struct ledger_entry){
		.arrival = sqlite3_last_insert_rowid(ledger->db->handle),
		.received_at = message->received_at,
		.outcome = OUTCOME_RETRY,
	};
	return TRUE;
}

gboolean
ledger_find_kept(struct ledger *ledger, gint64 kept, GArray *entries, GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(ledger->db,
					     "SELECT id, received_at, outcome, cause FROM arrival "
					     "WHERE kept = ? ORDER BY id",
					     error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", kept);
	while ((row = db_step(ledger->db, statement, error)) == DB_ROW) {
		const struct ledger_entry entry = {
			.arrival = sqlite3_column_int64(statement, 0),
			.received_at = sqlite3_column_int64(statement, 1),
			.outcome = (enum outcome)sqlite3_column_int(statement, 2),
			.cause = sqlite3_column_int64(statement, 3),
		};
		g_array_append_val(entries, entry);
	}
	return row == DB_DONE;
}

/* --- Counts --- */

static gboolean
run_for(struct ledger *ledger, const char *sql, gint64 number, GError **error)
{
	sqlite3_stmt *statement = db_prepare(ledger->db, sql, error);

	return statement && db_run(ledger->db, db_bind(statement, "i", number), error);
}

static gboolean
count_outcome(struct ledger *ledger, enum outcome outcome, GError **error)
{
	return run_for(ledger,
		       "INSERT INTO arrival_count VALUES (?, 1) "
		       "ON CONFLICT DO UPDATE SET arrivals = arrivals + 1",
		       (gint64)outcome, error);
}

gboolean
ledger_withdraw(struct ledger *ledger, const struct ledger_entry *entry, GError **error)
{
	return run_for(ledger, "UPDATE arrival_count SET arrivals = arrivals - 1 WHERE outcome = ?",
		       (gint64)entry->outcome, error) &&
	       run_for(ledger, "UPDATE cause SET arrivals = arrivals - 1 WHERE id = ?",
		       entry->cause, error) &&
	       run_for(ledger, "DELETE FROM cause WHERE id = ? AND arrivals = 0", entry->cause,
		       error) &&
	       run_for(ledger, "DELETE FROM arrival_part WHERE arrival_id = ?", entry->arrival,
		       error);
}

/* Beyond CAUSES_MAX different ones, new ones are counted by their code alone. */
static gboolean
count_cause(struct ledger *ledger, const struct ledger_entry *entry,
	    const struct ledger_outcome *outcome, gint64 *ret_cause, GError **error)
{
	g_autofree char *pattern = reason_pattern(outcome->reason);
	sqlite3_stmt *statement = db_prepare(
		ledger->db,
		"INSERT INTO cause (outcome, code, text, arrivals, last_at) SELECT ?1, ?2, "
		"iif(EXISTS (SELECT 1 FROM cause WHERE outcome = ?1 AND code = ?2 AND text = ?3) "
		"OR (SELECT count(*) FROM cause) < ?5, ?3, ''), 1, ?4 WHERE TRUE ON CONFLICT DO "
		"UPDATE SET arrivals = arrivals + 1, last_at = max(last_at, excluded.last_at) "
		"RETURNING id",
		error);

	*ret_cause = 0;
	if (!*outcome->code)
		return TRUE;
	if (!statement)
		return FALSE;
	db_bind(statement, "ittii", (gint64)outcome->outcome, outcome->code, pattern,
		entry->received_at, (gint64)CAUSES_MAX);
	if (!db_number(ledger->db, statement, 0, ret_cause, error))
		return FALSE;
	/* What cannot be read is a fault of all domains together. */
	return outcome->outcome != OUTCOME_QUARANTINED ||
	       db_do(ledger->db, "UPDATE change_look SET due = due + 1 WHERE domain_id = 0", error);
}

gboolean
ledger_remember(struct ledger *ledger, const struct message *message, enum outcome outcome,
		GError **error)
{
	guint32 intake;
	sqlite3_stmt *statement =
		db_prepare(ledger->db, "INSERT OR REPLACE INTO handled VALUES (?, ?, ?)", error);

	if (!message->unique_name)
		return TRUE;
	if (!statement || !intake_id(ledger, message, &intake, error))
		return FALSE;
	db_bind(statement, "iti", (gint64)intake, message->unique_name, (gint64)outcome);
	return db_run(ledger->db, statement, error);
}

gboolean
ledger_close(struct ledger *ledger, const struct ledger_entry *entry,
	     const struct ledger_outcome *outcome, GError **error)
{
	gint64 cause;
	sqlite3_stmt *statement =
		db_prepare(ledger->db,
			   "UPDATE arrival SET outcome = ?, reason = ?, report = nullif(?, 0), "
			   "document = nullif(?, 0), cause = nullif(?, 0), kept = nullif(?, 0) "
			   "WHERE id = ?",
			   error);

	if (!statement || !count_cause(ledger, entry, outcome, &cause, error))
		return FALSE;
	db_bind(statement, "itiiiii", (gint64)outcome->outcome, outcome->reason, outcome->report,
		outcome->document, cause, outcome->kept, entry->arrival);
	return db_run(ledger->db, statement, error) &&
	       count_outcome(ledger, outcome->outcome, error) &&
	       run_for(ledger, "UPDATE state SET last_received_at = max(last_received_at, ?)",
		       entry->received_at, error);
}

gboolean
ledger_add_parts(struct ledger *ledger, const struct ledger_entry *entry, const GArray *parts,
		 GError **error)
{
	for (guint i = 0; i < parts->len; i++) {
		const struct ledger_part *part = &g_array_index(parts, struct ledger_part, i);
		sqlite3_stmt *statement =
			db_prepare(ledger->db,
				   "INSERT INTO arrival_part VALUES (?, ?, ?, nullif(?, -1), ?, ?, "
				   "?, nullif(?, 0))",
				   error);
		if (!statement)
			return FALSE;
		db_bind(statement, "iitiitti", entry->arrival, (gint64)i + 1, part->part,
			part->kind, (gint64)part->outcome, part->code, part->reason, part->id);
		if (!db_run(ledger->db, statement, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
ledger_keep(struct ledger *ledger, const struct message *message, const char *reason,
	    gint64 *ret_kept, GError **error)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(message->bytes, &len);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(GBytes) packed = compress_pack(message->bytes);
	guint8 digest[DIGEST_LEN];
	gsize digest_len = sizeof(digest);
	guint32 intake;
	sqlite3_stmt *statement = db_prepare(
		ledger->db,
		"INSERT INTO kept (sha256, first_at, last_at, arrivals, size, intake, locator, "
		"reason, bytes) VALUES (?1, ?2, ?2, 1, ?3, ?4, ?5, ?6, ?7) "
		"ON CONFLICT DO UPDATE SET last_at = excluded.last_at, arrivals = arrivals + 1, "
		"reason = excluded.reason RETURNING id",
		error);

	if (!statement || !intake_id(ledger, message, &intake, error))
		return FALSE;
	g_checksum_update(sum, data, (gssize)len);
	g_checksum_get_digest(sum, digest, &digest_len);
	db_bind(statement, "biiittb", digest, (int)digest_len, message->received_at, (gint64)len,
		(gint64)intake, message->locator, reason, g_bytes_get_data(packed, NULL),
		(int)g_bytes_get_size(packed));
	return db_number(ledger->db, statement, 0, ret_kept, error);
}
