/* SPDX-License-Identifier: MIT */
#include "store/sqlite_signature.h"

#include "core/report.h"

struct signature {
	guint32 domain;
	guint32 name;
};

struct signatures {
	struct db *db;
	struct contexts *contexts;
	GHashTable *touched; /* struct signature, as its own key */
};

/* What one source shows of one signature. */
struct shown {
	gint64 passes;
	gint64 broken_fail;
};

static guint
signature_hash(gconstpointer data)
{
	const struct signature *signature = data;

	return signature->domain * 2654435761U ^ signature->name;
}

static gboolean
signature_equal(gconstpointer a, gconstpointer b)
{
	const struct signature *x = a;
	const struct signature *y = b;

	return x->domain == y->domain && x->name == y->name;
}

struct signatures *
signatures_new(struct db *db, struct contexts *contexts)
{
	struct signatures *signatures = g_new(struct signatures, 1);

	signatures->db = db;
	signatures->contexts = contexts;
	signatures->touched = g_hash_table_new_full(signature_hash, signature_equal, g_free, NULL);
	return signatures;
}

void
signatures_free(struct signatures *signatures)
{
	if (!signatures)
		return;
	g_hash_table_unref(signatures->touched);
	g_free(signatures);
}

static void
touch(struct signatures *signatures, guint32 domain, guint32 name)
{
	const struct signature key = { domain, name };

	if (!g_hash_table_contains(signatures->touched, &key))
		g_hash_table_add(signatures->touched, g_memdup2(&key, sizeof(key)));
}

/* --- What sources show --- */

static gboolean
add_item(struct signatures *signatures, const struct source_row *row, const struct tally_item *item,
	 GHashTable *shown, GError **error)
{
	const GArray *names = contexts_signatures(signatures->contexts, tally_key(item), error);

	for (guint i = 0; names && i < names->len; i++) {
		gpointer name = GUINT_TO_POINTER(g_array_index(names, guint32, i));
		struct shown *sum = g_hash_table_lookup(shown, name);
		if (!sum) {
			sum = g_new0(struct shown, 1);
			g_hash_table_insert(shown, name, sum);
		}
		if (tally_kind(item) == TALLY_SIGNED)
			sum->passes = count_add(sum->passes, item->n);
		else
			sum->broken_fail = figures_fail(&row->facts.figures[SIDE_ALL]);
	}
	return names != NULL;
}

/* name -> struct shown; NULL and error on failure. */
static GHashTable *
collect(struct signatures *signatures, const struct source_row *row, GError **error)
{
	GHashTable *shown = g_hash_table_new_full(NULL, NULL, NULL, g_free);

	for (guint i = 0; row && i < row->facts.lists->len; i++) {
		const struct tally_item *item =
			&g_array_index(row->facts.lists, struct tally_item, i);
		if (tally_kind(item) != TALLY_SIGNED && tally_kind(item) != TALLY_BROKEN)
			continue;
		if (!add_item(signatures, row, item, shown, error)) {
			g_hash_table_unref(shown);
			return NULL;
		}
	}
	return shown;
}

static gboolean
remove_row(struct signatures *signatures, guint32 address, guint32 domain, guint32 name,
	   GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(signatures->db,
			   "DELETE FROM source_signature WHERE domain_id = ? AND signature = ? AND "
			   "address_id = ?",
			   error);

	touch(signatures, domain, name);
	if (!statement)
		return FALSE;
	db_bind(statement, "iii", (gint64)domain, (gint64)name, (gint64)address);
	return db_run(signatures->db, statement, error);
}

static gboolean
write_row(struct signatures *signatures, guint32 address, const struct source_row *row,
	  guint32 name, const struct shown *shown, GError **error)
{
	sqlite3_stmt *statement = db_prepare(signatures->db,
					     "INSERT OR REPLACE INTO source_signature (domain_id, "
					     "signature, address_id, sender, "
					     "passes, broken_fail) VALUES (?, ?, ?, ?, ?, ?)",
					     error);

	touch(signatures, row->domain, name);
	if (!statement)
		return FALSE;
	db_bind(statement, "iiiiii", (gint64)row->domain, (gint64)name, (gint64)address,
		source_sender_key(address, row->sender), shown->passes, shown->broken_fail);
	return db_run(signatures->db, statement, error);
}

static gboolean
is_same(const struct shown *one, const struct shown *other)
{
	return one && other && one->passes == other->passes &&
	       one->broken_fail == other->broken_fail;
}

/* A source before and after: its row, and what it shows. */
struct move {
	guint32 address;
	guint32 domain;
	const struct source_row *from;
	const struct source_row *to;
	GHashTable *before; /* name -> struct shown */
	GHashTable *after;
};

