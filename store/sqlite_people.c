/* SPDX-License-Identifier: MIT */
#include "store/sqlite_people.h"

#include "core/error.h"
#include "store/sqlite_view.h"

/* RIGHTS_ALL, which a new user has. */
#define ALL "11"
G_STATIC_ASSERT(RIGHTS_ALL == 11);

static gboolean
run_edit(struct db *db, const char *sql, const struct people_edit *edit, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	if (!statement)
		return FALSE;
	db_bind(statement, "tti", edit->key, edit->value ? edit->value : "", edit->expires_at);
	return db_run(db, statement, error);
}

gboolean
people_set_user(struct db *db, gpointer data, GError **error)
{
	/* Who changes a password wants to be rid of whoever got in with the old one. */
	return run_edit(db,
			"INSERT INTO user (name, password_hash, rights) VALUES (?1, ?2, " ALL ") "
			"ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash",
			data, error) &&
	       run_edit(db, "DELETE FROM session WHERE user = ?1", data, error);
}

gboolean
people_set_rights(struct db *db, gpointer data, GError **error)
{
	const struct people_edit *edit = data;
	sqlite3_stmt *statement =
		db_prepare(db, "UPDATE user SET rights = ?2 WHERE name = ?1", error);

	if (!statement ||
	    !db_run(db, db_bind(statement, "ti", edit->key, (gint64)edit->rights), error))
		return FALSE;
	if (sqlite3_changes(db->handle) > 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "there is no user \"%s\"",
		    edit->key);
	return FALSE;
}

gboolean
people_set_session(struct db *db, gpointer data, GError **error)
{
	return run_edit(db, "INSERT OR REPLACE INTO session VALUES (?1, ?2, ?3)", data, error);
}

gboolean
people_end_session(struct db *db, gpointer data, GError **error)
{
	return run_edit(db, "DELETE FROM session WHERE token_hash = ?1", data, error);
}

/* Who has a link may be nobody yet: the user is made without a password. */
gboolean
people_set_login_link(struct db *db, gpointer data, GError **error)
{
	return run_edit(db,
			"INSERT INTO user (name, password_hash, rights) VALUES (?2, '', " ALL ") "
			"ON CONFLICT DO NOTHING",
			data, error) &&
	       run_edit(db, "INSERT OR REPLACE INTO login_link VALUES (?1, ?2, ?3)", data, error);
}

gboolean
people_use_login_link(struct db *db, gpointer data, GError **error)
{
	struct people_edit *edit = data;
	sqlite3_stmt *statement = db_prepare(db,
					     "DELETE FROM login_link WHERE token_hash = ? "
					     "RETURNING user, expires_at",
					     error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "t", edit->key), error);
	if (row == DB_ROW && sqlite3_column_int64(statement, 1) > edit->now)
		edit->found = db_text(statement, 0);
	return row == DB_DONE || (row == DB_ROW && db_run(db, statement, error));
}

static char *
ask_text(struct db *db, sqlite3_stmt *statement, GError **error)
{
	char *text = NULL;

	if (db_step(db, statement, error) == DB_ROW)
		text = db_text(statement, 0);
	sqlite3_reset(statement);
	return text;
}

char *
query_password_hash(struct store_view *view, const char *user, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT password_hash FROM user WHERE name = ?", error);

	return statement ? ask_text(db, db_bind(statement, "t", user), error) : NULL;
}

char *
query_session_user(struct store_view *view, const char *token_hash, gint64 now, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT user FROM session WHERE token_hash = ? AND expires_at > ?", error);

	return statement ? ask_text(db, db_bind(statement, "ti", token_hash, now), error) : NULL;
}

gboolean
query_user_rights(struct store_view *view, const char *user, guint *ret_rights, GError **error)
{
	struct db *db = view_db(view);
	gint64 rights = 0;
	sqlite3_stmt *statement = db_prepare(db, "SELECT rights FROM user WHERE name = ?", error);

	if (!statement || !db_number(db, db_bind(statement, "t", user), 0, &rights, error))
		return FALSE;
	*ret_rights = (guint)rights;
	return TRUE;
}

gboolean
query_has_users(struct store_view *view, GError **error)
{
	struct db *db = view_db(view);
	gint64 is_there = 0;
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT EXISTS (SELECT 1 FROM user WHERE password_hash <> '')", error);

	return statement && db_number(db, statement, 0, &is_there, error) && is_there != 0;
}
