/* SPDX-License-Identifier: MIT */
#include "store/sqlite_view.h"

#include "core/error.h"
#include "store/store_private.h"

/* Names that a view remembers; beyond, it starts anew. */
#define NAMES_MAX 50000

struct store_view {
	struct db *db;
	struct store *store;
	GHashTable *names; /* id -> char * */
};

static const char *const window_names[N_WINDOWS] = {
	[WINDOW_7D] = "7d",
	[WINDOW_30D] = "30d",
	[WINDOW_90D] = "90d",
	[WINDOW_ALL] = "all",
};

const char *
window_name(enum window window)
{
	return window_names[window];
}

gboolean
window_parse(const char *name, enum window *ret_window)
{
	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
		if (g_str_equal(name, window_names[w])) {
			*ret_window = w;
			return TRUE;
		}
	}
	return FALSE;
}

struct store_view *
store_view_open(struct store *store, GError **error)
{
	struct db *db = db_open(store_path(store), DB_READ, error);
	if (!db)
		return NULL;
	struct store_view *view = g_new0(struct store_view, 1);

	view->db = db;
	view->store = store;
	view->names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return view;
}

void
store_view_close(struct store_view *view)
{
	if (!view)
		return;
	g_hash_table_unref(view->names);
	db_close(view->db);
	g_free(view);
}

struct db *
view_db(struct store_view *view)
{
	db_set_question(view->db, "a question");
	return view->db;
}

const char *
view_path(struct store_view *view)
{
	return store_path(view->store);
}

gint64
view_now(struct store_view *view)
{
	return store_now(view->store);
}

const struct store_judge *
view_judge(struct store_view *view)
{
	return store_judge(view->store);
}

gboolean
view_address(struct store_view *view, const struct ip *ip, gint64 *ret_id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(db, "SELECT id FROM address WHERE ip = ?", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "b", ip->bytes, (int)sizeof(ip->bytes));
	return db_number(db, statement, 0, ret_id, error);
}

gint64
store_view_version(struct store_view *view)
{
	gint64 version = 0;
	sqlite3_stmt *statement = db_prepare(view->db, "SELECT version FROM state", NULL);

	if (statement)
		db_number(view->db, statement, 0, &version, NULL);
	return version;
}

gboolean
view_domain(struct store_view *view, const char *domain, gint64 *ret_id, GError **error)
{
	*ret_id = 0;
	if (!domain)
		return TRUE;
	sqlite3_stmt *statement = db_prepare(
		view->db, "SELECT d.id FROM name n JOIN domain d ON d.id = n.id WHERE n.text = ?",
		error);
	return statement && db_number(view->db, db_bind(statement, "t", domain), -1, ret_id, error);
}

gboolean
view_any_domain(struct store_view *view, const char *domain, gint64 *ret_id, GError **error)
{
	*ret_id = 0;
	if (!domain)
		return TRUE;
	sqlite3_stmt *statement = db_prepare(view->db, "SELECT id FROM name WHERE text = ?", error);
	return statement && db_number(view->db, db_bind(statement, "t", domain), -1, ret_id, error);
}

gboolean
view_last_day(struct store_view *view, gint64 *ret_day, GError **error)
{
	sqlite3_stmt *statement = db_prepare(view->db, "SELECT last_day FROM state", error);

	return statement && db_number(view->db, statement, 0, ret_day, error);
}

static char *
read_text(struct store_view *view, const char *sql, gint64 id)
{
	sqlite3_stmt *statement = db_prepare(view->db, sql, NULL);
	char *text = NULL;

	if (statement && db_step(view->db, db_bind(statement, "i", id), NULL) == DB_ROW)
		text = db_text(statement, 0);
	if (statement)
		sqlite3_reset(statement);
	return text ? text : g_strdup("");
}

const char *
view_peek_name(struct store_view *view, gint64 id)
{
	char *text = g_hash_table_lookup(view->names, GSIZE_TO_POINTER((gsize)id));

	if (text)
		return text;
	if (g_hash_table_size(view->names) >= NAMES_MAX)
		g_hash_table_remove_all(view->names);
	text = read_text(view, "SELECT text FROM name WHERE id = ?", id);
	g_hash_table_insert(view->names, GSIZE_TO_POINTER((gsize)id), text);
	return text;
}

char *
view_name(struct store_view *view, gint64 id)
{
	return g_strdup(view_peek_name(view, id));
}

char *
view_reporter(struct store_view *view, gint64 id)
{
	return read_text(view, "SELECT text FROM reporter WHERE id = ?", id);
}

struct query_page *
view_page_new(GDestroyNotify free_row)
{
	struct query_page *page = g_new0(struct query_page, 1);

	page->rows = g_ptr_array_new_with_free_func(free_row);
	return page;
}

void
query_page_free(struct query_page *page)
{
	if (!page)
		return;
	g_ptr_array_unref(page->rows);
	g_free(page->next);
	g_free(page);
}

gboolean
view_cursor_read(const char *after, gint64 *numbers, guint n, GError **error)
{
	if (!after)
		return FALSE;
	g_auto(GStrv) parts = g_strsplit(after, "-", (gint)n + 1);
	gboolean is_good = g_strv_length(parts) == n;

	for (guint i = 0; is_good && i < n; i++)
		is_good = g_ascii_string_to_signed(parts[i], 10, 0, G_MAXINT64, &numbers[i], NULL);
	if (!is_good)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is no place in this list; start again without \"after\"",
			    after);
	return is_good;
}

char *
view_cursor_write(const gint64 *numbers, guint n)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < n; i++)
		g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i ? "-" : "", numbers[i]);
	return g_string_free(text, FALSE);
}
