/* SPDX-License-Identifier: MIT */
#include "store/sqlite_kept.h"

#include "core/compress.h"
#include "core/error.h"

/* Mails are bounded before they come here; this only stops a damaged row. */
#define KEPT_LEN_MAX (256 * 1024 * 1024)

gboolean
kept_find_handled(struct db *db, const char *intake, const char *unique_name,
		  gboolean *ret_is_handled, enum outcome *ret_outcome, GError **error)
{
	gint64 outcome;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT outcome FROM handled WHERE intake = (SELECT id FROM name WHERE text = ?) "
		"AND unique_name = ?",
		error);

	if (!statement ||
	    !db_number(db, db_bind(statement, "tt", intake, unique_name), -1, &outcome, error))
		return FALSE;
	*ret_is_handled = outcome >= 0;
	if (outcome >= 0)
		*ret_outcome = (enum outcome)outcome;
	return TRUE;
}

struct store_kept *
kept_get(struct db *db, gint64 id, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT n.text, k.locator, k.last_at, k.bytes FROM kept k "
			   "JOIN name n ON n.id = k.intake WHERE k.id = ?",
			   error);

	if (!statement)
		return NULL;
	enum db_row row = db_step(db, db_bind(statement, "i", id), error);
	if (row != DB_ROW) {
		if (row == DB_DONE)
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "no unreadable mail %" G_GINT64_FORMAT
				    " is kept; it may have been read meanwhile",
				    id);
		return NULL;
	}
	g_autoptr(GBytes) packed = db_blob(statement, 3);
	GBytes *bytes = compress_unpack(packed, KEPT_LEN_MAX, error);
	struct store_kept *kept = NULL;
	if (bytes) {
		kept = g_new0(struct store_kept, 1);
		kept->id = id;
		kept->bytes = bytes;
		kept->intake = db_text(statement, 0);
		kept->locator = db_text(statement, 1);
		kept->received_at = sqlite3_column_int64(statement, 2);
	}
	sqlite3_reset(statement);
	return kept;
}

void
store_kept_free(struct store_kept *kept)
{
	if (!kept)
		return;
	g_bytes_unref(kept->bytes);
	g_free(kept->intake);
	g_free(kept->locator);
	g_free(kept);
}

gboolean
kept_drop(struct db *db, gint64 id, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "DELETE FROM kept WHERE id = ?", error);

	if (!statement || !db_set_overwriting(db, TRUE, error))
		return FALSE;
	gboolean is_gone = db_run(db, db_bind(statement, "i", id), error);
	return db_set_overwriting(db, FALSE, is_gone ? error : NULL) && is_gone;
}

gboolean
kept_set_reason(struct db *db, gint64 id, const char *reason, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db, "UPDATE kept SET reason = ?2 WHERE id = ?1", error);

	return statement && db_run(db, db_bind(statement, "it", id, reason), error);
}
