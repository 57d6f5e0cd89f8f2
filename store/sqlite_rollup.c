/* SPDX-License-Identifier: MIT */
#include "store/sqlite_rollup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/pack.h"
#include "store/sqlite_day_rows.h"
#include "store/sqlite_day_sums.h"
#include "store/sqlite_override.h"
#include "store/sqlite_recall.h"
#include "store/sqlite_record.h"
#include "store/sqlite_settle.h"
#include "store/sqlite_sightings.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_spread.h"
#include "store/tally.h"

/* So many sums are kept in memory, about 250 bytes each, before they are written. */
#define SUMS_MAX 200000
/* A long bulk load shows its sources now and then, not only at its end. */
#define WRITES_PER_SETTLE 16

struct rollup {
	struct db *db;
	const struct store_judge *judge;
	struct dictionaries *dictionaries;
	struct day_rows *rows;
	struct override_sums *overrides;
	struct sightings *sightings;
	GArray *address_tally; /* of the address that is being added */
	GArray *day_tally;
	int lock_fd;
	gboolean has_lock;
	gboolean is_moving; /* a report to another party ... */
	gboolean is_taking; /* ... away from the one it had */
	gboolean has_moved; /* in memory, which the pending reports do not tell of */
	guint writes;       /* since sources were settled */
};

struct rollup *
rollup_new(struct db *db, const struct store_judge *judge, struct dictionaries *dictionaries)
{
	struct rollup *rollup = g_new0(struct rollup, 1);
	g_autofree char *path = g_strconcat(db->path, ".rollup-lock", NULL);

	rollup->db = db;
	rollup->judge = judge;
	rollup->dictionaries = dictionaries;
	rollup->rows = day_rows_new();
	rollup->overrides = override_sums_new();
	rollup->sightings = sightings_new();
	rollup->address_tally = tally_new();
	rollup->day_tally = tally_new();
	/* Without the file nothing may lag, which is slower and as right. */
	rollup->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return rollup;
}

void
rollup_free(struct rollup *rollup)
{
	if (!rollup)
		return;
	day_rows_free(rollup->rows);
	override_sums_free(rollup->overrides);
	sightings_free(rollup->sightings);
	g_array_unref(rollup->address_tally);
	g_array_unref(rollup->day_tally);
	if (rollup->lock_fd >= 0)
		close(rollup->lock_fd);
	g_free(rollup);
}

gboolean
rollup_is_lagging(const struct rollup *rollup)
{
	return rollup->has_lock;
}

void
rollup_unlock(struct rollup *rollup)
{
	if (rollup->has_lock)
		flock(rollup->lock_fd, LOCK_UN);
	rollup->has_lock = FALSE;
}

void
rollup_forget(struct rollup *rollup)
{
	day_rows_forget(rollup->rows);
	rollup->has_moved = FALSE;
	override_sums_forget(rollup->overrides);
	sightings_forget(rollup->sightings);
	/* The next start reads again what is pending. */
	rollup_unlock(rollup);
}

/* The sums of one address in one report, spread over the days of the report's period. */
static void
add_address(struct rollup *rollup, const struct rollup_report *report, guint32 address,
	    const struct totals *totals)
{
	struct day_row row = { .address = address,
			       .domain = report->domain,
			       .party = report->party };
	struct spread spread = spread_of(report->day, report->begin_at, report->end_at);

	for (row.day = spread.first_day; row.day <= spread.last_day; row.day++) {
		row.reports = row.day == report->day;
		row.totals = spread_part(&spread, totals, row.day);
		g_array_set_size(rollup->day_tally, 0);
		tally_spread(rollup->day_tally, rollup->address_tally, &spread, row.day);
		if (rollup->is_taking)
			day_row_negate(&row, rollup->day_tally);
		if (row.reports != 0 || !totals_is_zero(&row.totals))
			day_rows_add(rollup->rows, &row, rollup->day_tally);
	}
}

/* The records of one address, from i on. Returns where the next address begins. */
static guint
add_next_address(struct rollup *rollup, const struct rollup_report *report, const GArray *records,
		 guint i)
{
	guint32 address = g_array_index(records, struct stored_record, i).address;
	struct totals totals = { 0 };

	g_array_set_size(rollup->address_tally, 0);
	for (; i < records->len; i++) {
		const struct stored_record *record =
			&g_array_index(records, struct stored_record, i);
		if (record->address != address)
			break;
		struct totals more = stored_record_totals(record);
		totals_add(&totals, &more);
		tally_add_record(rollup->address_tally, record);
		if (!rollup->is_moving)
			sightings_add_record(rollup->sightings, report->domain, report->day,
					     record);
	}
	add_address(rollup, report, address, &totals);
	return i;
}

