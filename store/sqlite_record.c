/* SPDX-License-Identifier: MIT */
#include "store/sqlite_record.h"

/* A run fills most of a page, so that a seek decodes little and wastes little. */
#define RUN_LEN 3000

#define RUN_ID(report, address) (((gint64)(report) << 32) | (gint64)(address))

static gboolean
write_run(struct db *db, gint64 report, guint32 address, const GByteArray *body, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "INSERT INTO record_run VALUES (?, ?)", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ib", RUN_ID(report, address), body->data, (int)body->len);
	return db_run(db, statement, error);
}

gboolean
records_write(struct db *db, gint64 report, const GArray *records, GError **error)
{
	g_autoptr(GByteArray) body = g_byte_array_sized_new(RUN_LEN + 64);
	guint32 first = 0;
	guint32 before = 0;

	for (guint i = 0; i < records->len; i++) {
		const struct stored_record *record =
			&g_array_index(records, struct stored_record, i);
		if (body->len >= RUN_LEN && record->address != before) {
			if (!write_run(db, report, first, body, error))
				return FALSE;
			g_byte_array_set_size(body, 0);
		}
		if (body->len == 0)
			first = before = record->address;
		pack_record(body, record, before);
		before = record->address;
	}
	return body->len == 0 || write_run(db, report, first, body, error);
}

gboolean
record_walk_start(struct record_walk *walk, struct db *db, gint64 report, gint64 only,
		  GError **error)
{
	*walk = (struct record_walk){ .db = db, .report = report, .only = only };
	if (only == RECORD_ALL_ADDRESSES) {
		walk->statement = db_prepare(
			db, "SELECT id, body FROM record_run WHERE id BETWEEN ? AND ? ORDER BY id",
			error);
		if (walk->statement)
			db_bind(walk->statement, "ii", RUN_ID(report, 0),
				RUN_ID(report, G_MAXUINT32));
	} else {
		walk->statement = db_prepare(db,
					     "SELECT id, body FROM record_run WHERE id BETWEEN ? "
					     "AND ? ORDER BY id DESC LIMIT 1",
					     error);
		if (walk->statement)
			db_bind(walk->statement, "ii", RUN_ID(report, 0), RUN_ID(report, only));
	}
	return walk->statement != NULL;
}

/* The next run. Its first record counts its address from the run's id. */
static enum db_row
next_run(struct record_walk *walk, GError **error)
{
	enum db_row row = db_step(walk->db, walk->statement, error);

	if (row != DB_ROW)
		return row;
	walk->in = db_peek_unpack(walk->statement, 1);
	walk->record.address = (guint32)sqlite3_column_int64(walk->statement, 0);
	return DB_ROW;
}

enum db_row
record_walk_next(struct record_walk *walk, GError **error)
{
	for (;;) {
		if (unpack_at_end(&walk->in)) {
			enum db_row row = next_run(walk, error);
			if (row != DB_ROW)
				return row;
		}
		unpack_record(&walk->in, &walk->record, walk->record.address);
		if (walk->in.is_broken) {
			sqlite3_reset(walk->statement);
			db_fail_damaged(walk->db, "the records of report", walk->report, error);
			return DB_FAILED;
		}
		if (walk->only == RECORD_ALL_ADDRESSES || walk->record.address == walk->only)
			return DB_ROW;
	}
}
