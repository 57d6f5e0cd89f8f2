/* SPDX-License-Identifier: MIT */
/* The side of store/change_store.h that people see: lists, counts, mutes, visits. */
#include "core/change_list.h"
#include "core/error.h"
#include "store/change_store.h"
#include "store/sqlite_view.h"
#include "store/store_private.h"

#define DAY_S     86400
#define MUTES_MAX 1000

/* --- Lists --- */

static void
query_change_free(gpointer data)
{
	struct query_change *row = data;

	g_free(row->change);
	g_free(row->key);
	g_free(row);
}

/*
 * Lines by day, from the newest on. ?1 domain or NULL, ?2 rule or 0, ?3 since, ?4 and ?5 the line
 * before the first.
 */
#define LINES_WHERE                                                                                \
	"WHERE c.day >= ?3 AND (?1 IS NULL OR c.domain = ?1) AND (?2 = 0 OR c.rule = ?2) AND NOT " \
	"EXISTS (SELECT 1 FROM change_mute m WHERE m.key = c.mute_key) AND NOT EXISTS (SELECT 1 "  \
	"FROM change_mute m WHERE m.key = c.network_key) "

static sqlite3_stmt *
bind_question(sqlite3_stmt *statement, const struct change_question *question)
{
	db_bind(statement, "0ii", (gint64)question->rule, question->since);
	if (question->domain)
		sqlite3_bind_text(statement, 1, question->domain, -1, SQLITE_STATIC);
	return statement;
}

static struct query_change *
read_line(sqlite3_stmt *statement)
{
	gint64 n_sources = sqlite3_column_int64(statement, 18);
	struct change change = {
		.day = sqlite3_column_int64(statement, 1),
		.domain = db_peek_text(statement, 4),
		.object = db_peek_text(statement, 5),
		.part = db_peek_text(statement, 6),
		.was = db_peek_text(statement, 7),
		.is = db_peek_text(statement, 8),
		.class = (enum class)sqlite3_column_int(statement, 9),
	};

	/* Of a newer dmarcd that went back to this one. */
	if (!change_kind_parse(db_peek_text(statement, 3), &change.kind))
		return NULL;
	for (int i = 0; i < CHANGE_NUMBERS_MAX; i++)
		change.numbers[i] =
			(struct change_number){ sqlite3_column_int64(statement, 10 + 2 * i),
						sqlite3_column_int64(statement, 11 + 2 * i) };
	if (n_sources > 1)
		change = change_network(&change, sqlite3_column_int64(statement, 19), n_sources);
	struct query_change *row = g_new0(struct query_change, 1);
	row->change = change_copy(&change);
	row->key = db_text(statement, 0);
	row->first_told_at = sqlite3_column_int64(statement, 20);
	return row;
}

/* "DAY.LINE"; lines are hex digits, hyphens and letters. FALSE without error where there is none.
 */
static gboolean
read_cursor(const char *after, gint64 *ret_day, const char **ret_line, GError **error)
{
	const char *dot = after ? strchr(after, '.') : NULL;
	g_autofree char *day = dot ? g_strndup(after, (gsize)(dot - after)) : NULL;

	if (!after)
		return FALSE;
	if (!day || !g_ascii_string_to_signed(day, 10, G_MININT32, G_MAXINT32, ret_day, NULL)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is no place in this list; start again without \"after\"",
			    after);
		return FALSE;
	}
	*ret_line = dot + 1;
	return TRUE;
}

static gboolean
read_lines(struct store_view *view, sqlite3_stmt *statement, guint limit, struct query_page *page,
	   GError **error)
{
	g_autofree char *last = NULL;
	guint n = 0;
	enum db_row row;

	while ((row = db_step(view_db(view), statement, error)) == DB_ROW) {
		if (n++ == limit) {
			page->next = g_steal_pointer(&last);
			sqlite3_reset(statement);
			return TRUE;
		}
		struct query_change *line = read_line(statement);
		g_free(last);
		last = g_strdup_printf("%" G_GINT64_FORMAT ".%s",
				       (gint64)sqlite3_column_int64(statement, 1),
				       db_peek_text(statement, 2));
		if (line)
			g_ptr_array_add(page->rows, line);
	}
	return row == DB_DONE;
}

struct query_page *
query_changes(struct store_view *view, const struct change_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(query_change_free);
	g_autoptr(GError) failure = NULL;
	gint64 day = G_MAXINT32;
	const char *line = "";
	/* Sums end before they can overflow. */
	sqlite3_stmt *statement = db_prepare(
		view_db(view),
		"SELECT min(c.key), c.day, c.line, c.kind, c.domain, c.object, c.part, c.before, "
		"c.after, c.class, c.n_1, c.of_1, c.n_2, c.of_2, c.n_3, c.of_3, c.n_4, c.of_4, "
		"count(*), sum(min(c.n_1, 1000000000000000)), max(c.first_told_at) FROM change "
		"c " LINES_WHERE "AND (c.day, c.line) < (?4, ?5) GROUP BY c.day, c.line "
		"ORDER BY c.day DESC, c.line DESC LIMIT ?6",
		error);

	if (!read_cursor(question->after, &day, &line, &failure) && failure) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	if (!statement)
		return NULL;
	bind_question(statement, question);
	sqlite3_bind_int64(statement, 4, day);
	sqlite3_bind_text(statement, 5, line, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 6, (gint64)question->limit + 1);
	if (!read_lines(view, statement, question->limit, page, error))
		return NULL;
	return g_steal_pointer(&page);
}

