/* SPDX-License-Identifier: MIT */
#include "store/sqlite_day_rows.h"

struct day_rows {
	GHashTable *rows; /* struct day_row, as its own key */
	GArray *tally;
};

static guint
row_hash(gconstpointer data)
{
	const struct day_row *row = data;
	guint hash = row->address * 2654435761U;

	hash = (hash ^ row->domain) * 2654435761U;
	hash = (hash ^ row->party) * 2654435761U;
	return (hash ^ (guint)row->day) * 2654435761U;
}

static gboolean
row_equal(gconstpointer a, gconstpointer b)
{
	const struct day_row *x = a;
	const struct day_row *y = b;

	return x->address == y->address && x->domain == y->domain && x->party == y->party &&
	       x->day == y->day;
}

static void
row_free(gpointer data)
{
	struct day_row *row = data;

	g_clear_pointer(&row->many, g_array_unref);
	g_slice_free(struct day_row, row);
}

struct day_rows *
day_rows_new(void)
{
	struct day_rows *rows = g_new(struct day_rows, 1);

	rows->rows = g_hash_table_new_full(row_hash, row_equal, row_free, NULL);
	rows->tally = tally_new();
	return rows;
}

void
day_rows_free(struct day_rows *rows)
{
	if (!rows)
		return;
	g_hash_table_unref(rows->rows);
	g_array_unref(rows->tally);
	g_free(rows);
}

void
day_rows_forget(struct day_rows *rows)
{
	g_hash_table_remove_all(rows->rows);
}

guint
day_rows_count(const struct day_rows *rows)
{
	return g_hash_table_size(rows->rows);
}

const GArray *
day_rows_tally(struct day_rows *rows, const struct day_row *row)
{
	if (row->many)
		return row->many;
	g_array_set_size(rows->tally, 0);
	return g_array_append_vals(rows->tally, row->few, row->n_items);
}

static void
keep_tally(struct day_row *row, const GArray *tally)
{
	if (tally->len > FEW_ITEMS) {
		if (!row->many)
			row->many = tally_copy(tally);
	} else if (tally->len > 0) {
		memcpy(row->few, tally->data, tally->len * sizeof(struct tally_item));
	}
	row->n_items = tally->len;
}

void
day_rows_add(struct day_rows *rows, const struct day_row *more, const GArray *tally)
{
	struct day_row *row = g_hash_table_lookup(rows->rows, more);

	if (!row) {
		row = g_slice_dup(struct day_row, more);
		keep_tally(row, tally);
		g_hash_table_add(rows->rows, row);
		return;
	}
	row->reports += more->reports;
	totals_add(&row->totals, &more->totals);
	if (row->many) {
		tally_merge(row->many, tally);
		return;
	}
	day_rows_tally(rows, row);
	tally_merge(rows->tally, tally);
	keep_tally(row, rows->tally);
}

void
day_row_negate(struct day_row *row, GArray *tally)
{
	struct totals totals = { 0 };

	totals_subtract(&totals, &row->totals);
	row->totals = totals;
	row->reports = -row->reports;
	for (guint i = 0; i < tally->len; i++) {
		struct tally_item *item = &g_array_index(tally, struct tally_item, i);
		item->n = -item->n;
	}
}

static gint
compare_rows(gconstpointer a, gconstpointer b)
{
	const struct day_row *x = *(const struct day_row *const *)a;
	const struct day_row *y = *(const struct day_row *const *)b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->party < y->party ? -1 : x->party > y->party;
}

gpointer *
day_rows_sorted(const struct day_rows *rows, guint *ret_n)
{
	gpointer *sorted = g_hash_table_get_keys_as_array(rows->rows, ret_n);

	qsort(sorted, *ret_n, sizeof(*sorted), compare_rows);
	return sorted;
}

static gboolean
write_row(struct day_rows *rows, const struct day_row *row, struct db *db, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO source_day (address_id, domain_id, day, party_id, "
		"reports, " DB_TOTALS ", tally) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET reports = reports + excluded.reports, " DB_TOTALS_ADD
		", tally = tally_merge(tally, excluded.tally)",
		error);
	g_autoptr(GByteArray) tally = g_byte_array_sized_new(32);

	if (!statement)
		return FALSE;
	tally_pack(tally, day_rows_tally(rows, row));
	db_bind(statement, "iiiii", (gint64)row->address, (gint64)row->domain, row->day,
		(gint64)row->party, row->reports);
	db_bind_totals(statement, 6, &row->totals);
	sqlite3_bind_blob(statement, 15, tally->data ? (const void *)tally->data : "",
			  (int)tally->len, SQLITE_STATIC);
	return db_run(db, statement, error);
}

/* The only report of a party about a source and day may have gone to another party. */
static gboolean
drop_empty(const struct day_row *row, struct db *db, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"DELETE FROM source_day WHERE address_id = ? AND domain_id = ? AND "
		"day = ? AND party_id = ? AND reports = 0 AND records = 0 AND messages = 0",
		error);

	return statement && db_run(db,
				   db_bind(statement, "iiii", (gint64)row->address,
					   (gint64)row->domain, row->day, (gint64)row->party),
				   error);
}

gboolean
day_rows_write(struct day_rows *rows, const struct day_row *row, struct db *db, GError **error)
{
	gboolean is_less = row->reports < 0 || row->totals.records < 0 || row->totals.messages < 0;

	/* It came and went before it was written. */
	if (row->reports == 0 && totals_is_zero(&row->totals))
		return TRUE;
	return write_row(rows, row, db, error) && (!is_less || drop_empty(row, db, error));
}
