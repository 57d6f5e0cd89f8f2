/* SPDX-License-Identifier: MIT */
#include "store/sqlite_alignment_sums.h"

#include "core/alignment.h"
#include "core/report.h"
#include "store/sqlite_context.h"

/* A sender without a name is an address, and there are many of them. */
#define SUMS_MAX 10000

#define WHOLE_CLASS 0

enum column {
	COLUMN_MESSAGES,
	COLUMN_FAIL,
	COLUMN_LOOSE,
	COLUMN_EXPLAINED,
	COLUMN_BROKEN,
	COLUMN_ESP,
	COLUMN_TMP,
	N_COLUMNS,
};

/* One row, as what is to be added to it. */
struct alignment_sum {
	gint64 sender;
	guint32 domain;
	enum class class;
	gint64 columns[N_COLUMNS];
	GArray *tally;
};

struct alignment_sums {
	GHashTable *sums; /* struct alignment_sum, as its own key */
};

static guint
sum_hash(gconstpointer data)
{
	const struct alignment_sum *sum = data;

	return ((guint)sum->sender * 2654435761U ^ sum->domain) * 31 + sum->class;
}

static gboolean
sum_equal(gconstpointer a, gconstpointer b)
{
	const struct alignment_sum *x = a;
	const struct alignment_sum *y = b;

	return x->sender == y->sender && x->domain == y->domain && x->class == y->class;
}

static void
sum_free(gpointer data)
{
	struct alignment_sum *sum = data;

	g_array_unref(sum->tally);
	g_free(sum);
}

struct alignment_sums *
alignment_sums_new(void)
{
	struct alignment_sums *sums = g_new0(struct alignment_sums, 1);

	sums->sums = g_hash_table_new_full(sum_hash, sum_equal, sum_free, NULL);
	return sums;
}

void
alignment_sums_free(struct alignment_sums *sums)
{
	if (!sums)
		return;
	g_hash_table_unref(sums->sums);
	g_free(sums);
}

static struct alignment_sum *
find_sum(struct alignment_sums *sums, const struct source_row *row, gint64 sender)
{
	const struct alignment_sum key = {
		.sender = sender,
		.domain = row->domain,
		.class = row->verdict.class,
	};
	struct alignment_sum *sum = g_hash_table_lookup(sums->sums, &key);

	if (!sum) {
		sum = g_memdup2(&key, sizeof(key));
		sum->tally = tally_new();
		g_hash_table_add(sums->sums, sum);
	}
	return sum;
}

static void
add_row(struct alignment_sum *sum, const struct source_row *row, int sign)
{
	const struct figures *figures = &row->facts.figures[SIDE_ALL];
	const GArray *lists = row->facts.lists;
	gint64 columns[N_COLUMNS] = {
		[COLUMN_MESSAGES] = figures->messages,
		[COLUMN_FAIL] = figures->messages - figures->pass,
		[COLUMN_LOOSE] = figures->messages,
		[COLUMN_EXPLAINED] = figures->orgmta,
		[COLUMN_ESP] = figures->esp,
		[COLUMN_TMP] = figures->tmp,
	};

	for (guint i = 0; i < lists->len; i++) {
		const struct tally_item *item = &g_array_index(lists, struct tally_item, i);
		if (tally_kind(item) == TALLY_BROKEN)
			columns[COLUMN_BROKEN] = count_add(columns[COLUMN_BROKEN], item->n);
		if (tally_kind(item) != TALLY_ALIGNMENT)
			continue;
		tally_add(sum->tally, TALLY_ALIGNMENT, tally_key(item), sign * item->n);
		if (alignment_is_strict(tally_key(item)))
			columns[COLUMN_LOOSE] -= item->n;
	}
	for (int i = 0; i < N_COLUMNS; i++)
		sum->columns[i] = count_add(sum->columns[i], sign * columns[i]);
}

static gboolean is_own(enum class class)
{
	return class == CLASS_AUTHORIZED || class == CLASS_FIX;
}

gboolean
alignment_sums_add(struct alignment_sums *sums, struct db *db, guint32 address,
		   const struct source_row *row, int sign, GError **error)
{
	gint64 sender = source_sender_key(address, row->sender);

	if (!row->facts.is_active || row->facts.figures[SIDE_ALL].messages == 0)
		return TRUE;
	add_row(find_sum(sums, row, WHOLE_CLASS), row, sign);
	if (is_own(row->verdict.class) && sender != WHOLE_CLASS)
		add_row(find_sum(sums, row, sender), row, sign);
	return g_hash_table_size(sums->sums) < SUMS_MAX || alignment_sums_write(sums, db, error);
}

/* --- Written --- */

static gboolean
is_zero(const struct alignment_sum *sum)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (sum->columns[i] != 0)
			return FALSE;
	return sum->tally->len == 0;
}

static gboolean
write_sum(struct db *db, const struct alignment_sum *sum, GError **error)
{
	g_autoptr(GByteArray) tally = g_byte_array_new();
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO alignment_sum (domain_id, sender, class, messages, fail, loose, "
		"explained, broken, esp, tmp, tally) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, "
		"fail = fail + excluded.fail, loose = loose + excluded.loose, "
		"explained = explained + excluded.explained, broken = broken + excluded.broken, "
		"esp = esp + excluded.esp, tmp = tmp + excluded.tmp, "
		"tally = tally_merge(tally, excluded.tally)",
		error);

	if (!statement)
		return FALSE;
	tally_pack(tally, sum->tally);
	db_bind(statement, "iii", (gint64)sum->domain, sum->sender, (gint64)sum->class);
	for (int i = 0; i < N_COLUMNS; i++)
		sqlite3_bind_int64(statement, 4 + i, sum->columns[i]);
	sqlite3_bind_blob(statement, 4 + N_COLUMNS, tally->data ? tally->data : (const guint8 *)"",
			  (int)tally->len, SQLITE_STATIC);
	return db_run(db, statement, error);
}

/* Senders come and go; rows of nothing would stay for ever. */
static gboolean
remove_empty(struct db *db, const struct alignment_sum *sum, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"DELETE FROM alignment_sum WHERE domain_id = ? AND sender = ? AND class = ? AND "
		"messages = 0 AND fail = 0 AND loose = 0 AND length(tally) = 0",
		error);

	return statement && db_run(db,
				   db_bind(statement, "iii", (gint64)sum->domain, sum->sender,
					   (gint64)sum->class),
				   error);
}

gboolean
alignment_sums_write(struct alignment_sums *sums, struct db *db, GError **error)
{
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, sums->sums);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct alignment_sum *sum = key;
		if (is_zero(sum))
			continue;
		if (!write_sum(db, sum, error) ||
		    (sum->columns[COLUMN_MESSAGES] < 0 && !remove_empty(db, sum, error)))
			return FALSE;
	}
	g_hash_table_remove_all(sums->sums);
	return TRUE;
}
