/* SPDX-License-Identifier: MIT */
#include "store/sqlite_source_row.h"

#include "core/suspect.h"

/*
 * A source is judged on the 30 days that end at the last day of all windows, or, where it was
 * silent in them, at its own last day: so it keeps its class.
 */
#define JUDGED_DAYS 30

static const gint64 window_days[N_WINDOWS] = {
	[WINDOW_7D] = 7,
	[WINDOW_30D] = 30,
	[WINDOW_90D] = 90,
};

gint64
window_first_day(enum window window, gint64 last_day)
{
	return window == WINDOW_ALL ? G_MININT64 / 2 : last_day - window_days[window] + 1;
}

static void
row_clear(gpointer data)
{
	struct source_row *row = data;

	g_array_unref(row->body.spark);
	source_facts_clear(&row->facts);
}

GArray *
source_rows_new(void)
{
	GArray *rows = g_array_new(FALSE, TRUE, sizeof(struct source_row));

	g_array_set_clear_func(rows, row_clear);
	return rows;
}

void
source_rows_clear(GArray *rows)
{
	g_array_set_size(rows, 0);
}

static struct source_row
row_new(guint32 domain)
{
	struct source_row row = {
		.domain = domain,
		.guard = GUARD_OTHER_CLASS,
		.sender = PACK_NO_NAME,
		.body.spark = g_array_new(FALSE, FALSE, sizeof(struct day_count)),
	};

	source_facts_init(&row.facts);
	return row;
}

/* The columns that read_row() expects, body and facts last. */
#define ROW_COLUMNS                                                                       \
	"domain_id, class, rule, score, unruled, user_rule, sender, n_7d, n_30d, n_90d, " \
	"n_all, guard, body, facts"
#define ROW_BODY 12

static gboolean
read_row(sqlite3_stmt *statement, struct source_row *row)
{
	gint64 unruled = sqlite3_column_int64(statement, 4);
	gint64 user_rule = sqlite3_column_int64(statement, 5);

	row->verdict = (struct verdict){
		.class = (enum class)sqlite3_column_int(statement, 1),
		.rule = (guint8)sqlite3_column_int(statement, 2),
		.score = (guint8)sqlite3_column_int(statement, 3),
		.unruled_class = (enum class)(unruled >> 4),
		.unruled_rule = (guint8)(unruled & 15),
		.is_ignored = user_rule < 0,
		.user_rule = ABS(user_rule),
	};
	row->sender = (guint32)sqlite3_column_int64(statement, 6);
	for (int w = 0; w < N_WINDOWS; w++)
		row->body.totals[w].messages = sqlite3_column_int64(statement, 7 + w);
	row->guard = (guint8)sqlite3_column_int(statement, 11);
	struct unpack in = db_peek_unpack(statement, ROW_BODY);
	unpack_source_body(&in, row->body.totals, NULL);
	return !in.is_broken &&
	       source_facts_unpack(&row->facts, sqlite3_column_blob(statement, ROW_BODY + 1),
				   (gsize)sqlite3_column_bytes(statement, ROW_BODY + 1));
}

gboolean
source_last_address(struct db *db, gint64 *ret_address, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "SELECT max(address_id) FROM source", error);

	return statement && db_number(db, statement, 0, ret_address, error);
}

gboolean
source_rows_read(struct db *db, guint32 address, GArray *rows, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT " ROW_COLUMNS " FROM source WHERE address_id = ? "
			   "ORDER BY domain_id",
			   error);
	enum db_row result;

	if (!statement)
		return FALSE;
	db_bind(statement, "i", (gint64)address);
	while ((result = db_step(db, statement, error)) == DB_ROW) {
		struct source_row row = row_new((guint32)sqlite3_column_int64(statement, 0));
		gboolean is_whole = read_row(statement, &row);
		g_array_append_val(rows, row);
		if (!is_whole) {
			sqlite3_reset(statement);
			return db_fail_damaged(db, "a source of address", address, error);
		}
	}
	return result == DB_DONE;
}

