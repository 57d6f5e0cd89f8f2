/* SPDX-License-Identifier: MIT */
/* Sets of authentication results and of override reasons, as text that pages show. */
#include "store/pack.h"
#include "store/sqlite_view.h"

struct auth {
	enum auth_kind kind;
	guint32 domain;
	guint32 selector;
	guint32 scope;
	guint32 result;
	guint32 human_result;
};

/* before, the name, after; nothing where the name is "". */
static void
append_word(struct store_view *view, guint32 name, const char *before, const char *after,
	    GString *out)
{
	const char *text = view_peek_name(view, name);

	if (*text)
		g_string_append_printf(out, "%s%s%s", before, text, after);
}

static void
append_auth(struct store_view *view, const struct auth *auth, GString *out)
{
	const char *result = view_peek_name(view, auth->result);

	g_string_append(out, *result ? result : "no result");
	append_word(view, auth->domain, " ", "", out);
	append_word(view, auth->selector, " ", "", out);
	append_word(view, auth->scope, " (", ")", out);
}

/* The statement that reads a set, standing on its row; NULL where there is none. */
static sqlite3_stmt *
read_set(struct db *db, const char *sql, gint64 id, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	if (!statement || db_step(db, db_bind(statement, "i", id), error) != DB_ROW)
		return NULL;
	return statement;
}

/* Copies the set's bytes, since the names in it are asked for meanwhile. */
static GByteArray *
read_body(struct db *db, const char *sql, gint64 id, GError **error)
{
	GByteArray *body = g_byte_array_new();
	sqlite3_stmt *statement = read_set(db, sql, id, error);

	if (statement) {
		g_byte_array_append(body, sqlite3_column_blob(statement, 0),
				    (guint)sqlite3_column_bytes(statement, 0));
		sqlite3_reset(statement);
	}
	return body;
}

static gboolean
next_auth(struct unpack *in, struct auth *ret_auth)
{
	if (unpack_at_end(in))
		return FALSE;
	ret_auth->kind = (enum auth_kind)unpack_id(in);
	ret_auth->domain = unpack_id(in);
	ret_auth->selector = unpack_id(in);
	ret_auth->scope = unpack_id(in);
	ret_auth->result = unpack_id(in);
	ret_auth->human_result = unpack_id(in);
	return TRUE;
}

static gboolean
end_auth(struct store_view *view, const struct unpack *in, gint64 auth_set, GError **error)
{
	return !in->is_broken ||
	       db_fail_damaged(view_db(view), "authentication results", auth_set, error);
}

static gboolean
end_reasons(struct store_view *view, const struct unpack *in, gint64 reason_set, GError **error)
{
	return !in->is_broken ||
	       db_fail_damaged(view_db(view), "override reasons", reason_set, error);
}

#define AUTH_SQL   "SELECT body FROM auth_set WHERE id = ?"
#define REASON_SQL "SELECT body FROM reason_set WHERE id = ?"

gboolean
view_append_auth(struct store_view *view, gint64 auth_set, enum view_results which, GString *out,
		 GError **error)
{
	enum auth_kind kind = which == VIEW_DKIM ? AUTH_DKIM : AUTH_SPF;
	gsize start = out->len;
	g_autoptr(GByteArray) body = read_body(view_db(view), AUTH_SQL, auth_set, error);
	struct unpack in = { body->data, body->data + body->len, FALSE };
	struct auth auth;

	while (next_auth(&in, &auth)) {
		if (auth.kind != kind)
			continue;
		if (out->len > start)
			g_string_append(out, "; ");
		append_auth(view, &auth, out);
	}
	return end_auth(view, &in, auth_set, error);
}

gboolean
view_append_reasons(struct store_view *view, gint64 reason_set, GString *out, GError **error)
{
	gsize start = out->len;
	g_autoptr(GByteArray) body = read_body(view_db(view), REASON_SQL, reason_set, error);
	struct unpack in = { body->data, body->data + body->len, FALSE };

	while (!unpack_at_end(&in)) {
		guint32 type = unpack_id(&in);
		guint32 comment = unpack_id(&in);
		if (out->len > start)
			g_string_append(out, "; ");
		const char *word = view_peek_name(view, type);
		g_string_append(out, *word ? word : "no type");
		append_word(view, comment, ": ", "", out);
	}
	return end_reasons(view, &in, reason_set, error);
}

static void
join(struct store_view *view, guint32 name, gboolean is_first, GString *column)
{
	g_string_append_printf(column, "%s%s", is_first ? "" : ",", view_peek_name(view, name));
}

gboolean
view_split_auth(struct store_view *view, gint64 auth_set, GString *const *columns, GError **error)
{
	g_autoptr(GByteArray) body = read_body(view_db(view), AUTH_SQL, auth_set, error);
	struct unpack in = { body->data, body->data + body->len, FALSE };
	guint n_dkim = 0;
	guint n_spf = 0;
	struct auth auth;

	while (next_auth(&in, &auth)) {
		if (auth.kind == AUTH_DKIM) {
			join(view, auth.domain, n_dkim == 0, columns[RECORD_DKIM_DOMAINS]);
			join(view, auth.selector, n_dkim == 0, columns[RECORD_DKIM_SELECTORS]);
			join(view, auth.result, n_dkim == 0, columns[RECORD_DKIM_RESULTS]);
			n_dkim++;
		} else {
			join(view, auth.domain, n_spf == 0, columns[RECORD_SPF_DOMAINS]);
			join(view, auth.scope, n_spf == 0, columns[RECORD_SPF_SCOPES]);
			join(view, auth.result, n_spf == 0, columns[RECORD_SPF_RESULTS]);
			n_spf++;
		}
	}
	return end_auth(view, &in, auth_set, error);
}

gboolean
view_split_reasons(struct store_view *view, gint64 reason_set, GString *const *columns,
		   GError **error)
{
	g_autoptr(GByteArray) body = read_body(view_db(view), REASON_SQL, reason_set, error);
	struct unpack in = { body->data, body->data + body->len, FALSE };

	for (guint n = 0; !unpack_at_end(&in); n++) {
		join(view, unpack_id(&in), n == 0, columns[RECORD_REASON_TYPES]);
		join(view, unpack_id(&in), n == 0, columns[RECORD_REASON_COMMENTS]);
	}
	return end_reasons(view, &in, reason_set, error);
}
