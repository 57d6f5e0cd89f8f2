/* SPDX-License-Identifier: MIT */
/* Questions about reporters. */
#include "store/query_reporters.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

#define FILE_PREFIX "file:"

static void
fault_free(gpointer data)
{
	struct query_fault *fault = data;

	g_free(fault->code);
	g_free(fault);
}

static void
reporter_free(gpointer data)
{
	struct query_reporter *reporter = data;

	if (!reporter)
		return;
	g_free(reporter->reporter);
	g_ptr_array_unref(reporter->faults);
	g_free(reporter);
}

static void
party_free(gpointer data)
{
	struct query_party *party = data;

	g_free(party->auth_domain);
	g_free(party->from);
	g_free(party->voice);
	g_free(party);
}

void
query_reporter_detail_free(struct query_reporter_detail *detail)
{
	if (!detail)
		return;
	reporter_free(detail->reporter);
	g_ptr_array_unref(detail->parties);
	g_array_unref(detail->days);
	g_free(detail);
}

/* --- What one row says --- */

/* The columns that read_sum() expects. */
#define SUM_COLUMNS                                                                         \
	"reporter_id, first_day, last_day, r_7d, r_30d, r_90d, r_all, n_7d, n_30d, n_90d, " \
	"n_all, delay_s, gap, silent_from"

static struct query_reporter *
read_sum(struct store_view *view, sqlite3_stmt *statement, enum window window, gint64 last_day)
{
	struct query_reporter *reporter = g_new0(struct query_reporter, 1);
	gint64 silent_from = sqlite3_column_int64(statement, 13);

	reporter->id = sqlite3_column_int64(statement, 0);
	reporter->reporter = view_reporter(view, reporter->id);
	reporter->first_day = sqlite3_column_int64(statement, 1);
	reporter->last_day = sqlite3_column_int64(statement, 2);
	reporter->reports = sqlite3_column_int64(statement, 3 + (int)window);
	reporter->messages = sqlite3_column_int64(statement, 3 + N_WINDOWS + (int)window);
	reporter->reports_ever = sqlite3_column_int64(statement, 3 + WINDOW_ALL);
	reporter->delay_s = sqlite3_column_int64(statement, 11);
	reporter->gap = sqlite3_column_int64(statement, 12);
	reporter->silent_days = reporter->last_day ? last_day - reporter->last_day : 0;
	reporter->is_silent = silent_from > 0 && silent_from <= last_day;
	reporter->faults = g_ptr_array_new_with_free_func(fault_free);
	return reporter;
}

static gboolean
add_mails(struct db *db, struct query_reporter *reporter, GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT authenticated, sum(reports), sum(iif(counted <> 0, reports, 0)) "
			   "FROM party WHERE reporter_id = ? GROUP BY authenticated",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", reporter->id);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 authenticated = sqlite3_column_int64(statement, 0);
		if (authenticated >= 0 && authenticated < N_AUTHENTICATED)
			reporter->by_mail[authenticated] = sqlite3_column_int64(statement, 1);
		reporter->counted += sqlite3_column_int64(statement, 2);
	}
	return row == DB_DONE;
}

static gboolean
add_overrides(struct db *db, struct query_reporter *reporter, GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT o.kind, sum(o.messages) FROM party p JOIN party_override o ON "
			   "o.party_id = p.id WHERE p.reporter_id = ? GROUP BY o.kind",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", reporter->id);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 kind = sqlite3_column_int64(statement, 0);
		if (kind >= 0 && kind < N_OVERRIDES)
			reporter->overrides[kind] = sqlite3_column_int64(statement, 1);
	}
	return row == DB_DONE;
}

static gboolean
add_faults(struct store_view *view, struct query_reporter *reporter, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT n.text, f.warnings FROM reporter_fault f JOIN name n ON n.id = f.code "
		"WHERE f.reporter_id = ? ORDER BY f.warnings DESC, n.text",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", reporter->id);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct query_fault *fault = g_new0(struct query_fault, 1);
		fault->code = db_text(statement, 0);
		fault->warnings = sqlite3_column_int64(statement, 1);
		g_ptr_array_add(reporter->faults, fault);
	}
	return row == DB_DONE;
}

