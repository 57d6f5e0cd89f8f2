/* SPDX-License-Identifier: MIT */
/* All addresses, for export: what they sent over all domains, and the verdict that counts most. */
#include "store/sqlite_context.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

static void
address_free(gpointer data)
{
	struct query_address *address = data;

	g_free(address->domains);
	g_free(address->domain);
	g_free(address->sender);
	g_free(address);
}

/* Does the source say more of its address than the other? */
static gboolean
says_more(const struct source_row *row, const struct source_row *other)
{
	gboolean is_spoof = row->verdict.class == CLASS_UNAUTHORIZED;

	if (is_spoof != (other->verdict.class == CLASS_UNAUTHORIZED))
		return is_spoof;
	if (row->verdict.score != other->verdict.score)
		return row->verdict.score > other->verdict.score;
	return row->body.totals[WINDOW_ALL].messages > other->body.totals[WINDOW_ALL].messages;
}

static gboolean
take_name(struct contexts *contexts, guint32 id, char **ret_name, GError **error)
{
	const char *name = contexts_name(contexts, id, error);

	*ret_name = g_strdup(name);
	return name != NULL;
}

static gboolean
fill_verdict(struct contexts *contexts, guint32 id, const struct source_row *row,
	     struct query_address *address, GError **error)
{
	address->verdict = row->verdict;
	return take_name(contexts, row->domain, &address->domain, error) &&
	       take_name(contexts, row->sender, &address->sender, error) &&
	       contexts_facts(contexts, id, row, &address->facts, error);
}

static gboolean
fill_address(struct contexts *contexts, guint32 id, const GArray *rows,
	     struct query_address *address, GError **error)
{
	const struct source_row *main = &g_array_index(rows, struct source_row, 0);
	g_autoptr(GString) domains = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		const char *domain = contexts_name(contexts, row->domain, error);
		if (!domain)
			return FALSE;
		g_string_append_printf(domains, "%s%s", i > 0 ? ";" : "", domain);
		totals_add(&address->totals, &row->body.totals[WINDOW_ALL]);
		if (says_more(row, main))
			main = row;
	}
	address->domains = g_strdup(domains->str);
	return fill_verdict(contexts, id, main, address, error);
}

static gboolean
add_address(struct store_view *view, struct contexts *contexts, sqlite3_stmt *statement,
	    struct query_page *page, GError **error)
{
	g_autoptr(GArray) rows = source_rows_new();
	guint32 id = (guint32)sqlite3_column_int64(statement, 0);

	if (!source_rows_read(view_db(view), id, rows, error))
		return FALSE;
	if (rows->len == 0)
		return TRUE;
	struct query_address *address = g_new0(struct query_address, 1);
	g_ptr_array_add(page->rows, address);
	memcpy(&address->ip, sqlite3_column_blob(statement, 1), sizeof(address->ip));
	source_place_read(view, statement, 2, &address->place);
	return fill_address(contexts, id, rows, address, error);
}

struct query_page *
query_addresses(struct store_view *view, const char *after, guint limit, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(address_free);
	struct db *db = view_db(view);
	g_autoptr(contexts_auto) contexts = contexts_new(db, view_judge(view), view_now(view));
	gint64 last = 0;
	guint n = 0;
	enum db_row result = DB_DONE;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT a.id, a.ip, " PLACE_COLUMNS
		" FROM address a " PLACE_JOIN("a.id") "WHERE a.id > ? ORDER BY a.id LIMIT ?",
		error);

	if (!statement || (after && !view_cursor_read(after, &last, 1, error)))
		return NULL;
	db_bind(statement, "ii", last, (gint64)limit);
	while ((result = db_step(db, statement, error)) == DB_ROW) {
		n++;
		last = sqlite3_column_int64(statement, 0);
		if (!add_address(view, contexts, statement, page, error)) {
			sqlite3_reset(statement);
			return NULL;
		}
	}
	if (result != DB_DONE)
		return NULL;
	if (n == limit)
		page->next = view_cursor_write(&last, 1);
	return g_steal_pointer(&page);
}
