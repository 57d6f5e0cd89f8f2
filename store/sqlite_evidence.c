/* SPDX-License-Identifier: MIT */
#include "store/sqlite_evidence.h"

#include "store/sqlite_record.h"
#include "store/sqlite_source_row.h"

static guint
row_hash(gconstpointer data)
{
	const struct evidence_row *row = data;
	const struct stored_record *r = &row->record;
	guint hash = (guint)row->domain;

	hash = hash * 31 + r->auth_set;
	hash = hash * 31 + r->reason_set;
	hash = hash * 31 + r->header_from;
	hash = hash * 31 + r->envelope_from;
	return hash * 31 + (guint)(r->disposition * 16 + r->dkim * 4 + r->spf);
}

static gboolean
row_equal(gconstpointer a, gconstpointer b)
{
	const struct evidence_row *p = a;
	const struct evidence_row *q = b;
	const struct stored_record *x = &p->record;
	const struct stored_record *y = &q->record;

	return p->domain == q->domain && x->auth_set == y->auth_set &&
	       x->reason_set == y->reason_set && x->header_from == y->header_from &&
	       x->envelope_from == y->envelope_from && x->disposition == y->disposition &&
	       x->dkim == y->dkim && x->spf == y->spf;
}

void
evidence_free(struct evidence *evidence)
{
	if (!evidence)
		return;
	g_hash_table_unref(evidence->rows);
	g_array_unref(evidence->reports);
	g_free(evidence);
}

static gboolean
add_report(struct store_view *view, struct evidence *evidence,
	   const struct evidence_question *question, gint64 domain, gint64 report, GError **error)
{
	struct record_walk walk;
	enum db_row result;

	g_array_append_val(evidence->reports, report);
	if (!record_walk_start(&walk, view_db(view), report, question->address, error))
		return FALSE;
	while ((result = record_walk_next(&walk, error)) == DB_ROW) {
		const struct evidence_row key = { domain, walk.record, 0, report };
		struct evidence_row *row = g_hash_table_lookup(evidence->rows, &key);
		if (!row) {
			row = g_memdup2(&key, sizeof(key));
			g_hash_table_add(evidence->rows, row);
		}
		row->messages = count_add(row->messages, walk.record.count);
	}
	return result == DB_DONE;
}

/* The reports of one reporter for a domain on a day; mostly one. */
static gboolean
list_reports(struct store_view *view, const struct source_day *day, GArray *ids, GError **error)
{
	struct db *db = view_db(view);
	enum db_row result;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT id FROM report WHERE domain_id = ? AND reporter_id = ? AND day = ? "
		"AND party_id = ? AND revision_of IS NULL ORDER BY id DESC",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiii", (gint64)day->domain, (gint64)day->reporter, day->day,
		(gint64)day->party);
	while ((result = db_step(db, statement, error)) == DB_ROW) {
		gint64 id = sqlite3_column_int64(statement, 0);
		g_array_append_val(ids, id);
	}
	return result == DB_DONE;
}

static gint
compare_days(gconstpointer a, gconstpointer b)
{
	const struct source_day *x = *(const struct source_day *const *)a;
	const struct source_day *y = *(const struct source_day *const *)b;

	return x->day > y->day ? -1 : x->day < y->day;
}

/* The days in question that have reports of their own, newest first. */
static GPtrArray *
pick_days(struct evidence *evidence, const struct evidence_question *question,
	  const struct source_days *days)
{
	GPtrArray *picked = g_ptr_array_new();

	for (guint i = 0; i < days->rows->len; i++) {
		struct source_day *day = &g_array_index(days->rows, struct source_day, i);
		if (day->reports == 0 || day->day < question->from_day ||
		    day->day > question->to_day ||
		    (question->domain > 0 && question->domain != day->domain))
			continue;
		evidence->n_reports += day->reports;
		g_ptr_array_add(picked, day);
	}
	g_ptr_array_sort(picked, compare_days);
	return picked;
}

struct evidence *
evidence_read(struct store_view *view, const struct evidence_question *question,
	      const struct source_days *days, GError **error)
{
	g_autoptr(evidence_auto) evidence = g_new0(struct evidence, 1);
	evidence->rows = g_hash_table_new_full(row_hash, row_equal, g_free, NULL);
	evidence->reports = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GPtrArray) picked = pick_days(evidence, question, days);

	for (guint i = 0; i < picked->len && evidence->reports->len < question->max_reports; i++) {
		const struct source_day *day = g_ptr_array_index(picked, i);
		g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
		if (!list_reports(view, day, ids, error))
			return NULL;
		for (guint k = 0; k < ids->len; k++)
			if (!add_report(view, evidence, question, day->domain,
					g_array_index(ids, gint64, k), error))
				return NULL;
	}
	return g_steal_pointer(&evidence);
}

static gint
compare_rows(gconstpointer a, gconstpointer b)
{
	const struct evidence_row *x = *(const struct evidence_row *const *)a;
	const struct evidence_row *y = *(const struct evidence_row *const *)b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return x->record.auth_set < y->record.auth_set ? -1
						       : x->record.auth_set > y->record.auth_set;
}

GPtrArray *
evidence_sorted(const struct evidence *evidence)
{
	GPtrArray *sorted = g_ptr_array_new();
	GHashTableIter iter;
	gpointer row;

	g_hash_table_iter_init(&iter, evidence->rows);
	while (g_hash_table_iter_next(&iter, &row, NULL))
		g_ptr_array_add(sorted, row);
	g_ptr_array_sort(sorted, compare_rows);
	return sorted;
}
