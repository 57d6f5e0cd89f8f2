/* SPDX-License-Identifier: MIT */
/* Questions about the whole: bounds, totals by class, days, completeness. */
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

/* The whole of a store as a chart: more days than this are not drawn one by one. */
#define ALL_DAYS_MAX 400
/* A day is looked at as incomplete while it is younger than this. */
#define YOUNG_DAYS 3
#define USUAL_DAYS 14

/* Days are known once the rollups were first brought up to date. */
static gboolean
read_first_day(struct store_view *view, const struct scope *scope, struct query_bounds *bounds,
	       GError **error)
{
	gint64 domain;
	gint64 first;
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT min(first_day) FROM domain WHERE id = ?1 OR ?1 = 0", error);

	if (!statement || !view_domain(view, scope->domain, &domain, error) ||
	    !db_number(db, db_bind(statement, "i", domain), G_MININT64, &first, error))
		return FALSE;
	bounds->has_mail = first != G_MININT64 && bounds->last_day != 0;
	bounds->first_day = bounds->has_mail ? first : 0;
	return TRUE;
}

gboolean
query_bounds(struct store_view *view, const struct scope *scope, struct query_bounds *ret_bounds,
	     GError **error)
{
	struct db *db = view_db(view);
	struct query_bounds bounds = { 0 };
	sqlite3_stmt *state =
		db_prepare(db, "SELECT last_day, reports, last_received_at FROM state", error);
	sqlite3_stmt *domains = db_prepare(db, "SELECT count(*) FROM domain", error);

	if (!state || !domains || !db_number(db, domains, 0, &bounds.domains, error) ||
	    db_step(db, state, error) != DB_ROW)
		return FALSE;
	bounds.last_day = sqlite3_column_int64(state, 0);
	bounds.reports = sqlite3_column_int64(state, 1);
	bounds.last_received_at = sqlite3_column_int64(state, 2);
	sqlite3_reset(state);
	if (!read_first_day(view, scope, &bounds, error))
		return FALSE;
	bounds.from_day = scope->window == WINDOW_ALL
				  ? MIN(bounds.first_day, bounds.last_day)
				  : window_first_day(scope->window, bounds.last_day);
	*ret_bounds = bounds;
	return TRUE;
}

gboolean
query_class_totals(struct store_view *view, const struct scope *scope,
		   struct query_class_totals *ret_totals, GError **error)
{
	struct db *db = view_db(view);
	gint64 domain;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT class, addresses, " DB_TOTALS
			   " FROM class_window WHERE domain_id = ? AND window = ?",
			   error);

	if (!statement || !view_domain(view, scope->domain, &domain, error))
		return FALSE;
	memset(ret_totals, 0, sizeof(*ret_totals));
	db_bind(statement, "ii", domain, (gint64)scope->window);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 class = sqlite3_column_int64(statement, 0);
		struct totals totals;
		db_totals(statement, 2, &totals);
		ret_totals->sources[class] += sqlite3_column_int64(statement, 1);
		totals_add(&ret_totals->totals[class], &totals);
	}
	return row == DB_DONE;
}

GArray *
query_days(struct store_view *view, const struct scope *scope, GError **error)
{
	struct db *db = view_db(view);
	g_autoptr(GArray) days = g_array_new(FALSE, TRUE, sizeof(struct query_day));
	gint64 domain;
	gint64 last_day;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT day, class, " DB_TOTALS " FROM domain_day "
			   "WHERE domain_id = ? AND day BETWEEN ? AND ? AND messages <> 0 "
			   "ORDER BY day, class",
			   error);

	if (!statement || !view_domain(view, scope->domain, &domain, error) ||
	    !view_last_day(view, &last_day, error))
		return NULL;
	gint64 first_day = scope->window == WINDOW_ALL ? last_day - ALL_DAYS_MAX + 1
						       : window_first_day(scope->window, last_day);
	db_bind(statement, "iii", domain, first_day, last_day);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 day = sqlite3_column_int64(statement, 0);
		gint64 class = sqlite3_column_int64(statement, 1);
		if (days->len == 0 ||
		    g_array_index(days, struct query_day, days->len - 1).day != day) {
			g_array_set_size(days, days->len + 1);
			g_array_index(days, struct query_day, days->len - 1).day = day;
		}
		db_totals(statement, 2,
			  &g_array_index(days, struct query_day, days->len - 1).totals[class]);
	}
	return row == DB_DONE ? g_steal_pointer(&days) : NULL;
}

static gboolean
count_reporters(struct store_view *view, gint64 domain, gint64 day, gint64 *ret_n, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT count(*) FROM reporter_day WHERE domain_id = ? AND day = ?", error);

	return statement && db_number(db, db_bind(statement, "ii", domain, day), 0, ret_n, error);
}

static gboolean
count_usual(struct store_view *view, gint64 domain, gint64 before_day, gint64 *ret_n,
	    GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT count(*) FROM (SELECT reporter_id FROM reporter_day WHERE domain_id = ? "
		"AND day BETWEEN ? AND ? GROUP BY reporter_id HAVING count(*) >= ?)",
		error);

	return statement && db_number(db,
				      db_bind(statement, "iiii", domain, before_day - USUAL_DAYS,
					      before_day - 1, (gint64)USUAL_DAYS / 2),
				      0, ret_n, error);
}

GArray *
query_completeness(struct store_view *view, const struct scope *scope, GError **error)
{
	g_autoptr(GArray) days = g_array_new(FALSE, TRUE, sizeof(struct query_reporter_days));
	gint64 today = view_now(view) / 86400;
	gint64 domain;
	gint64 last_day;
	gint64 usual;

	if (!view_domain(view, scope->domain, &domain, error) ||
	    !view_last_day(view, &last_day, error) ||
	    !count_usual(view, domain, today - YOUNG_DAYS + 1, &usual, error))
		return NULL;
	for (gint64 day = last_day; day > today - YOUNG_DAYS && day > last_day - YOUNG_DAYS;
	     day--) {
		struct query_reporter_days row = { .day = day, .usual = usual };
		if (!count_reporters(view, domain, day, &row.reporters, error))
			return NULL;
		g_array_append_val(days, row);
	}
	return g_steal_pointer(&days);
}
