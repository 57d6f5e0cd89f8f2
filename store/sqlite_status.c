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