gboolean
query_change_count(struct store_view *view, const struct change_question *question,
		   gint64 told_after, gint64 *ret_n, GError **error)
{
	struct db *db = view_db(view);
	/* Nothing is told before its day, so that whoever never looked has no more to count. */
	gint64 after = MAX(told_after, question->since * DAY_S - 1);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT count(*) FROM (SELECT DISTINCT c.day, c.line FROM change c "
		"INDEXED BY change_told " LINES_WHERE "AND c.first_told_at > ?4 LIMIT ?5)",
		error);

	if (!statement)
		return FALSE;
	bind_question(statement, question);
	sqlite3_bind_int64(statement, 4, after);
	sqlite3_bind_int64(statement, 5, CHANGE_COUNT_MAX);
	return db_number(db, statement, 0, ret_n, error);
}

/* --- Visits --- */

struct visit_edit {
	const char *user;
	gint64 now;
};

static gboolean
keep_visit(struct db *db, gpointer data, GError **error)
{
	const struct visit_edit *edit = data;
	sqlite3_stmt *statement = db_prepare(db,
					     "INSERT INTO change_visit VALUES (?, ?) ON CONFLICT "
					     "DO UPDATE SET seen_at = excluded.seen_at",
					     error);

	return statement && db_run(db, db_bind(statement, "ti", edit->user, edit->now), error);
}

gboolean
store_edit_change_visit(struct store *store, const char *user, GError **error)
{
	struct visit_edit edit = { user, store_now(store) };

	return store_edit(store, keep_visit, &edit, error);
}

gboolean
query_change_visit(struct store_view *view, const char *user, gint64 *ret_seen_at, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT seen_at FROM change_visit WHERE user = ?", error);

	return statement && db_number(db, db_bind(statement, "t", user), 0, ret_seen_at, error);
}

/* --- Mutes --- */

struct mute_edit {
	const struct change_mute *mute;
	gint64 now;
};

static gboolean
has_changed(struct db *db, const char *what, GError **error)
{
	if (sqlite3_changes(db->handle) > 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "there is no such %s", what);
	return FALSE;
}

static gboolean
keep_mute(struct db *db, gpointer data, GError **error)
{
	const struct mute_edit *edit = data;
	const struct change_mute *mute = edit->mute;
	sqlite3_stmt *one = db_prepare(
		db,
		"INSERT INTO change_mute SELECT mute_key, kind, domain, object, part, ?2, ?3 FROM "
		"change WHERE key = ?1 ON CONFLICT DO UPDATE SET author = author",
		error);
	sqlite3_stmt *network = db_prepare(
		db,
		"INSERT INTO change_mute SELECT network_key, ?4, domain, after, '', ?2, ?3 FROM "
		"change WHERE key = ?1 AND network_key <> '' ON CONFLICT DO UPDATE SET author = "
		"author",
		error);

	if (!one || !network)
		return FALSE;
	if (mute->want_network)
		db_bind(network, "ttit", mute->key, mute->author, edit->now,
			change_kinds[CHANGE_NETWORK_NEW].name);
	else
		db_bind(one, "tti", mute->key, mute->author, edit->now);
	return db_run(db, mute->want_network ? network : one, error) &&
	       has_changed(db, "change", error);
}

gboolean
store_edit_change_mute(struct store *store, const struct change_mute *mute, GError **error)
{
	struct mute_edit edit = { mute, store_now(store) };

	return store_edit(store, keep_mute, &edit, error);
}

static gboolean
end_mute(struct db *db, gpointer data, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "DELETE FROM change_mute WHERE key = ?", error);

	return statement && db_run(db, db_bind(statement, "t", (const char *)data), error) &&
	       has_changed(db, "mute", error);
}

gboolean
store_edit_change_unmute(struct store *store, const char *key, GError **error)
{
	g_autofree char *copy = g_strdup(key);

	return store_edit(store, end_mute, copy, error);
}

static void
mute_free(gpointer data)
{
	struct query_change_mute *mute = data;

	g_free(mute->key);
	g_free(mute->change);
	g_free(mute->author);
	g_free(mute);
}

GPtrArray *
query_change_mutes(struct store_view *view, GError **error)
{
	g_autoptr(GPtrArray) mutes = g_ptr_array_new_with_free_func(mute_free);
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT key, kind, domain, object, part, author, made_at FROM change_mute ORDER BY "
		"made_at DESC, key LIMIT ?",
		error);

	if (!statement)
		return NULL;
	db_bind(statement, "i", (gint64)MUTES_MAX);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct change change = { .domain = db_peek_text(statement, 2),
					 .object = db_peek_text(statement, 3),
					 .part = db_peek_text(statement, 4) };
		if (!change_kind_parse(db_peek_text(statement, 1), &change.kind))
			continue;
		struct query_change_mute *mute = g_new0(struct query_change_mute, 1);
		mute->key = db_text(statement, 0);
		mute->change = change_copy(&change);
		mute->author = db_text(statement, 5);
		mute->made_at = sqlite3_column_int64(statement, 6);
		g_ptr_array_add(mutes, mute);
	}
	return row == DB_DONE ? g_steal_pointer(&mutes) : NULL;
}