gboolean
source_days_read(struct db *db, guint32 address, struct source_days *days, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT d.domain_id, d.day, p.reporter_id, d.party_id, p.counted, "
			   "d.reports, d.tally, p.authenticated, " DB_TOTALS
			   " FROM source_day d JOIN party p ON p.id = d.party_id "
			   "WHERE d.address_id = ? ORDER BY d.domain_id, d.day, d.party_id",
			   error);
	enum db_row result;

	if (!statement)
		return FALSE;
	db_bind(statement, "i", (gint64)address);
	while ((result = db_step(db, statement, error)) == DB_ROW) {
		struct source_day day = {
			.domain = (guint32)sqlite3_column_int64(statement, 0),
			.day = sqlite3_column_int64(statement, 1),
			.reporter = (guint32)sqlite3_column_int64(statement, 2),
			.party = (guint32)sqlite3_column_int64(statement, 3),
			.voice = (guint32)sqlite3_column_int64(statement, 4),
			.reports = sqlite3_column_int64(statement, 5),
			.tally_at = days->tallies->len,
			.tally_len = (guint)sqlite3_column_bytes(statement, 6),
			.authenticated = (guint32)sqlite3_column_int(statement, 7),
		};
		db_totals(statement, 8, &day.totals);
		g_byte_array_append(days->tallies, sqlite3_column_blob(statement, 6),
				    day.tally_len);
		g_array_append_val(days->rows, day);
	}
	return result == DB_DONE;
}

static const struct source_day *
day_at(const struct source_slice *slice, guint i)
{
	return &g_array_index(slice->days->rows, struct source_day, slice->first + i);
}

static gint64
count_reporters(const struct source_slice *slice)
{
	/* Mostly one or two; a table only where there are many days. */
	g_autoptr(GHashTable) seen = NULL;
	guint32 first = 0;

	for (guint i = 0; i < slice->n; i++) {
		const struct source_day *day = day_at(slice, i);
		if (!seen && (first == 0 || first == day->reporter)) {
			first = day->reporter;
			continue;
		}
		if (!seen) {
			seen = g_hash_table_new(NULL, NULL);
			g_hash_table_add(seen, GUINT_TO_POINTER(first));
		}
		g_hash_table_add(seen, GUINT_TO_POINTER(day->reporter));
	}
	return seen ? g_hash_table_size(seen) : first != 0;
}

static void
add_spark(GArray *spark, const struct source_day *day, gint64 last_day)
{
	if (day->day > last_day || day->day <= last_day - QUERY_SPARK_DAYS)
		return;
	struct day_count *last =
		spark->len ? &g_array_index(spark, struct day_count, spark->len - 1) : NULL;
	if (last && last->day == day->day) {
		last->messages = count_add(last->messages, day->totals.messages);
		return;
	}
	struct day_count count = { day->day, day->totals.messages };
	g_array_append_val(spark, count);
}

/* The first value of the last day at which this day leaves or enters a window. */
static gint64
next_change(gint64 day, gint64 last_day)
{
	if (day > last_day)
		return day;
	for (enum window w = WINDOW_7D; w < WINDOW_ALL; w++)
		if (day > last_day - window_days[w])
			return day + window_days[w];
	return 0;
}

static void
add_day(struct source_row *row, const struct source_day *day, gint64 last_day)
{
	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++)
		if (w == WINDOW_ALL ||
		    (day->day >= window_first_day(w, last_day) && day->day <= last_day))
			totals_add(&row->body.totals[w], &day->totals);
	gint64 change = next_change(day->day, last_day);
	if (change != 0 && (row->next_day == 0 || change < row->next_day))
		row->next_day = change;
	add_spark(row->body.spark, day, last_day);
}

/* The last day up to the last day of all windows; 0 where all are later. */
static gint64
last_seen(const struct source_slice *slice, gint64 last_day)
{
	for (guint i = slice->n; i-- > 0;)
		if (day_at(slice, i)->day <= last_day)
			return day_at(slice, i)->day;
	return 0;
}

static gint64
judged_until(gint64 seen, gint64 last_day)
{
	return seen == 0 || seen > last_day - JUDGED_DAYS ? last_day : seen;
}

