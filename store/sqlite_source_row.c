/* SPDX-License-Identifier: MIT */
#include "store/sqlite_source_row.h"

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
	return (struct source_row){
		.domain = domain,
		.body.spark = g_array_new(FALSE, FALSE, sizeof(struct day_count)),
	};
}

gboolean
source_rows_read(struct db *db, guint32 address, GArray *rows, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT domain_id, class, n_7d, n_30d, n_90d, n_all, body FROM source "
			   "WHERE address_id = ? ORDER BY domain_id",
			   error);
	enum db_row result;

	if (!statement)
		return FALSE;
	db_bind(statement, "i", (gint64)address);
	while ((result = db_step(db, statement, error)) == DB_ROW) {
		struct source_row row = row_new((guint32)sqlite3_column_int64(statement, 0));
		row.verdict.class = (enum class)sqlite3_column_int(statement, 1);
		for (int w = 0; w < N_WINDOWS; w++)
			row.body.totals[w].messages = sqlite3_column_int64(statement, 2 + w);
		struct unpack in = db_peek_unpack(statement, 6);
		unpack_source_body(&in, row.body.totals, NULL);
		g_array_append_val(rows, row);
		if (in.is_broken) {
			sqlite3_reset(statement);
			return db_fail_damaged(db, "a source of address", address, error);
		}
	}
	return result == DB_DONE;
}

gboolean
source_days_read(struct db *db, guint32 address, GArray *days, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT domain_id, day, reporter_id, reports, " DB_TOTALS
			   " FROM source_day WHERE address_id = ? "
			   "ORDER BY domain_id, day, reporter_id",
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
			.reports = sqlite3_column_int64(statement, 3),
		};
		db_totals(statement, 4, &day.totals);
		g_array_append_val(days, day);
	}
	return result == DB_DONE;
}

/* The days of one domain, a slice of all days of an address. */
struct slice {
	const struct source_day *days;
	guint n;
};

static gint64
count_reporters(struct slice slice, gint64 from_day, gint64 to_day)
{
	/* Mostly one or two; a table only where there are many days. */
	g_autoptr(GHashTable) seen = NULL;
	guint32 first = 0;

	for (guint i = 0; i < slice.n; i++) {
		const struct source_day *day = &slice.days[i];
		if (day->day < from_day || day->day > to_day)
			continue;
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

static gint64
judged_until(struct slice slice, gint64 last_day)
{
	for (guint i = slice.n; i-- > 0;)
		if (slice.days[i].day <= last_day)
			return slice.days[i].day > last_day - JUDGED_DAYS ? last_day
									  : slice.days[i].day;
	return last_day;
}

static void
find_facts(struct source_row *row, struct slice slice, gint64 last_day)
{
	gint64 to_day = judged_until(slice, last_day);
	gint64 from_day = to_day - JUDGED_DAYS + 1;
	gint64 seen_day = G_MININT64;

	row->facts.lifetime = row->body.totals[WINDOW_ALL];
	for (guint i = 0; i < slice.n; i++) {
		const struct source_day *day = &slice.days[i];
		if (day->day < from_day || day->day > to_day)
			continue;
		totals_add(&row->facts.window, &day->totals);
		row->facts.days += day->day != seen_day;
		seen_day = day->day;
	}
	row->facts.reporters = count_reporters(slice, from_day, to_day);
}

static struct source_row
make_row(struct slice slice, gint64 last_day)
{
	struct source_row row = row_new(slice.days[0].domain);

	row.first_day = slice.days[0].day;
	row.last_day = slice.days[slice.n - 1].day;
	for (guint i = 0; i < slice.n; i++)
		add_day(&row, &slice.days[i], last_day);
	row.reporters = count_reporters(slice, G_MININT64, G_MAXINT64);
	find_facts(&row, slice, last_day);
	return row;
}

void
source_rows_make(const GArray *days, gint64 last_day, GArray *rows)
{
	guint i = 0;

	while (i < days->len) {
		struct slice slice = { &g_array_index(days, struct source_day, i), 0 };
		while (i < days->len &&
		       g_array_index(days, struct source_day, i).domain == slice.days->domain) {
			slice.n++;
			i++;
		}
		struct source_row row = make_row(slice, last_day);
		g_array_append_val(rows, row);
	}
}

gboolean
source_row_write(struct db *db, guint32 address, const struct source_row *row, GError **error)
{
	g_autoptr(GByteArray) body = g_byte_array_sized_new(64);
	sqlite3_stmt *statement = db_prepare(
		db, "INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		error);

	if (!statement)
		return FALSE;
	pack_source_body(body, &row->body);
	db_bind(statement, "iiiiiiiiiiiib", (gint64)address, (gint64)row->domain,
		(gint64)row->verdict.class, (gint64)row->verdict.rule, row->first_day,
		row->last_day, row->reporters, row->next_day, row->body.totals[WINDOW_7D].messages,
		row->body.totals[WINDOW_30D].messages, row->body.totals[WINDOW_90D].messages,
		row->body.totals[WINDOW_ALL].messages, body->data, (int)body->len);
	return db_run(db, statement, error);
}
