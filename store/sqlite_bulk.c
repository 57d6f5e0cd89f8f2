/* SPDX-License-Identifier: MIT */
#include "store/sqlite_bulk.h"

/* From this share of the sources on, making the indexes anew is cheaper than keeping them. */
#define BULK_SHARE 4
#define BULK_MIN   2000

static gboolean
read_index_sql(struct db *db, GPtrArray *names, GPtrArray *texts, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND "
			   "tbl_name IN ('source', 'sender_sum') AND sql IS NOT NULL",
			   error);
	enum db_row row;

	if (!statement)
		return FALSE;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		g_ptr_array_add(names, db_text(statement, 0));
		g_ptr_array_add(texts, db_text(statement, 1));
	}
	return row == DB_DONE;
}

static gboolean
is_bulk(struct db *db, gboolean *ret_is_bulk, GError **error)
{
	gint64 marked;
	gint64 addresses;
	sqlite3_stmt *count_marked = db_prepare(db,
						"SELECT (SELECT count(*) FROM unsettled) + (SELECT "
						"count(*) FROM unjudged)",
						error);
	/* Addresses are never removed: the last one tells how many there are. */
	sqlite3_stmt *last_address = db_prepare(db, "SELECT max(id) FROM address", error);

	if (!count_marked || !last_address || !db_number(db, count_marked, 0, &marked, error) ||
	    !db_number(db, last_address, 0, &addresses, error))
		return FALSE;
	*ret_is_bulk = marked >= BULK_MIN && marked > addresses / BULK_SHARE;
	return TRUE;
}

static gboolean
drop_indexes(struct db *db, const GPtrArray *names, GError **error)
{
	for (guint i = 0; i < names->len; i++) {
		/* Names that our own schema gave. */
		g_autofree char *sql =
			g_strdup_printf("DROP INDEX %s", (const char *)g_ptr_array_index(names, i));
		if (!db_exec(db, sql, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
make_indexes(struct db *db, const GPtrArray *texts, GError **error)
{
	for (guint i = 0; i < texts->len; i++)
		if (!db_exec(db, g_ptr_array_index(texts, i), error))
			return FALSE;
	return TRUE;
}

gboolean
bulk_run(struct db *db, gboolean (*work)(gpointer data, GError **error), gpointer data,
	 GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	gboolean is_bulk_load;

	if (!is_bulk(db, &is_bulk_load, error))
		return FALSE;
	if (!is_bulk_load)
		return work(data, error);
	return read_index_sql(db, names, texts, error) && drop_indexes(db, names, error) &&
	       work(data, error) && make_indexes(db, texts, error);
}