/* --- Writing --- */

static gboolean
read_class(struct db *db, const struct day_row *row, enum class *ret_class, GError **error)
{
	gint64 class;
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT class FROM source WHERE address_id = ? AND domain_id = ?", error);

	if (!statement ||
	    !db_number(db, db_bind(statement, "ii", (gint64)row->address, (gint64)row->domain),
		       CLASS_NONE, &class, error))
		return FALSE;
	*ret_class = (enum class) class;
	return TRUE;
}

static gboolean
write_sorted(struct rollup *rollup, const gpointer *sorted, guint n, struct day_sums *day_sums,
	     GError **error)
{
	const struct day_row *before = NULL;
	enum class current = CLASS_NONE;
	gint64 last_address;

	if (!source_last_address(rollup->db, &last_address, error))
		return FALSE;

	for (guint i = 0; i < n; i++) {
		const struct day_row *row = sorted[i];
		gboolean is_new_address = !before || before->address != row->address;
		if (is_new_address && !settle_mark(rollup->db, row->address, error))
			return FALSE;
		if (row->address > last_address)
			current = CLASS_NONE;
		else if ((is_new_address || before->domain != row->domain) &&
			 !read_class(rollup->db, row, &current, error))
			return FALSE;
		if (!day_rows_write(rollup->rows, row, rollup->db, error))
			return FALSE;
		day_sums_add(day_sums, row->domain, row->day, current, &row->totals);
		sightings_add_day(rollup->sightings, row->domain, row->day,
				  day_rows_tally(rollup->rows, row));
		before = row;
	}
	return day_sums_write(day_sums, rollup->db, error);
}

/* Reports that are pending stay so. */
static gboolean
write_part(struct rollup *rollup, GError **error)
{
	guint n;
	g_autofree gpointer *sorted = day_rows_sorted(rollup->rows, &n);
	g_autoptr(day_sums_auto) day_sums = day_sums_new();

	if (!write_sorted(rollup, sorted, n, day_sums, error) ||
	    !sightings_write(rollup->sightings, rollup->dictionaries, error))
		return FALSE;
	day_rows_forget(rollup->rows);
	return override_sums_write(rollup->overrides, rollup->db, error);
}

static gboolean
write_sums(struct rollup *rollup, GError **error)
{
	if (!write_part(rollup, error))
		return FALSE;
	rollup->has_moved = FALSE;
	/* The table holds what this process has in memory: another one could not lag meanwhile. */
	return !rollup->has_lock || db_do(rollup->db, "DELETE FROM pending", error);
}

/* --- What a killed process left --- */

static gboolean
load_records(struct rollup *rollup, struct row_reader *reader, const struct rollup_report *report,
	     GError **error)
{
	g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct stored_record));
	struct record_walk walk;
	enum db_row row;
	g_autoptr(recall_auto) recall = recall_new(rollup->db, reader, report->domain, error);

	if (!recall ||
	    !record_walk_start(&walk, rollup->db, report->id, RECORD_ALL_ADDRESSES, error))
		return FALSE;
	while ((row = record_walk_next(&walk, error)) == DB_ROW)
		g_array_append_val(records, walk.record);
	for (guint i = 0; row == DB_DONE && i < records->len; i++)
		if (!recall_record(recall, &g_array_index(records, struct stored_record, i), error))
			return FALSE;
	if (row == DB_DONE &&
	    !override_sums_add(rollup->overrides, rollup->db, report->party, records, 1, error))
		return FALSE;
	for (guint i = 0; row == DB_DONE && i < records->len;)
		i = add_next_address(rollup, report, records, i);
	return row == DB_DONE;
}

/* What does not fit into memory is written on the way, and then all of it, in this transaction. */
static gboolean
load_reports(struct rollup *rollup, const GArray *reports, GError **error)
{
	gboolean is_partly_written = FALSE;
	g_autoptr(row_reader_auto) reader = row_reader_new(rollup->judge, rollup->dictionaries);

	for (guint i = 0; i < reports->len; i++) {
		if (!load_records(rollup, reader, &g_array_index(reports, struct rollup_report, i),
				  error))
			return FALSE;
		if (day_rows_count(rollup->rows) < SUMS_MAX)
			continue;
		if (!write_part(rollup, error))
			return FALSE;
		is_partly_written = TRUE;
	}
	return !is_partly_written || write_sums(rollup, error);
}

