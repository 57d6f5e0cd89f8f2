/* SPDX-License-Identifier: MIT */
#include "store/sqlite_reporter.h"

#include "core/error.h"
#include "core/policy_number.h"
#include "store/sqlite_source_row.h"

/* The usual delay is the median of so many reports, the usual gap that of so many days. */
#define RECENT_REPORTS 20
#define RECENT_DAYS    20
/* Silent is who misses three of its usual gaps, and four days at least. */
#define SILENT_GAPS 3
#define SILENT_DAYS 4

/* --- As they come --- */

static gboolean
add_day(struct db *db, const struct report_row *row, gint64 domain, gint64 policies, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO reporter_day (domain_id, day, reporter_id, reports, "
			   "messages, policies) VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE "
			   "SET reports = reports + 1, messages = messages + excluded.messages, "
			   "policies = policies | excluded.policies",
			   error);

	return statement && db_run(db,
				   db_bind(statement, "iiiii", domain, row->day,
					   (gint64)row->reporter, row->totals.messages, policies),
				   error);
}

static gboolean
add_faults(struct dictionaries *dictionaries, const struct document *document,
	   const struct report_row *row, GError **error)
{
	struct db *db = dictionaries_db(dictionaries);

	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *warning =
			&g_array_index(document->warnings, struct warning, i);
		guint32 code;
		sqlite3_stmt *statement =
			db_prepare(db,
				   "INSERT INTO reporter_fault VALUES (?, ?, 1) ON CONFLICT DO "
				   "UPDATE SET warnings = warnings + 1",
				   error);
		if (!statement ||
		    !dictionary_text(dictionaries, DICTIONARY_NAME, warning->code, &code, error) ||
		    !db_run(db, db_bind(statement, "ii", (gint64)row->reporter, (gint64)code),
			    error))
			return FALSE;
	}
	return TRUE;
}

/* The policies of a day are the bits of a word. */
static gint64
policy_bit(const struct policy *policy)
{
	const struct history_policy seen = { policy->p, policy->sp, policy->adkim, policy->aspf };
	gint number = policy_number(&seen);

	return number == NO_POLICY_NUMBER ? 0 : (gint64)1 << number;
}

gboolean
reporter_count(struct dictionaries *dictionaries, const struct document *document,
	       const struct report_row *row, GError **error)
{
	struct db *db = dictionaries_db(dictionaries);
	sqlite3_stmt *party =
		db_prepare(db, "UPDATE party SET reports = reports + 1 WHERE id = ?", error);
	sqlite3_stmt *mark = db_prepare(db,
					"INSERT INTO reporter_sum VALUES (?, 1, 0, 0, 0, 0, 0, 0, "
					"0, 0, 0, 0, -1, 0, 0) ON CONFLICT DO UPDATE SET is_due = "
					"1 WHERE NOT is_due",
					error);

	return party && mark &&
	       add_day(db, row, row->domain, policy_bit(&document->report.policy), error) &&
	       add_day(db, row, 0, 0, error) &&
	       db_run(db, db_bind(party, "i", (gint64)row->party), error) &&
	       db_run(db, db_bind(mark, "i", (gint64)row->reporter), error) &&
	       add_faults(dictionaries, document, row, error);
}

/* --- Settled --- */

gboolean
reporters_mark(struct db *db, gint64 before, gint64 last_day, GError **error)
{
	/* Days that leave the longest window or enter it; all of them where the clock was set back.
	 */
	sqlite3_stmt *statement =
		db_prepare(db,
			   "UPDATE reporter_sum SET is_due = 1 WHERE r_90d > 0 OR r_all = 0 OR "
			   "?2 < ?1 OR EXISTS (SELECT 1 FROM reporter_day d WHERE d.domain_id = 0 "
			   "AND d.reporter_id = reporter_sum.reporter_id AND d.day > ?1)",
			   error);

	return statement && db_run(db, db_bind(statement, "ii", before, last_day), error);
}

struct reporter_sum {
	gint64 id;
	gint64 first_day;
	gint64 last_day;
	gint64 reports[N_WINDOWS];
	gint64 messages[N_WINDOWS];
	gint64 delay_s;
	gint64 gap;
	gint64 silent_from;
};

