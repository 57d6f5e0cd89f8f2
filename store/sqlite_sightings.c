/* SPDX-License-Identifier: MIT */
#include "store/sqlite_sightings.h"

#include <string.h>

#include "core/alignment.h"
#include "core/report.h"
#include "store/tally.h"

#define ALL_DOMAINS 0

struct from_name {
	gint64 first_day;
	gint64 last_day;
	gint64 messages;
};

struct signature_day {
	gint64 day;
	guint32 signatures;
};

struct domain {
	GHashTable *names;      /* id of name -> struct from_name */
	GHashTable *signatures; /* struct signature_day, as its own key */
};

struct sightings {
	GHashTable *domains; /* id -> struct domain */
	guint32 last_id;     /* a report is about one domain, and a source mostly */
	struct domain *last;
};

static guint
signature_hash(gconstpointer data)
{
	const struct signature_day *row = data;

	return row->signatures * 2654435761U ^ (guint)row->day;
}

static gboolean
signature_equal(gconstpointer a, gconstpointer b)
{
	const struct signature_day *x = a;
	const struct signature_day *y = b;

	return x->day == y->day && x->signatures == y->signatures;
}

static void
domain_free(gpointer data)
{
	struct domain *domain = data;

	g_hash_table_unref(domain->names);
	g_hash_table_unref(domain->signatures);
	g_free(domain);
}

struct sightings *
sightings_new(void)
{
	struct sightings *sightings = g_new0(struct sightings, 1);

	sightings->domains = g_hash_table_new_full(NULL, NULL, NULL, domain_free);
	return sightings;
}

void
sightings_free(struct sightings *sightings)
{
	if (!sightings)
		return;
	g_hash_table_unref(sightings->domains);
	g_free(sightings);
}

void
sightings_forget(struct sightings *sightings)
{
	g_hash_table_remove_all(sightings->domains);
	sightings->last = NULL;
}

static struct domain *
find_domain(struct sightings *sightings, guint32 id)
{
	if (sightings->last && sightings->last_id == id)
		return sightings->last;
	struct domain *domain = g_hash_table_lookup(sightings->domains, GUINT_TO_POINTER(id));
	if (!domain) {
		domain = g_new0(struct domain, 1);
		domain->names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
		domain->signatures =
			g_hash_table_new_full(signature_hash, signature_equal, g_free, NULL);
		g_hash_table_insert(sightings->domains, GUINT_TO_POINTER(id), domain);
	}
	sightings->last_id = id;
	sightings->last = domain;
	return domain;
}

void
sightings_add_record(struct sightings *sightings, guint32 domain, gint64 day,
		     const struct stored_record *record)
{
	/* Others would fill what is kept of the names below the domain. */
	if (!(record->alignment & ALIGNMENT_SUB) || record->count <= 0)
		return;
	GHashTable *names = find_domain(sightings, domain)->names;
	gpointer id = GUINT_TO_POINTER(record->header_from);
	struct from_name *name = g_hash_table_lookup(names, id);
	if (!name) {
		if (g_hash_table_size(names) >= FROM_NAMES_MAX)
			return;
		name = g_new(struct from_name, 1);
		*name = (struct from_name){ day, day, 0 };
		g_hash_table_insert(names, id, name);
	}
	name->first_day = MIN(name->first_day, day);
	name->last_day = MAX(name->last_day, day);
	name->messages = count_add(name->messages, record->count);
}

void
sightings_add_day(struct sightings *sightings, guint32 domain, gint64 day, const GArray *tally)
{
	struct domain *found = find_domain(sightings, domain);

	for (guint i = 0; i < tally->len; i++) {
		const struct tally_item *item = &g_array_index(tally, struct tally_item, i);
		const struct signature_day row = { day, tally_key(item) };
		if (tally_kind(item) == TALLY_SIGNED && item->n > 0 &&
		    !g_hash_table_contains(found->signatures, &row))
			g_hash_table_add(found->signatures, g_memdup2(&row, sizeof(row)));
	}
}

/* --- Writing --- */

/* The lower case of a name below the domain; NULL where it is none. */
static gboolean
read_below(struct db *db, gint64 domain, gint64 id, char **ret_name, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT n.text, d.text FROM name n, name d WHERE n.id = ? AND d.id = ?", error);

	*ret_name = NULL;
	enum db_row row =
		statement ? db_step(db, db_bind(statement, "ii", id, domain), error) : DB_FAILED;
	if (row != DB_ROW)
		return row == DB_DONE ? db_fail_damaged(db, "the name", id, error) : FALSE;
	g_autofree char *name = g_utf8_strdown(db_peek_text(statement, 0), -1);
	g_autofree char *suffix = g_strconcat(".", db_peek_text(statement, 1), NULL);
	sqlite3_reset(statement);
	if (g_str_has_suffix(name, suffix) && strlen(name) > strlen(suffix))
		*ret_name = g_steal_pointer(&name);
	return TRUE;
}

