/* SPDX-License-Identifier: MIT */
#include "store/sqlite_party.h"

#include "core/document.h"
#include "store/pack.h"

/* A file that somebody handed in speaks for whom it names. */
#define BARE_PREFIX "file:"

/* voice.is_heard of one whose reports just began or ceased to count. */
#define CHANGED "2"

/* What index document_witness holds: failure reports that may be samples of a source. */
#define IS_SAMPLE "d.kind = 1 AND d.address_id <> 0"
G_STATIC_ASSERT(DOCUMENT_FAILURE == 1);

static char *
voice_of(const struct store_judge *judge, const struct party_question *question)
{
	const struct carrier *carrier = question->carrier;

	if (carrier->is_bare)
		return g_strconcat(BARE_PREFIX, question->reporter_text, NULL);
	if (carrier->authenticated != AUTHENTICATED_YES)
		return g_strdup("");
	return judge->name_voice(judge->cookie, carrier->auth_domain, carrier->from);
}

/* What counts is for how long it has been heard. */
static gboolean
hear(struct db *db, guint32 voice, gint64 at, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO voice (id, first_at, last_at) VALUES (?1, ?2, ?2) ON CONFLICT DO "
		"UPDATE SET first_at = min(first_at, ?2), last_at = max(last_at, ?2), is_heard = 1 "
		"WHERE ?2 < first_at OR ?2 > last_at",
		error);

	return statement && db_run(db, db_bind(statement, "ii", (gint64)voice, at), error);
}

/* Failure reports that came before anybody was known to speak for their sender. */
static gboolean
mark_samples(struct db *db, gint64 party, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO unsettled SELECT d.address_id FROM party p JOIN document d "
		"ON d.auth_domain = p.auth_domain WHERE p.id = ? AND p.counted <> 0 AND " IS_SAMPLE
		" ON CONFLICT DO NOTHING",
		error);

	return statement && db_run(db, db_bind(statement, "i", party), error);
}

static gboolean
add_party(struct db *db, const struct party_question *question, const guint32 words[3],
	  guint32 *ret_party, GError **error)
{
	gint64 party;
	const struct carrier *carrier = question->carrier;
	sqlite3_stmt *find =
		db_prepare(db,
			   "SELECT id FROM party WHERE reporter_id = ? AND "
			   "authenticated = ? AND auth_domain = ? AND from_address = ? "
			   "AND voice = ?",
			   error);
	sqlite3_stmt *add = db_prepare(
		db,
		"INSERT INTO party (reporter_id, authenticated, auth_domain, from_address, voice, "
		"counted) VALUES (?1, ?2, ?3, ?4, ?5, coalesce((SELECT iif(is_counted, id, 0) FROM "
		"voice WHERE id = ?5), 0))",
		error);

	if (!find || !add)
		return FALSE;
	db_bind(find, "iiiii", (gint64)question->reporter, (gint64)carrier->authenticated,
		(gint64)words[0], (gint64)words[1], (gint64)words[2]);
	if (!db_number(db, find, 0, &party, error))
		return FALSE;
	if (party == 0) {
		db_bind(add, "iiiii", (gint64)question->reporter, (gint64)carrier->authenticated,
			(gint64)words[0], (gint64)words[1], (gint64)words[2]);
		if (!db_run(db, add, error))
			return FALSE;
		party = sqlite3_last_insert_rowid(db->handle);
		if (!mark_samples(db, party, error))
			return FALSE;
	}
	*ret_party = (guint32)party;
	return TRUE;
}

gboolean
party_of(struct dictionaries *dictionaries, const struct store_judge *judge,
	 const struct party_question *question, guint32 *ret_party, GError **error)
{
	const struct carrier *carrier = question->carrier;
	gboolean is_known = carrier->authenticated == AUTHENTICATED_YES;
	g_autofree char *voice = voice_of(judge, question);
	/* What anybody can write freely makes no party of its own. */
	const char *const texts[] = { carrier->auth_domain, is_known ? carrier->from : "", voice };
	guint32 words[G_N_ELEMENTS(texts)];
	struct db *db = dictionaries_db(dictionaries);

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!dictionary_text(dictionaries, DICTIONARY_NAME, texts[i], &words[i], error))
			return FALSE;
	return (words[2] == PACK_NO_NAME || hear(db, words[2], question->received_at, error)) &&
	       add_party(db, question, words, ret_party, error);
}

/* --- Which are established --- */

struct voice {
	gint64 id;
	gboolean is_counted;
};

static gboolean
is_established(const struct store_judge *judge, sqlite3_stmt *statement)
{
	const struct voice_question question = {
		.voice = db_peek_text(statement, 1),
		.first_at = sqlite3_column_int64(statement, 2),
		.last_at = sqlite3_column_int64(statement, 3),
		.is_approved = sqlite3_column_int(statement, 4) != 0,
	};

	return g_str_has_prefix(question.voice, BARE_PREFIX) ||
	       judge->is_established(judge->cookie, &question);
}

/* The voices that were heard and are no longer counted as they are marked. */
static gboolean
list_changed(struct db *db, const struct store_judge *judge, GArray *changed, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT v.id, n.text, v.first_at, v.last_at, v.is_approved, v.is_counted "
		"FROM voice v JOIN name n ON n.id = v.id WHERE v.is_heard",
		error);
	enum db_row row;

	if (!statement)
		return FALSE;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct voice voice = { sqlite3_column_int64(statement, 0),
					     is_established(judge, statement) };
		if (voice.is_counted != (sqlite3_column_int(statement, 5) != 0))
			g_array_append_val(changed, voice);
	}
	return row == DB_DONE;
}

static gboolean
change(struct db *db, const struct voice *voice, GError **error)
{
	sqlite3_stmt *set = db_prepare(
		db, "UPDATE voice SET is_counted = ?, is_heard = " CHANGED " WHERE id = ?", error);
	sqlite3_stmt *count = db_prepare(
		db, "UPDATE party SET counted = iif(?, voice, 0) WHERE voice = ?", error);

	return set && count &&
	       db_run(db, db_bind(set, "ii", (gint64)voice->is_counted, voice->id), error) &&
	       db_run(db, db_bind(count, "ii", (gint64)voice->is_counted, voice->id), error);
}

/* The addresses that the reports and the failure reports of changed voices tell of. */
static gboolean
mark_addresses(struct db *db, GError **error)
{
	/* Rare, so that no index by party is kept for it: one walk for all voices. */
	return db_do(db,
		     "INSERT INTO unsettled SELECT DISTINCT address_id FROM source_day "
		     "WHERE party_id IN (SELECT p.id FROM voice v JOIN party p ON p.voice = v.id "
		     "WHERE v.is_heard = " CHANGED ") ON CONFLICT DO NOTHING",
		     error) &&
	       db_do(db,
		     "INSERT INTO unsettled SELECT d.address_id FROM voice v JOIN party p ON "
		     "p.voice = v.id JOIN document d ON d.auth_domain = p.auth_domain "
		     "WHERE v.is_heard = " CHANGED " AND " IS_SAMPLE " ON CONFLICT DO NOTHING",
		     error);
}

gboolean
parties_settle(struct db *db, const struct store_judge *judge, GError **error)
{
	g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(struct voice));

	if (!list_changed(db, judge, changed, error))
		return FALSE;
	for (guint i = 0; i < changed->len; i++)
		if (!change(db, &g_array_index(changed, struct voice, i), error))
			return FALSE;
	if (changed->len > 0 && !mark_addresses(db, error))
		return FALSE;
	return db_do(db, "UPDATE voice SET is_heard = 0 WHERE is_heard", error);
}
