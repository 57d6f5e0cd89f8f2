/* SPDX-License-Identifier: MIT */
#include "store/sqlite_last_day.h"

#include "store/sqlite_reporter.h"

gboolean
last_days_read(struct db *db, gint64 today, gint64 *ret_is, gint64 *ret_should_be, GError **error)
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
last_day_move(struct db *db, gint64 today, gint64 *ret_last_day, GError **error)
{
	gint64 is;

	if (!last_days_read(db, today, &is, ret_last_day, error))
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
	return mark && move && reporters_mark(db, is, *ret_last_day, error) &&
	       db_run(db, db_bind(mark, "ii", *ret_last_day, is), error) &&
	       db_run(db, db_bind(move, "i", *ret_last_day), error);
}
