/* SPDX-License-Identifier: MIT */
/* Questions about the store itself: what came in, what it holds, what could not be read. */
#include <glib/gstdio.h>

#include "store/sqlite_view.h"

static gint64
size_of_files(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	gint64 size = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
		GStatBuf st;
		if (g_stat(file, &st) == 0)
			size += st.st_size;
	}
	return size;
}

static gboolean
read_arrivals(struct db *db, gint64 arrivals[N_OUTCOMES], GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT outcome, arrivals FROM arrival_count", error);

	if (!statement)
		return FALSE;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 outcome = sqlite3_column_int64(statement, 0);
		if (outcome >= 0 && outcome < N_OUTCOMES)
			arrivals[outcome] = sqlite3_column_int64(statement, 1);
	}
	return row == DB_DONE;
}

static gboolean
read_number(struct db *db, const char *sql, gint64 *ret_number, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	return statement && db_number(db, statement, 0, ret_number, error);
}

static gboolean
read_documents(struct db *db, struct query_document_count counts[N_DOCUMENT_KINDS], GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT kind, counted, revisions, forgotten, incidents FROM document_count",
		error);

	if (!statement)
		return FALSE;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 kind = sqlite3_column_int64(statement, 0);
		if (kind < 0 || kind >= N_DOCUMENT_KINDS)
			continue;
		counts[kind] = (struct query_document_count){
			sqlite3_column_int64(statement, 1),
			sqlite3_column_int64(statement, 2),
			sqlite3_column_int64(statement, 3),
			sqlite3_column_int64(statement, 4),
		};
	}
	return row == DB_DONE;
}

gboolean
query_status(struct store_view *view, struct query_status *ret_status, GError **error)
{
	struct db *db = view_db(view);
	struct query_status status = { .size_bytes = size_of_files(view_path(view)) };

	if (!read_arrivals(db, status.arrivals, error) ||
	    !read_number(db, "SELECT reports FROM state", &status.reports, error) ||
	    !read_number(db, "SELECT revisions FROM state", &status.revisions, error) ||
	    !read_number(db, "SELECT last_received_at FROM state", &status.last_received_at,
			 error) ||
	    !read_number(db, "SELECT count(*) FROM kept", &status.kept, error) ||
	    !read_number(db, "SELECT kept_forgotten FROM state", &status.kept_forgotten, error) ||
	    !read_documents(db, status.documents, error) ||
	    !read_number(db, "SELECT count(*) FROM pending", &status.lagging, error))
		return FALSE;
	*ret_status = status;
	return TRUE;
}

static void
stats_domain_free(gpointer data)
{
	struct query_stats_domain *domain = data;

	g_free(domain->domain);
	g_free(domain);
}

void
query_stats_free(struct query_stats *stats)
{
	if (!stats)
		return;
	g_ptr_array_unref(stats->domains);
	g_free(stats);
}
typedef struct query_stats query_stats_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_stats_auto, query_stats_free)

static gboolean
sum_reports(struct store_view *view, struct query_stats *stats, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT n.text, count(*), sum(messages), sum(pass), sum(dkim_pass), "
		"sum(spf_pass), sum(quarantined), sum(rejected), sum(forwarded), "
		"sum(explained), sum(records) FROM report r JOIN name n ON n.id = r.domain_id "
		"WHERE revision_of IS NULL GROUP BY n.text ORDER BY n.text",
		error);

	if (!statement)
		return FALSE;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct query_stats_domain *domain = g_new0(struct query_stats_domain, 1);
		domain->domain = db_text(statement, 0);
		domain->reports = sqlite3_column_int64(statement, 1);
		db_totals(statement, 2, &domain->totals);
		stats->reports += domain->reports;
		totals_add(&stats->totals, &domain->totals);
		g_ptr_array_add(stats->domains, domain);
	}
	return row == DB_DONE;
}

struct query_stats *
query_stats(struct store_view *view, GError **error)
{
	struct db *db = view_db(view);
	g_autoptr(query_stats_auto) stats = g_new0(struct query_stats, 1);

	stats->domains = g_ptr_array_new_with_free_func(stats_domain_free);
	stats->size_bytes = size_of_files(view_path(view));
	if (!read_arrivals(db, stats->arrivals, error) ||
	    !read_number(db, "SELECT revisions FROM state", &stats->revisions, error) ||
	    !read_number(db, "SELECT count(*) FROM kept", &stats->kept, error) ||
	    !read_documents(db, stats->documents, error) || !sum_reports(view, stats, error))
		return NULL;
	return g_steal_pointer(&stats);
}

/* --- Lists --- */

static void
arrival_free(gpointer data)
{
	struct query_arrival *arrival = data;

	g_free(arrival->intake);
	g_free(arrival->locator);
	g_free(arrival->reason);
	g_free(arrival);
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
	"SELECT id, received_at, intake, outcome, locator, reason FROM arrival WHERE id < ? "
	"ORDER BY id DESC LIMIT ?",
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

struct query_page *
query_arrivals(struct store_view *view, const char *after, guint limit, GError **error)
{
	return read_list(view, &arrivals, after, limit, error);
}

struct query_page *
query_kept(struct store_view *view, const char *after, guint limit, GError **error)
{
	return read_list(view, &kept_mails, after, limit, error);
}