static gboolean
load_pending(struct rollup *rollup, GError **error)
{
	g_autoptr(GArray) reports = g_array_new(FALSE, FALSE, sizeof(struct rollup_report));
	sqlite3_stmt *statement =
		db_prepare(rollup->db,
			   "SELECT r.id, r.domain_id, r.party_id, r.day, r.begin_at, r.end_at "
			   "FROM pending p JOIN report r ON r.id = p.report_id ORDER BY r.id",
			   error);
	enum db_row row;

	if (!statement)
		return FALSE;
	while ((row = db_step(rollup->db, statement, error)) == DB_ROW) {
		const struct rollup_report report = {
			.id = sqlite3_column_int64(statement, 0),
			.domain = (guint32)sqlite3_column_int64(statement, 1),
			.party = (guint32)sqlite3_column_int64(statement, 2),
			.day = sqlite3_column_int64(statement, 3),
			.begin_at = sqlite3_column_int64(statement, 4),
			.end_at = sqlite3_column_int64(statement, 5),
		};
		g_array_append_val(reports, report);
	}
	if (row != DB_DONE)
		return FALSE;
	return load_reports(rollup, reports, error);
}

gboolean
rollup_start(struct rollup *rollup, GError **error)
{
	if (rollup->has_lock)
		return TRUE;
	rollup->has_lock = rollup->lock_fd >= 0 && flock(rollup->lock_fd, LOCK_EX | LOCK_NB) == 0;
	return !rollup->has_lock || load_pending(rollup, error);
}

/*
 * A report of more sources than are kept in memory is written while it is added, to its end, so
 * that it never is half in memory and half in the tables.
 */
static gboolean
add_large(struct rollup *rollup, const struct rollup_report *report, const GArray *records,
	  GError **error)
{
	for (guint i = 0; i < records->len;) {
		i = add_next_address(rollup, report, records, i);
		if (day_rows_count(rollup->rows) >= SUMS_MAX && !write_sums(rollup, error))
			return FALSE;
	}
	return write_sums(rollup, error);
}

gboolean
rollup_add(struct rollup *rollup, const struct rollup_report *report, const GArray *records,
	   GError **error)
{
	if (!override_sums_add(rollup->overrides, rollup->db, report->party, records, 1, error))
		return FALSE;
	if (records->len >= SUMS_MAX)
		return add_large(rollup, report, records, error);
	for (guint i = 0; i < records->len;)
		i = add_next_address(rollup, report, records, i);
	if (!rollup->has_lock)
		return TRUE;
	sqlite3_stmt *statement = db_prepare(rollup->db, "INSERT INTO pending VALUES (?)", error);
	return statement && db_run(rollup->db, db_bind(statement, "i", report->id), error);
}

static gboolean
add_for(struct rollup *rollup, const struct rollup_report *report, const GArray *records,
	GError **error)
{
	if (!override_sums_add(rollup->overrides, rollup->db, report->party, records,
			       rollup->is_taking ? -1 : 1, error))
		return FALSE;
	for (guint i = 0; i < records->len;)
		i = add_next_address(rollup, report, records, i);
	return TRUE;
}

gboolean
rollup_move(struct rollup *rollup, const struct rollup_report *from, guint32 to,
	    const GArray *records, GError **error)
{
	struct rollup_report there = *from;

	there.party = to;
	rollup->is_moving = TRUE;
	rollup->is_taking = TRUE;
	gboolean is_moved = add_for(rollup, from, records, error);
	rollup->is_taking = FALSE;
	is_moved = is_moved && add_for(rollup, &there, records, error);
	rollup->is_moving = FALSE;
	rollup->has_moved = TRUE;
	return is_moved;
}

gboolean
rollup_finish(struct rollup *rollup, gint64 today, GError **error)
{
	if (rollup->has_lock && rollup->has_moved && !write_sums(rollup, error))
		return FALSE;
	if (!rollup->has_lock)
		return day_rows_count(rollup->rows) == 0 ||
		       (write_sums(rollup, error) &&
			settle_all(rollup->dictionaries, rollup->judge, today, error));
	if (day_rows_count(rollup->rows) < SUMS_MAX)
		return TRUE;
	if (!write_sums(rollup, error))
		return FALSE;
	if (++rollup->writes < WRITES_PER_SETTLE)
		return TRUE;
	rollup->writes = 0;
	return settle_all(rollup->dictionaries, rollup->judge, today, error);
}

gboolean
rollup_catch_up(struct rollup *rollup, gint64 today, GError **error)
{
	rollup->writes = 0;
	return write_sums(rollup, error) &&
	       settle_all(rollup->dictionaries, rollup->judge, today, error);
}