static gboolean
add_rest(struct store_view *view, struct query_reporter *reporter, GError **error)
{
	return add_mails(view_db(view), reporter, error) &&
	       add_overrides(view_db(view), reporter, error) && add_faults(view, reporter, error);
}

/* --- The list --- */

#define LIST(n, r)                                                           \
	"SELECT " SUM_COLUMNS " FROM reporter_sum WHERE " #r " > 0 AND (" #n \
	", reporter_id) < (?1, ?2) ORDER BY " #n " DESC, reporter_id DESC LIMIT ?3"

static const char *const list_sql[N_WINDOWS] = {
	[WINDOW_7D] = LIST(n_7d, r_7d),
	[WINDOW_30D] = LIST(n_30d, r_30d),
	[WINDOW_90D] = LIST(n_90d, r_90d),
	[WINDOW_ALL] = LIST(n_all, r_all),
};

static gboolean
list_reporters(struct store_view *view, enum window window, const gint64 from[2], guint limit,
	       GPtrArray *rows, GError **error)
{
	struct db *db = view_db(view);
	gint64 last_day;
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, list_sql[window], error);

	if (!statement || !view_last_day(view, &last_day, error))
		return FALSE;
	db_bind(statement, "iii", from[0], from[1], (gint64)limit);
	while ((row = db_step(db, statement, error)) == DB_ROW)
		g_ptr_array_add(rows, read_sum(view, statement, window, last_day));
	return row == DB_DONE;
}

struct query_page *
query_reporters(struct store_view *view, enum window window, const char *after, guint limit,
		GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(reporter_free);
	gint64 from[] = { G_MAXINT64, G_MAXINT64 };

	if (after && !view_cursor_read(after, from, G_N_ELEMENTS(from), error))
		return NULL;
	if (!list_reporters(view, window, from, limit + 1, page->rows, error))
		return NULL;
	if (page->rows->len > limit && limit > 0) {
		const struct query_reporter *last = g_ptr_array_index(page->rows, limit - 1);
		const gint64 cursor[] = { last->messages, last->id };
		page->next = view_cursor_write(cursor, G_N_ELEMENTS(cursor));
		g_ptr_array_set_size(page->rows, (gint)limit);
	}
	for (guint i = 0; i < page->rows->len; i++)
		if (!add_rest(view, g_ptr_array_index(page->rows, i), error))
			return NULL;
	return g_steal_pointer(&page);
}

/* --- One of them --- */

static gboolean
is_known(struct store_view *view, const struct query_party *party)
{
	const struct store_judge *judge = view_judge(view);
	const struct voice_question question = { .voice = party->voice };

	return judge->is_established(judge->cookie, &question);
}

static enum voice_reason
reason_of(struct store_view *view, const struct query_party *party)
{
	if (g_str_has_prefix(party->voice, FILE_PREFIX))
		return VOICE_FILE;
	if (party->authenticated == AUTHENTICATED_NO)
		return VOICE_UNAUTHENTICATED;
	if (party->authenticated != AUTHENTICATED_YES || party->voice[0] == '\0')
		return VOICE_UNKNOWN;
	if (!party->is_counted)
		return VOICE_FRESH;
	if (is_known(view, party))
		return VOICE_KNOWN;
	return party->is_approved ? VOICE_APPROVED : VOICE_LASTING;
}

static struct query_party *
read_party(struct store_view *view, sqlite3_stmt *statement)
{
	struct query_party *party = g_new0(struct query_party, 1);

	party->authenticated = (enum authenticated)sqlite3_column_int(statement, 0);
	party->auth_domain = view_name(view, sqlite3_column_int64(statement, 1));
	party->from = view_name(view, sqlite3_column_int64(statement, 2));
	party->voice = view_name(view, sqlite3_column_int64(statement, 3));
	party->is_counted = sqlite3_column_int64(statement, 4) != 0;
	party->reports = sqlite3_column_int64(statement, 5);
	party->is_approved = sqlite3_column_int(statement, 6) != 0;
	party->first_at = sqlite3_column_int64(statement, 7);
	party->last_at = sqlite3_column_int64(statement, 8);
	party->reason = reason_of(view, party);
	return party;
}