/* It stops being recent when the last day of all windows gets there. */
static void
note_recent(struct source_row *row, gint64 last_day)
{
	gint64 change = row->facts.last_seen + SUSPECT_RECENT_DAYS + 1;

	if (row->facts.last_seen != 0 && change > last_day &&
	    (row->next_day == 0 || change < row->next_day))
		row->next_day = change;
}

static gboolean
make_row(struct source_row *row, const struct source_slice *slice, gint64 last_day)
{
	gint64 seen = last_seen(slice, last_day);
	gint64 to_day = judged_until(seen, last_day);

	row->first_day = day_at(slice, 0)->day;
	row->last_day = day_at(slice, slice->n - 1)->day;
	for (guint i = 0; i < slice->n; i++)
		add_day(row, day_at(slice, i), last_day);
	row->reporters = count_reporters(slice);
	row->facts.is_active = to_day == last_day;
	row->facts.last_seen = seen;
	note_recent(row, last_day);
	return source_facts_make(&row->facts, slice, to_day - JUDGED_DAYS + 1, to_day);
}

gboolean
source_rows_make(struct db *db, const struct source_days *days, gint64 last_day, GArray *rows,
		 GError **error)
{
	struct source_slice slice = { .days = days };

	while (slice.first < days->rows->len) {
		guint32 domain = day_at(&slice, 0)->domain;
		slice.n = 1;
		while (slice.first + slice.n < days->rows->len &&
		       day_at(&slice, slice.n)->domain == domain)
			slice.n++;
		struct source_row row = row_new(domain);
		gboolean is_whole = make_row(&row, &slice, last_day);
		g_array_append_val(rows, row);
		if (!is_whole)
			return db_fail_damaged(db, "the days of a source of domain", domain, error);
		slice.first += slice.n;
	}
	return TRUE;
}

gboolean
source_row_write(struct db *db, guint32 address, const struct source_row *row, GError **error)
{
	g_autoptr(GByteArray) body = g_byte_array_sized_new(64);
	g_autoptr(GByteArray) facts = g_byte_array_sized_new(64);
	const struct verdict *v = &row->verdict;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT OR REPLACE INTO source (address_id, domain_id, class, rule, "
			   "score, unruled, user_rule, sender, first_day, last_day, reporters, "
			   "next_day, n_7d, n_30d, n_90d, n_all, guard, body, facts) VALUES "
			   "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			   error);

	if (!statement)
		return FALSE;
	pack_source_body(body, &row->body);
	source_facts_pack(facts, &row->facts);
	db_bind(statement, "iiiiiiiiiiiiiiiiibb", (gint64)address, (gint64)row->domain,
		(gint64)v->class, (gint64)v->rule, (gint64)v->score,
		(gint64)v->unruled_class << 4 | (gint64)v->unruled_rule,
		v->is_ignored ? -v->user_rule : v->user_rule, (gint64)row->sender, row->first_day,
		row->last_day, row->reporters, row->next_day, row->body.totals[WINDOW_7D].messages,
		row->body.totals[WINDOW_30D].messages, row->body.totals[WINDOW_90D].messages,
		row->body.totals[WINDOW_ALL].messages, (gint64)row->guard, body->data,
		(int)body->len, facts->data, (int)facts->len);
	return db_run(db, statement, error);
}

gboolean
source_row_write_verdict(struct db *db, guint32 address, const struct source_row *row,
			 GError **error)
{
	const struct verdict *v = &row->verdict;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "UPDATE source SET class = ?, rule = ?, score = ?, unruled = ?, "
			   "user_rule = ?, guard = ? WHERE address_id = ? AND domain_id = ?",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiiiiii", (gint64)v->class, (gint64)v->rule, (gint64)v->score,
		(gint64)v->unruled_class << 4 | (gint64)v->unruled_rule,
		v->is_ignored ? -v->user_rule : v->user_rule, (gint64)row->guard, (gint64)address,
		(gint64)row->domain);
	return db_run(db, statement, error);
}
