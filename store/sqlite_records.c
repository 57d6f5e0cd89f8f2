/* SPDX-License-Identifier: MIT */
/* The records of one report, in file order. */
#include "store/sqlite_record.h"
#include "store/sqlite_view.h"

static const char *const disposition_names[N_DISPOSITIONS] = {
	[DISPOSITION_MISSING] = "",      [DISPOSITION_NONE] = "none",
	[DISPOSITION_PASS] = "pass",     [DISPOSITION_QUARANTINE] = "quarantine",
	[DISPOSITION_REJECT] = "reject",
};

static void
record_free(gpointer data)
{
	struct query_record *record = data;

	g_free(record->source_text);
	g_free(record->disposition_name);
	g_free(record->header_from);
	g_free(record->envelope_from);
	g_free(record->envelope_to);
	g_free(record->spf_results);
	g_free(record->dkim_results);
	g_free(record->reasons);
	for (int i = 0; i < N_RECORD_COLUMNS; i++)
		g_free(record->columns[i]);
	g_free(record);
}

/* The wanted records with a seq behind after, in the order of seq. Records are kept by address. */
static gboolean
collect(struct store_view *view, const struct record_question *question, gint64 after,
	GArray *records, GError **error)
{
	struct record_walk walk;
	enum db_row row;

	if (!record_walk_start(&walk, view_db(view), question->report, RECORD_ALL_ADDRESSES, error))
		return FALSE;
	while ((row = record_walk_next(&walk, error)) == DB_ROW) {
		gboolean is_pass =
			walk.record.dkim == ALIGNED_PASS || walk.record.spf == ALIGNED_PASS;
		if (walk.record.seq > after && !(question->want_failing_only && is_pass))
			g_array_append_val(records, walk.record);
	}
	return row == DB_DONE;
}

static gint
compare_seq(gconstpointer a, gconstpointer b)
{
	const struct stored_record *x = a;
	const struct stored_record *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static gboolean
read_address(struct store_view *view, guint32 address, gint64 domain, struct query_record *record,
	     GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT a.ip, s.class FROM address a LEFT JOIN source s ON "
			   "s.address_id = a.id AND s.domain_id = ? WHERE a.id = ?",
			   error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "ii", domain, (gint64)address), error);
	if (row == DB_ROW) {
		memcpy(&record->source_ip, sqlite3_column_blob(statement, 0),
		       sizeof(record->source_ip));
		record->class = (enum class)sqlite3_column_int(statement, 1);
		sqlite3_reset(statement);
	}
	return row != DB_FAILED;
}

static gboolean
read_sets(struct store_view *view, const struct stored_record *stored, struct query_record *record,
	  GError **error)
{
	g_autoptr(GString) spf = g_string_new(NULL);
	g_autoptr(GString) dkim = g_string_new(NULL);
	g_autoptr(GString) reasons = g_string_new(NULL);

	if (!view_append_auth(view, stored->auth_set, VIEW_SPF, spf, error) ||
	    !view_append_auth(view, stored->auth_set, VIEW_DKIM, dkim, error) ||
	    !view_append_reasons(view, stored->reason_set, reasons, error))
		return FALSE;
	record->spf_results = g_strdup(spf->str);
	record->dkim_results = g_strdup(dkim->str);
	record->reasons = g_strdup(reasons->str);
	return TRUE;
}

static gboolean
read_columns(struct store_view *view, const struct stored_record *stored,
	     struct query_record *record, GError **error)
{
	GString *columns[N_RECORD_COLUMNS];

	for (int i = 0; i < N_RECORD_COLUMNS; i++)
		columns[i] = g_string_new(NULL);
	gboolean is_good = view_split_auth(view, stored->auth_set, columns, error) &&
			   view_split_reasons(view, stored->reason_set, columns, error);
	for (int i = 0; i < N_RECORD_COLUMNS; i++)
		record->columns[i] = g_string_free(columns[i], FALSE);
	return is_good;
}

static gboolean
add_record(struct store_view *view, const struct stored_record *stored, gint64 domain,
	   struct query_page *page, GError **error)
{
	struct query_record *record = g_new0(struct query_record, 1);

	g_ptr_array_add(page->rows, record);
	record->seq = stored->seq;
	record->count = stored->count;
	record->disposition = (enum disposition)stored->disposition;
	record->disposition_name = stored->disposition == DISPOSITION_OTHER
					   ? view_name(view, stored->disposition_name)
					   : g_strdup(disposition_names[stored->disposition]);
	record->dkim = (enum aligned)stored->dkim;
	record->spf = (enum aligned)stored->spf;
	record->source_text = view_name(view, stored->source_text);
	record->header_from = view_name(view, stored->header_from);
	record->envelope_from = view_name(view, stored->envelope_from);
	record->envelope_to = view_name(view, stored->envelope_to);
	return read_address(view, stored->address, domain, record, error) &&
	       read_sets(view, stored, record, error);
}

static gboolean
read_domain(struct store_view *view, gint64 report, gint64 *ret_domain, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT domain_id FROM report WHERE id = ?", error);

	return statement && db_number(db, db_bind(statement, "i", report), 0, ret_domain, error);
}

struct query_page *
query_records(struct store_view *view, const struct record_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(record_free);
	g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct stored_record));
	gint64 after = 0;
	gint64 domain;

	if ((question->after && !view_cursor_read(question->after, &after, 1, error)) ||
	    !read_domain(view, question->report, &domain, error) ||
	    !collect(view, question, after, records, error))
		return NULL;
	g_array_sort(records, compare_seq);
	guint n = MIN(records->len, question->limit);
	for (guint i = 0; i < n; i++)
		if (!add_record(view, &g_array_index(records, struct stored_record, i), domain,
				page, error) ||
		    (question->want_columns &&
		     !read_columns(view, &g_array_index(records, struct stored_record, i),
				   g_ptr_array_index(page->rows, i), error)))
			return NULL;
	if (records->len > n && n > 0) {
		gint64 last = g_array_index(records, struct stored_record, n - 1).seq;
		page->next = view_cursor_write(&last, 1);
	}
	return g_steal_pointer(&page);
}
