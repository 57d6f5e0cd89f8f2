/* SPDX-License-Identifier: MIT */
#include "store/sqlite_row_reader.h"

/* How many combinations are kept, about 60 bytes each; beyond, they are read anew. */
#define CACHED_MAX 100000

/* What records say the same by, as ids of the store, and what that is. */
struct combination {
	guint32 domain;
	guint32 auth_set;
	guint32 reason_set;
	guint32 header_from;
	guint8 dkim;
	guint8 spf;
	guint32 marks;
	guint32 alignment;
	guint32 via;
	guint32 signatures;
};

struct row_reader {
	const struct store_judge *judge;
	struct dictionaries *dictionaries;
	GHashTable *combinations; /* struct combination, as its own key */
	GString *signatures;
};

static guint
combination_hash(gconstpointer data)
{
	const struct combination *c = data;
	guint hash = c->auth_set * 2654435761U;

	hash = (hash ^ c->domain) * 2654435761U;
	hash = (hash ^ c->header_from) * 2654435761U;
	return (hash ^ (c->reason_set << 4 | (guint)(c->dkim << 2 | c->spf))) * 2654435761U;
}

static gboolean
combination_equal(gconstpointer a, gconstpointer b)
{
	const struct combination *x = a;
	const struct combination *y = b;

	return x->domain == y->domain && x->auth_set == y->auth_set &&
	       x->header_from == y->header_from && x->reason_set == y->reason_set &&
	       x->dkim == y->dkim && x->spf == y->spf;
}

struct row_reader *
row_reader_new(const struct store_judge *judge, struct dictionaries *dictionaries)
{
	struct row_reader *reader = g_new0(struct row_reader, 1);

	reader->judge = judge;
	reader->dictionaries = dictionaries;
	reader->combinations =
		g_hash_table_new_full(combination_hash, combination_equal, g_free, NULL);
	reader->signatures = g_string_new(NULL);
	return reader;
}

void
row_reader_free(struct row_reader *reader)
{
	if (!reader)
		return;
	g_hash_table_unref(reader->combinations);
	g_string_free(reader->signatures, TRUE);
	g_free(reader);
}

void
row_reader_forget(struct row_reader *reader)
{
	g_hash_table_remove_all(reader->combinations);
}

static gboolean
find_name(struct row_reader *reader, const char *text, guint32 *ret_id, GError **error)
{
	*ret_id = PACK_NO_NAME;
	return !*text ||
	       dictionary_text(reader->dictionaries, DICTIONARY_NAME, text, ret_id, error);
}

static struct combination *
read_combination(struct row_reader *reader, const struct row_question *question,
		 const struct combination *key, GError **error)
{
	struct row_reading reading = { .via = "", .signatures = reader->signatures };
	g_autofree struct combination *c = g_memdup2(key, sizeof(*key));

	g_string_truncate(reader->signatures, 0);
	reader->judge->read_row(reader->judge->cookie, question->report, question->record,
				&reading);
	c->marks = reading.marks;
	c->alignment = reading.alignment;
	if (!find_name(reader, reading.via, &c->via, error) ||
	    !find_name(reader, reader->signatures->str, &c->signatures, error))
		return NULL;
	if (g_hash_table_size(reader->combinations) >= CACHED_MAX)
		row_reader_forget(reader);
	g_hash_table_add(reader->combinations, c);
	return g_steal_pointer(&c);
}

gboolean
row_reader_read(struct row_reader *reader, const struct row_question *question,
		struct stored_record *stored, GError **error)
{
	const struct combination key = {
		.domain = question->domain,
		.auth_set = stored->auth_set,
		.reason_set = stored->reason_set,
		.header_from = stored->header_from,
		.dkim = stored->dkim,
		.spf = stored->spf,
	};
	const struct combination *c = g_hash_table_lookup(reader->combinations, &key);

	if (!c)
		c = read_combination(reader, question, &key, error);
	if (!c)
		return FALSE;
	stored->marks = c->marks;
	stored->alignment = c->alignment;
	stored->via = c->via;
	stored->signatures = c->signatures;
	stored->is_forwarded = (c->marks & ROW_FORWARDED) != 0;
	stored->is_explained = (c->marks & ROW_ORGMTA) != 0;
	return TRUE;
}
