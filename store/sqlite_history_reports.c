/* SPDX-License-Identifier: MIT */
/* Reports of a history: who reported on which day. */
#include "store/sqlite_history.h"

static const char *
reporter_text(struct query_histories *histories, gint64 id)
{
	gpointer key = GSIZE_TO_POINTER((gsize)id);
	const char *known = g_hash_table_lookup(histories->reporters, key);

	if (known)
		return known;
	g_autofree char *text = view_reporter(histories->view, id);
	char *kept = g_string_chunk_insert(histories->reporter_texts, text);
	g_hash_table_insert(histories->reporters, key, kept);
	return kept;
}

struct report_day {
	gint64 reporter;
	gint64 day;
};

static gboolean
read_report_days(struct query_histories *histories, gint64 domain, GArray *rows, GError **error)
{
	struct db *db = view_db(histories->view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT reporter_id, day FROM reporter_day WHERE domain_id = ? AND day "
			   "BETWEEN ? AND ?",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", domain, histories_base(histories), histories->today);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct report_day one = { sqlite3_column_int64(statement, 0),
						sqlite3_column_int64(statement, 1) };
		g_array_append_val(rows, one);
	}
	return row == DB_DONE;
}

struct reporter_days {
	gint64 reporter;
	guint n;
};

static gint
compare_reporters(gconstpointer a, gconstpointer b)
{
	const struct reporter_days *x = a;
	const struct reporter_days *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->reporter < y->reporter ? -1 : x->reporter > y->reporter;
}

/* The days of each reporter: id -> number. */
static GHashTable *
count_days(const GArray *rows)
{
	GHashTable *counts = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < rows->len; i++) {
		gpointer id = GSIZE_TO_POINTER(g_array_index(rows, struct report_day, i).reporter);
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, id));
		g_hash_table_insert(counts, id, GUINT_TO_POINTER(n + 1));
	}
	return counts;
}

/* Names of reporters are for anybody to make, days on which they report cost a mail each: those
 * with most days stay. */
static void
cut_reporters(GArray *rows)
{
	g_autoptr(GHashTable) counts = count_days(rows);
	g_autoptr(GArray) reporters = g_array_new(FALSE, FALSE, sizeof(struct reporter_days));
	GHashTableIter iter;
	gpointer id;
	gpointer n;
	guint kept = 0;

	if (g_hash_table_size(counts) <= HISTORY_REPORTERS_MAX)
		return;
	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &id, &n)) {
		const struct reporter_days one = { (gint64)GPOINTER_TO_SIZE(id),
						   GPOINTER_TO_UINT(n) };
		g_array_append_val(reporters, one);
	}
	g_array_sort(reporters, compare_reporters);
	for (guint i = HISTORY_REPORTERS_MAX; i < reporters->len; i++)
		g_hash_table_remove(
			counts,
			GSIZE_TO_POINTER(
				g_array_index(reporters, struct reporter_days, i).reporter));
	for (guint i = 0; i < rows->len; i++) {
		const struct report_day row = g_array_index(rows, struct report_day, i);
		if (g_hash_table_contains(counts, GSIZE_TO_POINTER(row.reporter)))
			g_array_index(rows, struct report_day, kept++) = row;
	}
	g_array_set_size(rows, kept);
}

gboolean
history_read_reports(struct query_histories *histories, gint64 domain, GArray *reports,
		     GError **error)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct report_day));

	if (!read_report_days(histories, domain, rows, error))
		return FALSE;
	cut_reporters(rows);
	for (guint i = 0; i < rows->len; i++) {
		const struct report_day *row = &g_array_index(rows, struct report_day, i);
		const struct history_report report = {
			.reporter = reporter_text(histories, row->reporter),
			.day = row->day,
		};
		g_array_append_val(reports, report);
	}
	return TRUE;
}

static gboolean
read_first_day(struct query_histories *histories, gint64 reporter, gint64 *ret_day, GError **error)
{
	struct db *db = view_db(histories->view);
	sqlite3_stmt *statement = db_prepare(db,
					     "SELECT day FROM report WHERE reporter_id = ? AND "
					     "revision_of IS NULL ORDER BY day LIMIT 1",
					     error);

	return statement && db_number(db, db_bind(statement, "i", reporter), 0, ret_day, error);
}

/* A history of all domains tells which reporters are new. */
static gboolean
fill_first_days(struct query_histories *histories, GError **error)
{
	g_autoptr(GHashTable) days = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	GHashTableIter iter;
	gpointer id;
	gpointer text;

	g_hash_table_iter_init(&iter, histories->reporters);
	while (g_hash_table_iter_next(&iter, &id, &text)) {
		gint64 *day = g_new(gint64, 1);
		g_hash_table_insert(days, text, day);
		if (!read_first_day(histories, (gint64)GPOINTER_TO_SIZE(id), day, error))
			return FALSE;
	}
	for (guint i = 0; i < histories->rows[HISTORY_REPORTS]->len; i++) {
		struct history_report *report =
			&g_array_index(histories->rows[HISTORY_REPORTS], struct history_report, i);
		const gint64 *day = g_hash_table_lookup(days, report->reporter);
		report->first_day = day ? *day : 0;
	}
	return TRUE;
}

gboolean
history_read_own_reports(struct query_histories *histories, GError **error)
{
	g_autoptr(GHashTable) own = g_hash_table_new(NULL, NULL);

	if (histories->domain == HISTORY_ALL_DOMAINS) {
		g_array_append_vals(histories->rows[HISTORY_REPORTS], histories->reports->data,
				    histories->reports->len);
		return fill_first_days(histories, error);
	}
	if (!history_read_reports(histories, histories->domain, histories->rows[HISTORY_REPORTS],
				  error))
		return FALSE;
	for (guint i = 0; i < histories->rows[HISTORY_REPORTS]->len; i++)
		g_hash_table_add(own,
				 (gpointer)(guintptr)g_array_index(histories->rows[HISTORY_REPORTS],
								   struct history_report, i)
					 .reporter);
	for (guint i = 0; i < histories->reports->len; i++) {
		const struct history_report *report =
			&g_array_index(histories->reports, struct history_report, i);
		if (g_hash_table_contains(own, report->reporter))
			g_array_append_val(histories->rows[HISTORY_OTHER_REPORTS], *report);
	}
	return TRUE;
}
