/* SPDX-License-Identifier: MIT */
/* Questions about owned domains. */
#include "store/sqlite_view.h"

static void
domain_free(gpointer data)
{
	struct query_domain *domain = data;

	g_free(domain->domain);
	g_free(domain->policy);
	g_free(domain);
}

static gboolean
read_classes(struct store_view *view, gint64 id, enum window window, struct query_domain *domain,
	     GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT class, sources, " DB_TOTALS
			   " FROM class_window WHERE domain_id = ? AND window = ?",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", id, (gint64)window);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 class = sqlite3_column_int64(statement, 0);
		struct totals totals;
		db_totals(statement, 2, &totals);
		domain->sources[class] += sqlite3_column_int64(statement, 1);
		totals_add(&domain->by_class[class], &totals);
		totals_add(&domain->totals, &totals);
	}
	return row == DB_DONE;
}

static gboolean
read_facts(struct store_view *view, gint64 id, struct query_domain *domain, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT policy, policy_seen_at, reports, last_day FROM domain "
			   "WHERE id = ?",
			   error);

	if (!statement || db_step(db, db_bind(statement, "i", id), error) != DB_ROW)
		return FALSE;
	domain->domain = view_name(view, id);
	domain->policy = db_text(statement, 0);
	domain->policy_seen_at = sqlite3_column_int64(statement, 1);
	domain->reports = sqlite3_column_int64(statement, 2);
	domain->last_day = sqlite3_column_int64(statement, 3);
	sqlite3_reset(statement);
	return TRUE;
}

static gboolean
add_domain(struct store_view *view, gint64 id, enum window window, struct query_page *page,
	   GError **error)
{
	struct query_domain *domain = g_new0(struct query_domain, 1);

	g_ptr_array_add(page->rows, domain);
	return read_facts(view, id, domain, error) && read_classes(view, id, window, domain, error);
}

/* The next domains in the order of messages; cursor is (messages, id) of the last one. */
static gboolean
list_ids(struct store_view *view, enum window window, const gint64 cursor[2], guint limit,
	 GArray *keys, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT messages, domain_id FROM domain_window WHERE window = ?1 "
		"AND (messages, domain_id) < (?2, ?3) ORDER BY messages DESC, domain_id DESC "
		"LIMIT ?4",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiii", (gint64)window, cursor[0], cursor[1], (gint64)limit + 1);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 key[2] = { sqlite3_column_int64(statement, 0),
				  sqlite3_column_int64(statement, 1) };
		g_array_append_vals(keys, key, 2);
	}
	return row == DB_DONE;
}

static struct query_page *
one_domain(struct store_view *view, const struct scope *scope, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(domain_free);
	gint64 id;

	if (!view_domain(view, scope->domain, &id, error) ||
	    (id > 0 && !add_domain(view, id, scope->window, page, error)))
		return NULL;
	return g_steal_pointer(&page);
}

struct query_page *
query_domains(struct store_view *view, const struct scope *scope, const char *after, guint limit,
	      GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(domain_free);
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(gint64));
	gint64 cursor[2] = { G_MAXINT64, G_MAXINT64 };

	if (scope->domain)
		return one_domain(view, scope, error);
	if (after && !view_cursor_read(after, cursor, 2, error))
		return NULL;
	/* Domains without mail in the window stand in the rollup of all time: none is left out. */
	if (!list_ids(view, scope->window, cursor, limit, keys, error))
		return NULL;
	for (guint i = 0; i + 1 < keys->len && i / 2 < limit; i += 2)
		if (!add_domain(view, g_array_index(keys, gint64, i + 1), scope->window, page,
				error))
			return NULL;
	if (keys->len / 2 > limit)
		page->next = view_cursor_write(&g_array_index(keys, gint64, (limit - 1) * 2), 2);
	return g_steal_pointer(&page);
}
