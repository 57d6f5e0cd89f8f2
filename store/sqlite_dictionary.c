/* SPDX-License-Identifier: MIT */
#include "store/sqlite_dictionary.h"

#include "core/error.h"

/* How many entries of a dictionary are cached, about 80 bytes each; beyond, the cache starts anew.
 */
#define CACHED_MAX 200000

/* Entries start small and mostly stay so; one block serves some hundreds of them. */
#define BLOCK_LEN 16384

/* A key in the cache: its length is needed because sets hold zero bytes. */
struct word {
	guint32 len;
	guint32 id;
	const char *bytes;
};

struct dictionary {
	GHashTable *words; /* struct word, as its own value */
	GStringChunk *bytes;
};

struct dictionaries {
	struct db *db;
	struct dictionary of[N_DICTIONARIES];
};

struct dictionary_sql {
	const char *find;
	const char *add;
	gboolean is_text;
};

static const struct dictionary_sql dictionary_sql[N_DICTIONARIES] = {
	[DICTIONARY_NAME] = { "SELECT id FROM name WHERE text = ?",
			      "INSERT INTO name (text) VALUES (?) ON CONFLICT DO NOTHING", TRUE },
	[DICTIONARY_REPORTER] = { "SELECT id FROM reporter WHERE text = ?",
				  "INSERT INTO reporter (text) VALUES (?) ON CONFLICT DO NOTHING",
				  TRUE },
	[DICTIONARY_ADDRESS] = { "SELECT id FROM address WHERE ip = ?",
				 "INSERT INTO address (ip, reach) VALUES (?, ?) "
				 "ON CONFLICT DO NOTHING",
				 FALSE },
	[DICTIONARY_AUTH_SET] = { "SELECT id FROM auth_set WHERE body = ?",
				  "INSERT INTO auth_set (body) VALUES (?) ON CONFLICT DO NOTHING",
				  FALSE },
	[DICTIONARY_REASON_SET] = { "SELECT id FROM reason_set WHERE body = ?",
				    "INSERT INTO reason_set (body) VALUES (?) "
				    "ON CONFLICT DO NOTHING",
				    FALSE },
};

static guint
word_hash(gconstpointer data)
{
	const struct word *word = data;
	guint hash = 2166136261U;

	for (guint32 i = 0; i < word->len; i++)
		hash = (hash ^ (guint8)word->bytes[i]) * 16777619U;
	return hash;
}

static gboolean
word_equal(gconstpointer a, gconstpointer b)
{
	const struct word *x = a;
	const struct word *y = b;

	return x->len == y->len && (x->len == 0 || memcmp(x->bytes, y->bytes, x->len) == 0);
}

struct dictionaries *
dictionaries_new(struct db *db)
{
	struct dictionaries *dictionaries = g_new0(struct dictionaries, 1);

	dictionaries->db = db;
	for (int kind = 0; kind < N_DICTIONARIES; kind++) {
		struct dictionary *dictionary = &dictionaries->of[kind];
		dictionary->words = g_hash_table_new_full(word_hash, word_equal, g_free, NULL);
		dictionary->bytes = g_string_chunk_new(BLOCK_LEN);
	}
	return dictionaries;
}

struct db *
dictionaries_db(const struct dictionaries *dictionaries)
{
	return dictionaries->db;
}

static void
forget(struct dictionary *dictionary)
{
	g_hash_table_remove_all(dictionary->words);
	g_string_chunk_clear(dictionary->bytes);
}

void
dictionaries_forget(struct dictionaries *dictionaries)
{
	for (int kind = 0; kind < N_DICTIONARIES; kind++)
		forget(&dictionaries->of[kind]);
}

void
dictionaries_free(struct dictionaries *dictionaries)
{
	if (!dictionaries)
		return;
	for (int kind = 0; kind < N_DICTIONARIES; kind++) {
		g_hash_table_unref(dictionaries->of[kind].words);
		g_string_chunk_free(dictionaries->of[kind].bytes);
	}
	g_free(dictionaries);
}

static void
bind_word(sqlite3_stmt *statement, gboolean is_text, const struct word *word)
{
	if (is_text)
		sqlite3_bind_text(statement, 1, word->bytes, (int)word->len, SQLITE_STATIC);
	else
		sqlite3_bind_blob(statement, 1, word->bytes, (int)word->len, SQLITE_STATIC);
}

/* What is not cached is mostly new, so adding comes first. */
static gboolean
find_or_add(struct dictionaries *dictionaries, enum dictionary_kind kind, struct word *word,
	    GError **error)
{
	struct db *db = dictionaries->db;
	const struct dictionary_sql *sql = &dictionary_sql[kind];
	sqlite3_stmt *add = db_prepare(db, sql->add, error);

	if (!add)
		return FALSE;
	bind_word(add, sql->is_text, word);
	if (kind == DICTIONARY_ADDRESS) {
		struct ip ip;
		memcpy(&ip, word->bytes, sizeof(ip));
		sqlite3_bind_int64(add, 2, ip_reach(&ip));
	}
	if (!db_run(db, add, error))
		return FALSE;
	gint64 id = sqlite3_last_insert_rowid(db->handle);
	if (sqlite3_changes(db->handle) == 0) {
		sqlite3_stmt *find = db_prepare(db, sql->find, error);
		if (!find)
			return FALSE;
		bind_word(find, sql->is_text, word);
		if (!db_number(db, find, 0, &id, error))
			return FALSE;
	}
	if (id > G_MAXUINT32) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_FATAL,
			    "store %s: more than 4294967295 different words", db->path);
		return FALSE;
	}
	word->id = (guint32)id;
	return TRUE;
}

static gboolean
look_up(struct dictionaries *dictionaries, enum dictionary_kind kind, struct word word,
	guint32 *ret_id, GError **error)
{
	struct dictionary *dictionary = &dictionaries->of[kind];
	const struct word *known = g_hash_table_lookup(dictionary->words, &word);

	if (known) {
		*ret_id = known->id;
		return TRUE;
	}
	/* An empty blob must not be bound without an address, or it would be NULL. */
	if (!word.bytes)
		word.bytes = "";
	if (!find_or_add(dictionaries, kind, &word, error))
		return FALSE;
	if (g_hash_table_size(dictionary->words) >= CACHED_MAX)
		forget(dictionary);
	struct word *entry = g_new(struct word, 1);
	*entry = word;
	entry->bytes = g_string_chunk_insert_len(dictionary->bytes, word.bytes, word.len);
	g_hash_table_add(dictionary->words, entry);
	*ret_id = word.id;
	return TRUE;
}

gboolean
dictionary_text(struct dictionaries *dictionaries, enum dictionary_kind kind, const char *text,
		guint32 *ret_id, GError **error)
{
	struct word word = { (guint32)strlen(text), 0, text };

	return look_up(dictionaries, kind, word, ret_id, error);
}

gboolean
dictionary_address(struct dictionaries *dictionaries, const struct ip *ip, guint32 *ret_id,
		   GError **error)
{
	struct word word = { sizeof(ip->bytes), 0, (const char *)ip->bytes };

	return look_up(dictionaries, DICTIONARY_ADDRESS, word, ret_id, error);
}

gboolean
dictionary_set(struct dictionaries *dictionaries, enum dictionary_kind kind, const GByteArray *body,
	       guint32 *ret_id, GError **error)
{
	struct word word = { body->len, 0, (const char *)body->data };

	return look_up(dictionaries, kind, word, ret_id, error);
}