static gboolean
write_difference(struct signatures *signatures, const struct move *move, GError **error)
{
	GHashTableIter iter;
	gpointer name;
	gpointer shown;
	gboolean is_same_sender = move->from && move->to && move->from->sender == move->to->sender;

	g_hash_table_iter_init(&iter, move->before);
	while (g_hash_table_iter_next(&iter, &name, &shown))
		if (!g_hash_table_contains(move->after, name) &&
		    !remove_row(signatures, move->address, move->domain, GPOINTER_TO_UINT(name),
				error))
			return FALSE;
	if (!move->to)
		return TRUE;
	g_hash_table_iter_init(&iter, move->after);
	while (g_hash_table_iter_next(&iter, &name, &shown)) {
		if (is_same_sender && is_same(g_hash_table_lookup(move->before, name), shown))
			continue;
		if (!write_row(signatures, move->address, move->to, GPOINTER_TO_UINT(name), shown,
			       error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
has_signatures(const struct source_row *row)
{
	for (guint i = 0; row && i < row->facts.lists->len; i++) {
		enum tally_kind kind =
			tally_kind(&g_array_index(row->facts.lists, struct tally_item, i));
		if (kind == TALLY_SIGNED || kind == TALLY_BROKEN)
			return TRUE;
	}
	return FALSE;
}

gboolean
signatures_move(struct signatures *signatures, guint32 address, const struct source_row *from,
		const struct source_row *to, GError **error)
{
	if (!has_signatures(from) && !has_signatures(to))
		return TRUE;
	g_autoptr(GHashTable) before =
		collect(signatures, has_signatures(from) ? from : NULL, error);
	g_autoptr(GHashTable) after = before ? collect(signatures, to, error) : NULL;
	const struct move move = { address, from ? from->domain : to->domain, from, to, before,
				   after };

	return after && write_difference(signatures, &move, error);
}

/* --- Homes --- */

struct finding {
	gint64 home; /* 0 = none */
	gint64 passes;
};

/* The sender with at least half of the passes. Where two have just half each, it is spread. */
static gboolean
find_home(struct signatures *signatures, const struct signature *signature,
	  struct finding *ret_finding, GError **error)
{
	struct db *db = signatures->db;
	gint64 most = 0;
	gboolean is_tied = FALSE;
	struct finding finding = { 0 };
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT sender, sum(passes) FROM source_signature WHERE domain_id = ? "
			   "AND signature = ? AND passes > 0 GROUP BY sender",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", (gint64)signature->domain, (gint64)signature->name);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 passes = sqlite3_column_int64(statement, 1);
		finding.passes = count_add(finding.passes, passes);
		is_tied = passes == most || (is_tied && passes < most);
		if (passes <= most)
			continue;
		most = passes;
		finding.home = sqlite3_column_int64(statement, 0);
	}
	if (most < finding.passes - most || is_tied)
		finding.home = 0;
	*ret_finding = finding;
	return row == DB_DONE;
}

static gboolean
write_home(struct db *db, const struct signature *signature, const struct finding *finding,
	   GError **error)
{
	sqlite3_stmt *write = db_prepare(
		db, "INSERT OR REPLACE INTO signature_home VALUES (?1, ?2, ?3, ?4)", error);

	if (!write)
		return FALSE;
	db_bind(write, "iiii", (gint64)signature->domain, (gint64)signature->name,
		(gint64)(finding->passes > 0), finding->home);
	return db_run(db, write, error);
}

/* Whom a change concerns: who passes with it, by its home; who broke it, by whether it is known. */
static gboolean
mark_addresses(struct db *db, const struct signature *signature, gboolean is_for_broken,
	       GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO unjudged SELECT address_id FROM source_signature WHERE "
			   "domain_id = ?1 AND signature = ?2 AND (passes > 0 OR ?3) "
			   "ON CONFLICT DO NOTHING",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", (gint64)signature->domain, (gint64)signature->name,
		(gint64)is_for_broken);
	return db_run(db, statement, error);
}

static gboolean
settle_one(struct signatures *signatures, const struct signature *signature, GError **error)
{
	struct db *db = signatures->db;
	struct finding finding;
	/* The guess of who judges by one that was never settled. */
	gboolean was_known = TRUE;
	gint64 before = 0;
	sqlite3_stmt *read = db_prepare(
		db,
		"SELECT is_known, home FROM signature_home WHERE domain_id = ? AND signature = ?",
		error);

	if (!read)
		return FALSE;
	db_bind(read, "ii", (gint64)signature->domain, (gint64)signature->name);
	enum db_row row = db_step(db, read, error);
	if (row == DB_ROW) {
		was_known = sqlite3_column_int(read, 0) != 0;
		before = sqlite3_column_int64(read, 1);
		sqlite3_reset(read);
	}
	if (row == DB_FAILED || !find_home(signatures, signature, &finding, error))
		return FALSE;
	gboolean is_known = finding.passes > 0;
	gboolean is_same_home =
		row == DB_ROW ? before == finding.home
			      : contexts_have_guessed(signatures->contexts, signature->domain,
						      signature->name, finding.home);
	gboolean has_moved = was_known != is_known || !is_same_home;
	if (row == DB_ROW && !has_moved)
		return TRUE;
	return write_home(db, signature, &finding, error) &&
	       (!has_moved || mark_addresses(db, signature, was_known != is_known, error));
}

gboolean
signatures_settle(struct signatures *signatures, GError **error)
{
	GHashTableIter iter;
	gpointer signature;

	g_hash_table_iter_init(&iter, signatures->touched);
	while (g_hash_table_iter_next(&iter, &signature, NULL))
		if (!settle_one(signatures, signature, error))
			return FALSE;
	g_hash_table_remove_all(signatures->touched);
	return TRUE;
}
