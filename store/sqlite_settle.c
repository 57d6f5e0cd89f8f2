/* SPDX-License-Identifier: MIT */
#include "store/sqlite_settle.h"

#include "store/pack.h"
#include "store/sqlite_day_sums.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_window_sums.h"

/* From this share of the sources on, making the ordered indexes anew is cheaper than keeping them.
 */
#define BULK_SHARE 4
#define BULK_MIN   2000

/* An address and its sources, before and after. */
struct address {
	guint32 id;
	enum reach reach;
	GArray *old_rows; /* struct source_row, by domain */
	GArray *days;     /* struct source_day, by domain, day, reporter */
	GArray *new_rows;
};

struct settling {
	struct db *db;
	store_judge_fn judge;
	gint64 last_day;
	struct day_sums *day_sums;
	struct window_sums *window_sums;
	struct address address;
};

/* Without messages a source is in no window; without an address its messages have no source. */
static void
count_windows(struct settling *s, const GArray *rows, int sign)
{
	gboolean is_present[N_WINDOWS][N_CLASSES] = { { FALSE } };
	gboolean has_address = s->address.id != 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
			struct window_place place = { row->domain, w, row->verdict.class,
						      s->address.reach };
			if (row->body.totals[w].messages == 0)
				continue;
			window_sums_totals(s->window_sums, &place, &row->body.totals[w], sign);
			if (has_address)
				window_sums_source(s->window_sums, &place,
						   !is_present[w][row->verdict.class], sign);
			is_present[w][row->verdict.class] = TRUE;
		}
	}
}

static struct verdict
old_verdict(const struct address *address, guint32 domain)
{
	for (guint i = 0; i < address->old_rows->len; i++) {
		const struct source_row *row =
			&g_array_index(address->old_rows, struct source_row, i);
		if (row->domain == domain)
			return row->verdict;
	}
	return (struct verdict){ CLASS_NONE, 0 };
}

/* The days of a source go where its class is now. */
static void
move_days(struct settling *s, const struct source_row *row)
{
	const enum class classes[2] = { old_verdict(&s->address, row->domain).class,
					row->verdict.class };

	if (classes[0] == classes[1])
		return;
	for (guint i = 0; i < s->address.days->len; i++) {
		const struct source_day *day =
			&g_array_index(s->address.days, struct source_day, i);
		if (day->domain == row->domain)
			day_sums_move(s->day_sums, day->domain, day->day, classes, &day->totals);
	}
}

static void
judge_rows(struct settling *s)
{
	struct totals address = { 0 };

	for (guint i = 0; i < s->address.new_rows->len; i++)
		totals_add(&address, &g_array_index(s->address.new_rows, struct source_row, i)
					      .body.totals[WINDOW_ALL]);
	for (guint i = 0; i < s->address.new_rows->len; i++) {
		struct source_row *row = &g_array_index(s->address.new_rows, struct source_row, i);
		row->facts.address = address;
		row->verdict = s->judge(&row->facts);
		move_days(s, row);
	}
}

static gboolean
settle_address(struct settling *s, guint32 id, enum reach reach, GError **error)
{
	struct address *address = &s->address;

	address->id = id;
	address->reach = reach;
	source_rows_clear(address->old_rows);
	source_rows_clear(address->new_rows);
	g_array_set_size(address->days, 0);
	if (!source_rows_read(s->db, id, address->old_rows, error) ||
	    !source_days_read(s->db, id, address->days, error))
		return FALSE;
	source_rows_make(address->days, s->last_day, address->new_rows);
	judge_rows(s);
	count_windows(s, address->old_rows, -1);
	count_windows(s, address->new_rows, 1);
	for (guint i = 0; i < address->new_rows->len; i++)
		if (!source_row_write(s->db, id,
				      &g_array_index(address->new_rows, struct source_row, i),
				      error))
			return FALSE;
	return TRUE;
}

/* --- The ordered indexes, for the time of a bulk load --- */