static gboolean
add_parties(struct store_view *view, struct query_reporter_detail *detail, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT p.authenticated, p.auth_domain, p.from_address, p.voice, "
			   "p.counted, p.reports, v.is_approved, v.first_at, v.last_at FROM party "
			   "p LEFT JOIN voice v ON v.id = p.voice WHERE p.reporter_id = ? AND "
			   "p.reports > 0 ORDER BY p.reports DESC, p.id LIMIT 100",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", detail->reporter->id);
	while ((row = db_step(db, statement, error)) == DB_ROW)
		g_ptr_array_add(detail->parties, read_party(view, statement));
	return row == DB_DONE;
}

static gboolean
add_days(struct store_view *view, enum window window, gint64 last_day,
	 struct query_reporter_detail *detail, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT day, reports, messages FROM reporter_day WHERE reporter_id = ? "
			   "AND domain_id = 0 AND day BETWEEN ? AND ? ORDER BY day",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", detail->reporter->id, window_first_day(window, last_day),
		window == WINDOW_ALL ? G_MAXINT64 : last_day);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct query_reporter_day day = {
			.day = sqlite3_column_int64(statement, 0),
			.reports = sqlite3_column_int64(statement, 1),
			.messages = sqlite3_column_int64(statement, 2),
		};
		g_array_append_val(detail->days, day);
	}
	return row == DB_DONE;
}

struct query_reporter_detail *
query_reporter_by_id(struct store_view *view, enum window window, gint64 id, GError **error)
{
	struct db *db = view_db(view);
	gint64 last_day;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT " SUM_COLUMNS " FROM reporter_sum WHERE reporter_id = ? AND "
			   "r_all > 0",
			   error);

	if (!statement || !view_last_day(view, &last_day, error) ||
	    db_step(db, db_bind(statement, "i", id), error) != DB_ROW)
		return NULL;
	g_autoptr(query_reporter_detail_auto) detail = g_new0(struct query_reporter_detail, 1);
	detail->reporter = read_sum(view, statement, window, last_day);
	sqlite3_reset(statement);
	detail->parties = g_ptr_array_new_with_free_func(party_free);
	detail->days = g_array_new(FALSE, FALSE, sizeof(struct query_reporter_day));
	if (!add_rest(view, detail->reporter, error) || !add_parties(view, detail, error) ||
	    !add_days(view, window, last_day, detail, error))
		return NULL;
	return g_steal_pointer(&detail);
}

struct query_reporter_detail *
query_reporter(struct store_view *view, enum window window, const char *name, GError **error)
{
	g_autofree char *folded = g_utf8_casefold(name, -1);
	gint64 id;
	sqlite3_stmt *statement =
		db_prepare(view_db(view), "SELECT id FROM reporter WHERE text = ?", error);

	if (!statement ||
	    !db_number(view_db(view), db_bind(statement, "t", folded), 0, &id, error) || id == 0)
		return NULL;
	return query_reporter_by_id(view, window, id, error);
}

/* --- How many --- */

#define COUNT(r) "SELECT count(*) FROM reporter_sum WHERE " #r " > 0"

static const char *const count_sql[N_WINDOWS] = {
	[WINDOW_7D] = COUNT(r_7d),
	[WINDOW_30D] = COUNT(r_30d),
	[WINDOW_90D] = COUNT(r_90d),
	[WINDOW_ALL] = COUNT(r_all),
};

gboolean
query_reporter_counts(struct store_view *view, enum window window,
		      struct query_reporter_counts *ret_counts, GError **error)
{
	struct db *db = view_db(view);
	gint64 last_day;
	gint64 counted;
	sqlite3_stmt *count = db_prepare(db, count_sql[window], error);
	sqlite3_stmt *silent =
		db_prepare(db,
			   "SELECT count(*) FROM reporter_sum WHERE silent_from > 0 AND "
			   "silent_from <= ?",
			   error);
	sqlite3_stmt *any = db_prepare(
		db, "SELECT EXISTS (SELECT 1 FROM party WHERE counted <> 0 AND reports > 0)",
		error);

	if (!count || !silent || !any || !view_last_day(view, &last_day, error) ||
	    !db_number(db, count, 0, &ret_counts->reporters, error) ||
	    !db_number(db, db_bind(silent, "i", last_day), 0, &ret_counts->silent, error) ||
	    !db_number(db, any, 0, &counted, error))
		return FALSE;
	ret_counts->is_any_counted = counted != 0;
	return TRUE;
}
