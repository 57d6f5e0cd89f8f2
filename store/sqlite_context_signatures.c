/* SPDX-License-Identifier: MIT */
/* What the signatures that a source shows tell of it. */
#include "core/report.h"
#include "store/sqlite_context_private.h"

struct signature_key {
	guint32 domain;
	guint32 signature;
};

/* What became of a signature of a domain's own. */
struct signature_context {
	struct signature_key key;
	gboolean is_known; /* it passed somewhere */
	gboolean is_guess; /* it was never settled */
	gint64 home;       /* as in the table signature_home; a guess: who passed with it first */
};

#define HOME_UNSEEN G_MININT64

static guint
signature_hash(gconstpointer data)
{
	const struct signature_key *key = data;

	return key->domain * 2654435761U ^ key->signature;
}

static gboolean
signature_equal(gconstpointer a, gconstpointer b)
{
	const struct signature_key *x = a;
	const struct signature_key *y = b;

	return x->domain == y->domain && x->signature == y->signature;
}

GHashTable *
context_signatures_new(void)
{
	return g_hash_table_new_full(signature_hash, signature_equal, g_free, NULL);
}

const GArray *
contexts_signatures(struct contexts *contexts, guint32 set, GError **error)
{
	GArray *parts = g_hash_table_lookup(contexts->sets, GUINT_TO_POINTER(set));

	if (parts)
		return parts;
	const char *text = contexts_name(contexts, set, error);
	if (!text)
		return NULL;
	if (g_hash_table_size(contexts->sets) >= CACHED_MAX)
		g_hash_table_remove_all(contexts->sets);
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	parts = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_hash_table_insert(contexts->sets, GUINT_TO_POINTER(set), parts);
	if (!words[0] || !words[1]) {
		g_array_append_val(parts, set);
		return parts;
	}
	for (char **word = words; *word; word++) {
		guint32 id;
		if (!contexts_find_name(contexts, *word, &id, error)) {
			g_hash_table_remove(contexts->sets, GUINT_TO_POINTER(set));
			return NULL;
		}
		if (id != PACK_NO_NAME)
			g_array_append_val(parts, id);
	}
	return parts;
}

static struct signature_context *
read_signature(struct contexts *contexts, guint32 domain, guint32 signature, GError **error)
{
	const struct signature_key key = { domain, signature };
	struct signature_context *context = g_hash_table_lookup(contexts->signatures, &key);
	sqlite3_stmt *statement;

	if (context)
		return context;
	statement = db_prepare(contexts->db,
			       "SELECT home, is_known FROM signature_home WHERE domain_id = ? "
			       "AND signature = ?",
			       error);
	if (!statement)
		return NULL;
	db_bind(statement, "ii", (gint64)domain, (gint64)signature);
	enum db_row row = db_step(contexts->db, statement, error);
	if (row == DB_FAILED)
		return NULL;
	if (g_hash_table_size(contexts->signatures) >= CACHED_MAX) {
		g_hash_table_remove_all(contexts->signatures);
		contexts->has_lost_guesses = TRUE;
	}
	context = g_new0(struct signature_context, 1);
	context->key = key;
	/* One that was never settled is guessed to be known, and at home with whom it passes for
	 * first: most are. signatures_settle() judges again where it was wrong. */
	context->is_guess = row != DB_ROW;
	context->is_known = context->is_guess || sqlite3_column_int(statement, 1) != 0;
	context->home = context->is_guess ? HOME_UNSEEN : sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	g_hash_table_add(contexts->signatures, context);
	return context;
}

gboolean
contexts_have_guessed(const struct contexts *contexts, guint32 domain, guint32 signature,
		      gint64 home)
{
	const struct signature_key key = { domain, signature };
	const struct signature_context *context = g_hash_table_lookup(contexts->signatures, &key);

	return !contexts->has_lost_guesses &&
	       (!context || context->home == HOME_UNSEEN || context->home == home);
}

/* What the signatures of a source say together. */
struct signing {
	gint64 ownsig[N_SIDES];
	gboolean has_here;
	gboolean has_spread;
	gboolean has_elsewhere;
};

static void
note_home(struct signature_context *context, gint64 sender, struct signing *signing)
{
	if (context->home == HOME_UNSEEN)
		context->home = sender;
	if (!context->is_known)
		return;
	signing->has_here |= context->home == sender;
	signing->has_spread |= context->home == 0;
	signing->has_elsewhere |= context->home != 0 && context->home != sender;
}

static gboolean
add_item(struct contexts *contexts, guint32 domain, gint64 sender, const struct tally_item *item,
	 struct signing *signing, GError **error)
{
	enum tally_kind kind = tally_kind(item);
	const GArray *parts = contexts_signatures(contexts, tally_key(item), error);
	gboolean is_known = FALSE;

	if (!parts)
		return FALSE;
	for (guint i = 0; i < parts->len; i++) {
		struct signature_context *context =
			read_signature(contexts, domain, g_array_index(parts, guint32, i), error);
		if (!context)
			return FALSE;
		is_known |= context->is_known;
		if (kind == TALLY_SIGNED)
			note_home(context, sender, signing);
	}
	if (is_known && kind == TALLY_BROKEN)
		signing->ownsig[SIDE_ALL] = count_add(signing->ownsig[SIDE_ALL], item->n);
	if (is_known && kind == TALLY_BROKEN_COUNTED)
		signing->ownsig[SIDE_COUNTED] = count_add(signing->ownsig[SIDE_COUNTED], item->n);
	return TRUE;
}

gboolean
context_fill_signing(struct contexts *contexts, guint32 address, const struct source_row *row,
		     struct facts *facts, GError **error)
{
	struct signing signing = { .ownsig = { 0 } };
	gint64 sender = source_sender_key(address, row->sender);

	for (guint i = 0; i < row->facts.lists->len; i++) {
		const struct tally_item *item =
			&g_array_index(row->facts.lists, struct tally_item, i);
		if (tally_kind(item) >= TALLY_SIGNED &&
		    !add_item(contexts, row->domain, sender, item, &signing, error))
			return FALSE;
	}
	facts->all.ownsig = signing.ownsig[SIDE_ALL];
	facts->counted.ownsig = signing.ownsig[SIDE_COUNTED];
	facts->selector_home = signing.has_here        ? SELECTOR_HOME_HERE
			       : signing.has_spread    ? SELECTOR_HOME_NONE
			       : signing.has_elsewhere ? SELECTOR_HOME_ELSEWHERE
						       : SELECTOR_HOME_UNKNOWN;
	return TRUE;
}
