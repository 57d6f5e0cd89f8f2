/* SPDX-License-Identifier: MIT */
#include "store/sqlite_place.h"

/* A row that is the same is not written again. */
static gboolean
keep_place(struct dictionaries *dictionaries, guint32 address, const struct source_place *place,
	   GError **error)
{
	struct db *db = dictionaries_db(dictionaries);
	guint32 as_name;
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO address_place VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET asn = "
		"excluded.asn, as_name = excluded.as_name, country = excluded.country WHERE (asn, "
		"as_name, country) <> (excluded.asn, excluded.as_name, excluded.country)",
		error);

	if (!statement ||
	    !dictionary_text(dictionaries, DICTIONARY_NAME, place->as_name, &as_name, error))
		return FALSE;
	db_bind(statement, "iiit", (gint64)address, (gint64)place->asn, (gint64)as_name,
		place->country);
	return db_run(db, statement, error);
}

static gboolean
forget_place(struct db *db, guint32 address, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db, "DELETE FROM address_place WHERE address_id = ?", error);

	return statement && db_run(db, db_bind(statement, "i", (gint64)address), error);
}

gboolean
place_settle(struct dictionaries *dictionaries, const struct store_judge *judge, guint32 address,
	     const struct ip *ip, GError **error)
{
	struct source_place place = { 0 };

	return judge->know_place && judge->know_place(judge->cookie, ip, &place)
		       ? keep_place(dictionaries, address, &place, error)
		       : forget_place(dictionaries_db(dictionaries), address, error);
}
