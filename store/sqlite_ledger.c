/* SPDX-License-Identifier: MIT */
#include "store/sqlite_ledger.h"

#include "core/compress.h"

#define DIGEST_LEN 32

static gboolean
intake_id(struct ledger *ledger, const struct message *message, guint32 *ret_id, GError **error)
{
	return dictionary_text(ledger->dictionaries, DICTIONARY_NAME, message->intake, ret_id,
			       error);
}

gboolean
ledger_open(struct ledger *ledger, const struct message *message, gint64 *ret_arrival,
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
	*ret_arrival = sqlite3_last_insert_rowid(ledger->db->handle);
	return TRUE;
}

static gboolean
count_outcome(struct ledger *ledger, enum outcome outcome, GError **error)
{
	sqlite3_stmt *statement = db_prepare(ledger->db,
					     "INSERT INTO arrival_count VALUES (?, 1) "
					     "ON CONFLICT DO UPDATE SET arrivals = arrivals + 1",
					     error);

	return statement && db_run(ledger->db, db_bind(statement, "i", (gint64)outcome), error);
}

static gboolean
remember_handled(struct ledger *ledger, const struct message *message, enum outcome outcome,
		 GError **error)
{
	guint32 intake;
	sqlite3_stmt *statement =
		db_prepare(ledger->db, "INSERT OR REPLACE INTO handled VALUES (?, ?, ?)", error);

	if (!statement || !intake_id(ledger, message, &intake, error))
		return FALSE;
	db_bind(statement, "iti", (gint64)intake, message->unique_name, (gint64)outcome);
	return db_run(ledger->db, statement, error);
}

static gboolean
touch_state(struct ledger *ledger, const struct message *message, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		ledger->db, "UPDATE state SET last_received_at = max(last_received_at, ?)", error);

	return statement &&
	       db_run(ledger->db, db_bind(statement, "i", message->received_at), error);
}

gboolean
ledger_close(struct ledger *ledger, const struct message *message, gint64 arrival,
	     const struct ledger_outcome *outcome, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		ledger->db,
		"UPDATE arrival SET outcome = ?, reason = ?, report = nullif(?, 0), document = "
		"nullif(?, 0) WHERE id = ?",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "itiii", (gint64)outcome->outcome, outcome->reason, outcome->report,
		outcome->document, arrival);
	return db_run(ledger->db, statement, error) &&
	       count_outcome(ledger, outcome->outcome, error) &&
	       touch_state(ledger, message, error) &&
	       (!message->unique_name ||
		remember_handled(ledger, message, outcome->outcome, error));
}

gboolean
ledger_keep(struct ledger *ledger, const struct message *message, const char *reason,
	    GError **error)
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
		"reason = excluded.reason",
		error);

	if (!statement || !intake_id(ledger, message, &intake, error))
		return FALSE;
	g_checksum_update(sum, data, (gssize)len);
	g_checksum_get_digest(sum, digest, &digest_len);
	db_bind(statement, "biiittb", digest, (int)digest_len, message->received_at, (gint64)len,
		(gint64)intake, message->locator, reason, g_bytes_get_data(packed, NULL),
		(int)g_bytes_get_size(packed));
	return db_run(ledger->db, statement, error);
}
