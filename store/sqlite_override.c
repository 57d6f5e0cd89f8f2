/* SPDX-License-Identifier: MIT */
#include "store/sqlite_override.h"

#include "core/report.h"
#include "store/pack.h"
#include "store/query_reporters.h"

/* A reporter that makes a comment of its own for each message does not fill the memory. */
#define CACHED_MAX 100000

/* In the order of enum override; "local_policy" of an authenticated chain is told apart. */
static const char *const words[N_OVERRIDES] = {
	[OVERRIDE_OTHER] = "other",
	[OVERRIDE_FORWARDED] = "forwarded",
	[OVERRIDE_TRUSTED_FORWARDER] = "trusted_forwarder",
	[OVERRIDE_MAILING_LIST] = "mailing_list",
	[OVERRIDE_ARC] = "arc=pass",
	[OVERRIDE_LOCAL_POLICY] = "local_policy",
	[OVERRIDE_SAMPLED_OUT] = "sampled_out",
	[OVERRIDE_TEST_MODE] = "policy_test_mode",
};

struct party_sum {
	gint64 messages[N_OVERRIDES];
};

struct override_sums {
	GHashTable *parties; /* id -> struct party_sum */
	GHashTable *sets;    /* id of a set of reasons -> bits of enum override */
};

const char *
override_name(enum override kind)
{
	return words[kind];
}

struct override_sums *
override_sums_new(void)
{
	struct override_sums *sums = g_new(struct override_sums, 1);

	sums->parties = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	sums->sets = g_hash_table_new(NULL, NULL);
	return sums;
}

void
override_sums_free(struct override_sums *sums)
{
	if (!sums)
		return;
	g_hash_table_unref(sums->parties);
	g_hash_table_unref(sums->sets);
	g_free(sums);
}

void
override_sums_forget(struct override_sums *sums)
{
	g_hash_table_remove_all(sums->parties);
	/* Ids of a transaction that was undone are given to others. */
	g_hash_table_remove_all(sums->sets);
}

static enum override
kind_of(const char *type, const char *comment)
{
	if (g_str_equal(type, "local_policy") && reason_is_forwarding(type, comment))
		return OVERRIDE_ARC;
	for (enum override kind = OVERRIDE_FORWARDED; kind < N_OVERRIDES; kind++)
		if (kind != OVERRIDE_ARC && g_str_equal(words[kind], type))
			return kind;
	return OVERRIDE_OTHER;
}

static gboolean
read_name(struct db *db, guint32 id, char **ret_text, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "SELECT text FROM name WHERE id = ?", error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", (gint64)id), error);
	*ret_text = row == DB_ROW ? db_text(statement, 0) : g_strdup("");
	sqlite3_reset(statement);
	return row != DB_FAILED;
}

static gboolean
add_reasons(struct db *db, struct unpack *in, guint *bits, GError **error)
{
	while (!unpack_at_end(in)) {
		g_autofree char *type = NULL;
		g_autofree char *comment = NULL;
		if (!read_name(db, unpack_id(in), &type, error) ||
		    !read_name(db, unpack_id(in), &comment, error))
			return FALSE;
		*bits |= 1U << kind_of(type, comment);
	}
	return TRUE;
}

/* The kinds in a set of reasons, as bits; each set is read once. */
static gboolean
read_set(struct override_sums *sums, struct db *db, guint32 set, guint *ret_bits, GError **error)
{
	gpointer known;

	*ret_bits = 0;
	if (g_hash_table_lookup_extended(sums->sets, GUINT_TO_POINTER(set), NULL, &known)) {
		*ret_bits = GPOINTER_TO_UINT(known);
		return TRUE;
	}
	sqlite3_stmt *statement = db_prepare(db, "SELECT body FROM reason_set WHERE id = ?", error);
	if (!statement || db_step(db, db_bind(statement, "i", (gint64)set), error) != DB_ROW)
		return *error ? FALSE : db_fail_damaged(db, "the reasons", set, error);
	g_autoptr(GBytes) body = db_blob(statement, 0);
	sqlite3_reset(statement);
	gsize len;
	const guint8 *at = g_bytes_get_data(body, &len);
	struct unpack in = { .at = at, .end = at + len };
	if (!add_reasons(db, &in, ret_bits, error))
		return FALSE;
	if (g_hash_table_size(sums->sets) >= CACHED_MAX)
		g_hash_table_remove_all(sums->sets);
	g_hash_table_insert(sums->sets, GUINT_TO_POINTER(set), GUINT_TO_POINTER(*ret_bits));
	return TRUE;
}

static struct party_sum *
find_sum(struct override_sums *sums, guint32 party)
{
	struct party_sum *sum = g_hash_table_lookup(sums->parties, GUINT_TO_POINTER(party));

	if (!sum) {
		sum = g_new0(struct party_sum, 1);
		g_hash_table_insert(sums->parties, GUINT_TO_POINTER(party), sum);
	}
	return sum;
}

gboolean
override_sums_add(struct override_sums *sums, struct db *db, guint32 party, const GArray *records,
		  int sign, GError **error)
{
	for (guint i = 0; i < records->len; i++) {
		const struct stored_record *record =
			&g_array_index(records, struct stored_record, i);
		guint bits;
		if (record->reason_set == PACK_NO_NAME)
			continue;
		if (!read_set(sums, db, record->reason_set, &bits, error))
			return FALSE;
		struct party_sum *sum = find_sum(sums, party);
		for (guint kind = 0; kind < N_OVERRIDES; kind++)
			if (bits & 1U << kind)
				sum->messages[kind] =
					count_add(sum->messages[kind], sign * record->count);
	}
	return TRUE;
}

static gboolean
write_sum(struct db *db, guint32 party, enum override kind, gint64 messages, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO party_override VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
			   "messages = messages + excluded.messages",
			   error);

	return statement &&
	       db_run(db, db_bind(statement, "iii", (gint64)party, (gint64)kind, messages), error);
}

gboolean
override_sums_write(struct override_sums *sums, struct db *db, GError **error)
{
	GHashTableIter iter;
	gpointer party;
	gpointer sum;

	g_hash_table_iter_init(&iter, sums->parties);
	while (g_hash_table_iter_next(&iter, &party, &sum)) {
		const struct party_sum *of_party = sum;
		for (enum override kind = OVERRIDE_OTHER; kind < N_OVERRIDES; kind++)
			if (of_party->messages[kind] != 0 &&
			    !write_sum(db, GPOINTER_TO_UINT(party), kind, of_party->messages[kind],
				       error))
				return FALSE;
	}
	g_hash_table_remove_all(sums->parties);
	return TRUE;
}