static gboolean
read_index_sql(struct db *db, GPtrArray *names, GPtrArray *texts, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND "
			   "tbl_name = 'source' AND sql IS NOT NULL",
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
	sqlite3_stmt *count_marked = db_prepare(db, "SELECT count(*) FROM unsettled", error);
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

/* --- All that is marked --- */

static gboolean
settle_marked(struct settling *s, GError **error)
{
	sqlite3_stmt *marked = db_prepare(s->db,
					  "SELECT u.address_id, a.reach FROM unsettled u JOIN "
					  "address a ON a.id = u.address_id "
					  "ORDER BY u.address_id",
					  error);
	enum db_row row;

	if (!marked)
		return FALSE;
	while ((row = db_step(s->db, marked, error)) == DB_ROW) {
		guint32 id = (guint32)sqlite3_column_int64(marked, 0);
		enum reach reach = (enum reach)sqlite3_column_int(marked, 1);
		if (!settle_address(s, id, reach, error)) {
			sqlite3_reset(marked);
			return FALSE;
		}
	}
	return row == DB_DONE && day_sums_write(s->day_sums, s->db, error) &&
	       window_sums_write(s->window_sums, s->db, error) &&
	       db_exec(s->db, "DELETE FROM unsettled", error);
}

static gboolean
settle_with_indexes(struct settling *s, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	gboolean is_bulk_load;

	if (!is_bulk(s->db, &is_bulk_load, error))
		return FALSE;
	if (!is_bulk_load)
		return settle_marked(s, error);
	return read_index_sql(s->db, names, texts, error) && drop_indexes(s->db, names, error) &&
	       settle_marked(s, error) && make_indexes(s->db, texts, error);
}

static gboolean
read_last_days(struct db *db, gint64 today, gint64 *ret_is, gint64 *ret_should_be, GError **error)
{
	sqlite3_stmt *is = db_prepare(db, "SELECT last_day FROM state", error);
	/* Where all mail is dated after today, windows end today. */
	sqlite3_stmt *should_be = db_prepare(
		db,
		"SELECT coalesce((SELECT max(day) FROM reporter_day WHERE domain_id = 0 AND "
		"day <= ?1), (SELECT ?1 FROM state WHERE reports > 0))",
		error);

	return is && should_be && db_number(db, is, 0, ret_is, error) &&
	       db_number(db, db_bind(should_be, "i", today), 0, ret_should_be, error);
}

gboolean
settle_is_due(struct db *db, gint64 today, gboolean *ret_is_due, GError **error)
{
	gint64 is;
	gint64 should_be;
	gint64 marked;
	sqlite3_stmt *statement = db_prepare(db, "SELECT EXISTS (SELECT 1 FROM unsettled)", error);

	if (!statement || !db_number(db, statement, 0, &marked, error) ||
	    !read_last_days(db, today, &is, &should_be, error))
		return FALSE;
	*ret_is_due = marked != 0 || should_be != is;
	return TRUE;
}

static gboolean
move_windows(struct db *db, gint64 today, gint64 *ret_last_day, GError **error)
{
	gint64 is;

	if (!read_last_days(db, today, &is, ret_last_day, error))
		return FALSE;
	if (*ret_last_day == is)
		return TRUE;
	/* Where the clock was set back, every source may change. */
	sqlite3_stmt *mark =
		db_prepare(db,
			   "INSERT INTO unsettled SELECT DISTINCT address_id FROM source "
			   "WHERE next_day BETWEEN 1 AND ?1 OR ?1 < ?2 ON CONFLICT DO NOTHING",
			   error);
	sqlite3_stmt *move = db_prepare(db, "UPDATE state SET last_day = ?", error);
	return mark && move && db_run(db, db_bind(mark, "ii", *ret_last_day, is), error) &&
	       db_run(db, db_bind(move, "i", *ret_last_day), error);
}

gboolean
settle_all(struct db *db, store_judge_fn judge, gint64 today, GError **error)
{
	g_autoptr(day_sums_auto) day_sums = day_sums_new();
	g_autoptr(window_sums_auto) window_sums = window_sums_new();
	struct settling s = {
		.db = db,
		.judge = judge,
		.day_sums = day_sums,
		.window_sums = window_sums,
		.address.old_rows = source_rows_new(),
		.address.new_rows = source_rows_new(),
		.address.days = g_array_new(FALSE, FALSE, sizeof(struct source_day)),
	};

	gboolean is_settled =
		move_windows(db, today, &s.last_day, error) && settle_with_indexes(&s, error);
	g_array_unref(s.address.old_rows);
	g_array_unref(s.address.new_rows);
	g_array_unref(s.address.days);
	return is_settled;
}
