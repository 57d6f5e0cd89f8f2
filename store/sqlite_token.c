/* SPDX-License-Identifier: MIT */
#include "store/sqlite_token.h"

#include "core/error.h"
#include "store/sqlite_view.h"

gboolean
token_add(struct db *db, gpointer data, GError **error)
{
	const struct token_edit *edit = data;
	sqlite3_stmt *statement = db_prepare(
		db, "INSERT INTO token VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ttii", edit->name, edit->digest, (gint64)edit->rights, edit->now);
	if (!db_run(db, statement, error))
		return FALSE;
	if (sqlite3_changes(db->handle) > 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "there is a token \"%s\" already; revoke it first, or take another name",
		    edit->name);
	return FALSE;
}

gboolean
token_revoke(struct db *db, gpointer data, GError **error)
{
	const struct token_edit *edit = data;
	sqlite3_stmt *statement = db_prepare(db, "DELETE FROM token WHERE name = ?", error);

	if (!statement || !db_run(db, db_bind(statement, "t", edit->name), error))
		return FALSE;
	if (sqlite3_changes(db->handle) > 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "there is no token \"%s\"",
		    edit->name);
	return FALSE;
}

gboolean
query_token(struct store_view *view, const char *name, char **ret_digest, guint *ret_rights,
	    GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT token_hash, rights FROM token WHERE name = ?", error);

	if (!statement)
		return FALSE;
	*ret_digest = NULL;
	*ret_rights = 0;
	enum db_row row = db_step(db, db_bind(statement, "t", name), error);
	if (row == DB_ROW) {
		*ret_digest = db_text(statement, 0);
		*ret_rights = (guint)sqlite3_column_int64(statement, 1);
		sqlite3_reset(statement);
	}
	return row != DB_FAILED;
}

static void
token_free(gpointer data)
{
	struct query_token *token = data;

	g_free(token->name);
	g_free(token);
}

GPtrArray *
query_tokens(struct store_view *view, GError **error)
{
	g_autoptr(GPtrArray) tokens = g_ptr_array_new_with_free_func(token_free);
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT name, rights, made_at FROM token ORDER BY name", error);

	if (!statement)
		return NULL;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct query_token *token = g_new0(struct query_token, 1);
		token->name = db_text(statement, 0);
		token->rights = (guint)sqlite3_column_int64(statement, 1);
		token->made_at = sqlite3_column_int64(statement, 2);
		g_ptr_array_add(tokens, token);
	}
	return row == DB_DONE ? g_steal_pointer(&tokens) : NULL;
}
