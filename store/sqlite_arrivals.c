/* SPDX-License-Identifier: MIT */
/* The ledger as lists: mails with their parts, reasons, and what is kept. */
#include "store/sqlite_view.h"

static void
part_free(gpointer data)
{
	struct query_part *part = data;

	g_free(part->part);
	g_free(part->code);
	g_free(part->reason);
	g_free(part);
}

void
query_arrival_free(struct query_arrival *arrival)
{
	g_free(arrival->intake);
	g_free(arrival->locator);
	g_free(arrival->code);
	g_free(arrival->reason);
	g_ptr_array_unref(arrival->parts);
	g_free(arrival);
}

static void
arrival_free(gpointer data)
{
	query_arrival_free(data);
}

static void
kept_free(gpointer data)
{
	struct query_kept *kept = data;

	g_free(kept->intake);
	g_free(kept->locator);
	g_free(kept->reason);
	g_free(kept);
}

struct list {
	const char *sql; /* newest first; parameters: id to begin below, limit + 1 */
	gpointer (*read)(struct store_view *view, sqlite3_stmt *statement);
	GDestroyNotify free_row;
};

static gpointer
read_arrival(struct store_view *view, sqlite3_stmt *statement)
{
	struct query_arrival *arrival = g_new0(struct query_arrival, 1);

	arrival->id = sqlite3_column_int64(statement, 0);
	arrival->received_at = sqlite3_column_int64(statement, 1);
	arrival->intake = view_name(view, sqlite3_column_int64(statement, 2));
	arrival->outcome = (enum outcome)sqlite3_column_int(statement, 3);
	arrival->locator = db_text(statement, 4);
	arrival->reason = db_text(statement, 5);
	arrival->code = db_text(statement, 6);
	arrival->parts = g_ptr_array_new_with_free_func(part_free);
	return arrival;
}

static gpointer
read_kept(struct store_view *view, sqlite3_stmt *statement)
{
	struct query_kept *kept = g_new0(struct query_kept, 1);

	kept->id = sqlite3_column_int64(statement, 0);
	kept->first_at = sqlite3_column_int64(statement, 1);
	kept->last_at = sqlite3_column_int64(statement, 2);
	kept->arrivals = sqlite3_column_int64(statement, 3);
	kept->size_bytes = sqlite3_column_int64(statement, 4);
	kept->intake = view_name(view, sqlite3_column_int64(statement, 5));
	kept->locator = db_text(statement, 6);
	kept->reason = db_text(statement, 7);
	return kept;
}

static const struct list arrivals = {
	"SELECT id, received_at, intake, outcome, locator, reason, (SELECT code FROM cause c WHERE "
	"c.id = a.cause) FROM arrival a WHERE id < ? ORDER BY id DESC LIMIT ?",
	read_arrival,
	arrival_free,
};
static const struct list kept_mails = {
	"SELECT id, first_at, last_at, arrivals, size, intake, locator, reason FROM kept "
	"WHERE id < ? ORDER BY id DESC LIMIT ?",
	read_kept,
	kept_free,
};

static struct query_page *
read_list(struct store_view *view, const struct list *list, const char *after, guint limit,
	  GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(list->free_row);
	struct db *db = view_db(view);
	gint64 below = G_MAXINT64;
	gint64 last = 0;
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, list->sql, error);

	if (!statement || (after && !view_cursor_read(after, &below, 1, error)))
		return NULL;
	db_bind(statement, "ii", below, (gint64)limit + 1);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		if (page->rows->len == limit) {
			page->next = view_cursor_write(&last, 1);
			sqlite3_reset(statement);
			return g_steal_pointer(&page);
		}
		last = sqlite3_column_int64(statement, 0);
		g_ptr_array_add(page->rows, list->read(view, statement));
	}
	return row == DB_DONE ? g_steal_pointer(&page) : NULL;
}