static void
sum_day(struct reporter_sum *sum, gint64 last_day, sqlite3_stmt *statement)
{
	gint64 day = sqlite3_column_int64(statement, 0);
	gint64 reports = sqlite3_column_int64(statement, 1);
	gint64 messages = sqlite3_column_int64(statement, 2);

	sum->first_day = sum->reports[WINDOW_ALL] == 0 ? day : MIN(sum->first_day, day);
	sum->last_day = day <= last_day ? MAX(sum->last_day, day) : sum->last_day;
	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
		if (w != WINDOW_ALL && (day < window_first_day(w, last_day) || day > last_day))
			continue;
		sum->reports[w] += reports;
		sum->messages[w] = count_add(sum->messages[w], messages);
	}
}

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
	gint64 x = *(const gint64 *)a;
	gint64 y = *(const gint64 *)b;

	return x < y ? -1 : x > y;
}

/* The lower one of the two in the middle. */
static gint64
median(GArray *numbers, gint64 of_none)
{
	if (numbers->len == 0)
		return of_none;
	g_array_sort(numbers, compare_numbers);
	return g_array_index(numbers, gint64, (numbers->len - 1) / 2);
}

static gboolean
read_days(struct db *db, gint64 last_day, struct reporter_sum *sum, GError **error)
{
	g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(gint64));
	gint64 later = 0;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT day, reports, messages FROM reporter_day WHERE reporter_id = ? "
			   "AND domain_id = 0 ORDER BY day DESC",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", sum->id);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 day = sqlite3_column_int64(statement, 0);
		gint64 gap = later - day;
		if (later != 0 && gaps->len < RECENT_DAYS)
			g_array_append_val(gaps, gap);
		later = day <= last_day ? day : later;
		sum_day(sum, last_day, statement);
	}
	sum->gap = median(gaps, 0);
	if (sum->last_day != 0)
		sum->silent_from = sum->last_day + MAX(SILENT_DAYS, SILENT_GAPS * sum->gap);
	return row == DB_DONE;
}

static gboolean
read_delay(struct db *db, struct reporter_sum *sum, GError **error)
{
	g_autoptr(GArray) delays = g_array_new(FALSE, FALSE, sizeof(gint64));
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT max(a.received_at - r.end_at, 0) FROM report r JOIN arrival a ON a.id = "
		"r.arrival_id WHERE r.reporter_id = ? AND r.revision_of IS NULL ORDER BY r.day "
		"DESC, r.identity LIMIT ?",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", sum->id, (gint64)RECENT_REPORTS);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 delay = sqlite3_column_int64(statement, 0);
		g_array_append_val(delays, delay);
	}
	sum->delay_s = median(delays, -1);
	return row == DB_DONE;
}

static gboolean
write_sum(struct db *db, const struct reporter_sum *sum, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db,
					     "INSERT OR REPLACE INTO reporter_sum VALUES (?, 0, ?, "
					     "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
					     error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", sum->id, sum->first_day, sum->last_day);
	for (int w = 0; w < N_WINDOWS; w++) {
		sqlite3_bind_int64(statement, 4 + w, sum->reports[w]);
		sqlite3_bind_int64(statement, 4 + N_WINDOWS + w, sum->messages[w]);
	}
	sqlite3_bind_int64(statement, 12, sum->delay_s);
	sqlite3_bind_int64(statement, 13, sum->gap);
	sqlite3_bind_int64(statement, 14, sum->silent_from);
	return db_run(db, statement, error);
}

static gboolean
list_due(struct db *db, GArray *ids, GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT reporter_id FROM reporter_sum WHERE is_due", error);

	if (!statement)
		return FALSE;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 id = sqlite3_column_int64(statement, 0);
		g_array_append_val(ids, id);
	}
	return row == DB_DONE;
}

gboolean
reporters_settle(struct db *db, gint64 last_day, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

	if (!list_due(db, ids, error))
		return FALSE;
	for (guint i = 0; i < ids->len; i++) {
		struct reporter_sum sum = { .id = g_array_index(ids, gint64, i) };
		if (!read_days(db, last_day, &sum, error) || !read_delay(db, &sum, error) ||
		    !write_sum(db, &sum, error))
			return FALSE;
	}
	return TRUE;
}

/* --- By a user --- */

gboolean
voice_approve(struct db *db, gpointer data, GError **error)
{
	const struct voice_edit *edit = data;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "UPDATE voice SET is_approved = ?, is_heard = 1 WHERE id = (SELECT id "
			   "FROM name WHERE text = ?) AND id > 1",
			   error);

	if (!statement ||
	    !db_run(db, db_bind(statement, "it", (gint64)edit->is_approved, edit->voice), error))
		return FALSE;
	if (sqlite3_changes(db->handle) > 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "no authenticated report came from \"%s\"", edit->voice);
	return FALSE;
}
