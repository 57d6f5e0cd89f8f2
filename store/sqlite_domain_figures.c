/* SPDX-License-Identifier: MIT */
#include "store/sqlite_domain_figures.h"

/* Where the domain has no passes in the last 30 days, those of before tell how it signs. */
static void
read_figures(sqlite3_stmt *statement, struct domain_figures figures[N_SIDES])
{
	for (int side = SIDE_ALL; side < N_SIDES; side++) {
		int first = sqlite3_column_int64(statement, 2 * side) > 0 ? 0 : 2 * N_SIDES;
		figures[side].authorised = sqlite3_column_int64(statement, first + 2 * side);
		figures[side].authorised_signed =
			sqlite3_column_int64(statement, first + 2 * side + 1);
	}
}

static gboolean
guess_figures(struct db *db, guint32 domain, struct domain_figures figures[N_SIDES], GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT total(pass), total(dkim_pass), EXISTS (SELECT 1 FROM party WHERE counted "
		"<> 0) FROM domain_day WHERE domain_id = ?1 AND day BETWEEN (SELECT last_day - 29 "
		"FROM state) AND (SELECT last_day FROM state)",
		error);

	if (!statement || db_step(db, db_bind(statement, "i", (gint64)domain), error) != DB_ROW)
		return FALSE;
	figures[SIDE_ALL] = (struct domain_figures){
		.authorised = sqlite3_column_int64(statement, 0),
		.authorised_signed = sqlite3_column_int64(statement, 1),
	};
	figures[SIDE_COUNTED] = sqlite3_column_int(statement, 2) != 0
					? figures[SIDE_ALL]
					: (struct domain_figures){ 0 };
	sqlite3_reset(statement);
	return TRUE;
}

gboolean
context_domain_figures(struct db *db, guint32 domain, struct domain_figures figures[N_SIDES],
		       GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT active, active_signed, active_counted, active_counted_signed, "
			   "every, every_signed, every_counted, every_counted_signed "
			   "FROM domain_passes WHERE domain_id = ?",
			   error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", (gint64)domain), error);
	if (row == DB_DONE)
		return guess_figures(db, domain, figures, error);
	if (row == DB_ROW) {
		read_figures(statement, figures);
		sqlite3_reset(statement);
	}
	return row != DB_FAILED;
}