static gboolean
count_names(struct db *db, gint64 domain, gint64 *ret_n, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT count(*) FROM from_name WHERE domain_id = ?", error);

	return statement && db_number(db, db_bind(statement, "i", domain), 0, ret_n, error);
}

/* n_names: how many the domain has, which counts on. */
static gboolean
keep_name(struct db *db, gint64 domain, guint32 id, const struct from_name *name, gint64 *n_names,
	  GError **error)
{
	sqlite3_stmt *move = db_prepare(
		db,
		"UPDATE from_name SET first_day = min(first_day, ?3), last_day = max(last_day, "
		"?4), messages = messages + ?5 WHERE domain_id = ?1 AND name = ?2",
		error);
	sqlite3_stmt *make =
		db_prepare(db, "INSERT INTO from_name VALUES (?1, ?2, ?3, ?4, ?5)", error);

	if (!move || !make)
		return FALSE;
	db_bind(move, "iiiii", domain, (gint64)id, name->first_day, name->last_day, name->messages);
	if (!db_run(db, move, error))
		return FALSE;
	if (sqlite3_changes(db->handle) > 0 || *n_names >= FROM_NAMES_MAX)
		return TRUE;
	++*n_names;
	db_bind(make, "iiiii", domain, (gint64)id, name->first_day, name->last_day, name->messages);
	return db_run(db, make, error);
}

static gboolean
write_names(struct dictionaries *dictionaries, gint64 domain, GHashTable *names, GError **error)
{
	struct db *db = dictionaries_db(dictionaries);
	GHashTableIter iter;
	gpointer key;
	gpointer value;
	gint64 n_names;

	if (g_hash_table_size(names) == 0)
		return TRUE;
	if (!count_names(db, domain, &n_names, error))
		return FALSE;
	g_hash_table_iter_init(&iter, names);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		g_autofree char *text = NULL;
		guint32 lower;
		if (!read_below(db, domain, GPOINTER_TO_UINT(key), &text, error))
			return FALSE;
		if (text && (!dictionary_text(dictionaries, DICTIONARY_NAME, text, &lower, error) ||
			     !keep_name(db, domain, lower, value, &n_names, error)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_signature(struct db *db, gint64 domain, const struct signature_day *row, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO signature_day SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM "
		"signature_day WHERE domain_id = ?1 AND day = ?2) < ?4 ON CONFLICT DO NOTHING",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiii", domain, row->day, (gint64)row->signatures,
		(gint64)SIGNATURES_OF_DAY_MAX);
	return db_run(db, statement, error);
}

static gint
compare_signatures(gconstpointer a, gconstpointer b)
{
	const struct signature_day *x = *(const struct signature_day *const *)a;
	const struct signature_day *y = *(const struct signature_day *const *)b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->signatures < y->signatures ? -1 : x->signatures > y->signatures;
}

static gboolean
mark_due(struct db *db, gint64 domain, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO change_look VALUES (?, 1, 0) ON CONFLICT DO UPDATE SET due = due + 1",
		error);

	return statement && db_run(db, db_bind(statement, "i", domain), error);
}

static gboolean
write_domain(struct dictionaries *dictionaries, gint64 id, const struct domain *domain,
	     GError **error)
{
	struct db *db = dictionaries_db(dictionaries);
	guint n;
	/* Sorted, so that which of too many stay does not depend on the hash. */
	g_autofree gpointer *sorted = g_hash_table_get_keys_as_array(domain->signatures, &n);

	if (!write_names(dictionaries, id, domain->names, error))
		return FALSE;
	qsort(sorted, n, sizeof(*sorted), compare_signatures);
	for (guint i = 0; i < n; i++)
		if (!write_signature(db, id, sorted[i], error))
			return FALSE;
	return mark_due(db, id, error);
}

gboolean
sightings_write(struct sightings *sightings, struct dictionaries *dictionaries, GError **error)
{
	GHashTableIter iter;
	gpointer id;
	gpointer domain;

	if (g_hash_table_size(sightings->domains) == 0)
		return TRUE;
	g_hash_table_iter_init(&iter, sightings->domains);
	while (g_hash_table_iter_next(&iter, &id, &domain))
		if (!write_domain(dictionaries, GPOINTER_TO_UINT(id), domain, error))
			return FALSE;
	sightings_forget(sightings);
	return mark_due(dictionaries_db(dictionaries), ALL_DOMAINS, error);
}