static gboolean
read_parts(struct store_view *view, struct query_arrival *arrival, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT part, coalesce(kind, -1), outcome, code, reason, document FROM "
			   "arrival_part WHERE arrival_id = ? ORDER BY seq LIMIT 100",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", arrival->id);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct query_part *part = g_new0(struct query_part, 1);
		gint64 kind = sqlite3_column_int64(statement, 1);
		part->part = db_text(statement, 0);
		part->is_document = kind >= 0 && kind < N_DOCUMENT_KINDS;
		part->kind = part->is_document ? (enum document_kind)kind : DOCUMENT_AGGREGATE;
		part->outcome = (enum outcome)sqlite3_column_int(statement, 2);
		part->code = db_text(statement, 3);
		part->reason = db_text(statement, 4);
		part->id = sqlite3_column_int64(statement, 5);
		g_ptr_array_add(arrival->parts, part);
	}
	return row == DB_DONE;
}

struct query_page *
query_arrivals(struct store_view *view, const char *after, guint limit, GError **error)
{
	g_autoptr(query_page_auto) page = read_list(view, &arrivals, after, limit, error);

	for (guint i = 0; page && i < page->rows->len; i++)
		if (!read_parts(view, g_ptr_array_index(page->rows, i), error))
			return NULL;
	return g_steal_pointer(&page);
}

/* A mail of one document that was read whole has no parts in the ledger. */
static gboolean
read_only_document(struct store_view *view, struct query_arrival *arrival, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT coalesce(a.report, a.document), d.kind FROM arrival a LEFT JOIN document d "
		"ON d.id = a.document WHERE a.id = ? AND (a.report IS NOT NULL OR d.kind IS NOT "
		"NULL)",
		error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", arrival->id), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	struct query_part *part = g_new0(struct query_part, 1);
	part->part = g_strdup("");
	part->is_document = TRUE;
	part->kind = (enum document_kind)sqlite3_column_int(statement, 1);
	part->outcome = arrival->outcome;
	part->code = g_strdup("");
	part->reason = g_strdup("");
	part->id = sqlite3_column_int64(statement, 0);
	g_ptr_array_add(arrival->parts, part);
	sqlite3_reset(statement);
	return TRUE;
}

struct query_arrival *
query_arrival(struct store_view *view, gint64 id, GError **error)
{
	const gint64 below = id + 1;
	g_autofree char *after = view_cursor_write(&below, 1);
	g_autoptr(query_page_auto) page = query_arrivals(view, after, 1, error);

	if (!page || page->rows->len == 0)
		return NULL;
	g_autoptr(query_arrival_auto) arrival = g_ptr_array_steal_index(page->rows, 0);
	if (arrival->id != id)
		return NULL;
	if (arrival->parts->len == 0 && !read_only_document(view, arrival, error))
		return NULL;
	return g_steal_pointer(&arrival);
}

struct query_page *
query_kept(struct store_view *view, const char *after, guint limit, GError **error)
{
	return read_list(view, &kept_mails, after, limit, error);
}

static void
cause_free(gpointer data)
{
	struct query_cause *cause = data;

	g_free(cause->code);
	g_free(cause->pattern);
	g_free(cause);
}

GPtrArray *
query_causes(struct store_view *view, guint limit, GError **error)
{
	g_autoptr(GPtrArray) causes = g_ptr_array_new_with_free_func(cause_free);
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT outcome, code, text, arrivals, last_at FROM cause ORDER BY "
			   "arrivals DESC LIMIT ?",
			   error);

	if (!statement)
		return NULL;
	db_bind(statement, "i", (gint64)limit);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct query_cause *cause = g_new0(struct query_cause, 1);
		cause->outcome = (enum outcome)sqlite3_column_int(statement, 0);
		cause->code = db_text(statement, 1);
		cause->pattern = db_text(statement, 2);
		cause->arrivals = sqlite3_column_int64(statement, 3);
		cause->last_at = sqlite3_column_int64(statement, 4);
		g_ptr_array_add(causes, cause);
	}
	return row == DB_DONE ? g_steal_pointer(&causes) : NULL;
}
