/* SPDX-License-Identifier: MIT */
#include "store/sqlite_sender_sums.h"

#include "core/report.h"
#include "store/pack.h"

#define ALL_DOMAINS 0
#define HASH_PRIME  2654435761U
#define SUM_BODY    7

struct pending_sum {
	struct sender_sum sum;
	guint address;    /* the last one that was counted, by its number ... */
	guint8 seen_mask; /* ... and the windows it was counted in */
};

struct sender_sums {
	GHashTable *sums; /* struct pending_sum, as its own key */
	guint n_addresses;
	GArray *no_spark;
};

static guint
sum_hash(gconstpointer data)
{
	const struct sender_sum *sum = data;

	return (sum->sender * HASH_PRIME ^ sum->domain) * HASH_PRIME ^ sum->class;
}

static gboolean
sum_equal(gconstpointer a, gconstpointer b)
{
	const struct sender_sum *x = a;
	const struct sender_sum *y = b;

	return x->sender == y->sender && x->domain == y->domain && x->class == y->class;
}

struct sender_sums *
sender_sums_new(void)
{
	struct sender_sums *sums = g_new0(struct sender_sums, 1);

	sums->sums = g_hash_table_new_full(sum_hash, sum_equal, g_free, NULL);
	sums->no_spark = g_array_new(FALSE, FALSE, sizeof(struct day_count));
	return sums;
}

void
sender_sums_free(struct sender_sums *sums)
{
	if (!sums)
		return;
	g_hash_table_unref(sums->sums);
	g_array_unref(sums->no_spark);
	g_free(sums);
}

static struct pending_sum *
find_sum(struct sender_sums *sums, guint32 domain, const struct source_row *row)
{
	const struct sender_sum key = { .domain = domain,
					.sender = row->sender,
					.class = row->verdict.class };
	struct pending_sum *pending = g_hash_table_lookup(sums->sums, &key);

	if (!pending) {
		pending = g_new0(struct pending_sum, 1);
		pending->sum = key;
		g_hash_table_add(sums->sums, pending);
	}
	return pending;
}

static void
move_totals(struct sender_sum *sum, const struct source_row *row, int sign)
{
	for (int w = 0; w < N_WINDOWS; w++) {
		if (row->body.totals[w].messages == 0)
			continue;
		if (sign > 0)
			totals_add(&sum->totals[w], &row->body.totals[w]);
		else
			totals_subtract(&sum->totals[w], &row->body.totals[w]);
	}
}

/* An address counts once for a sender, however many domains it sends for. */
static void
move_address(struct sender_sums *sums, struct pending_sum *pending, const struct source_row *row,
	     int sign)
{
	if (pending->address != sums->n_addresses) {
		pending->address = sums->n_addresses;
		pending->seen_mask = 0;
	}
	for (int w = 0; w < N_WINDOWS; w++) {
		guint8 bit = (guint8)(1U << w);
		if (row->body.totals[w].messages == 0 || pending->seen_mask & bit)
			continue;
		pending->seen_mask |= bit;
		pending->sum.addresses[w] += sign;
	}
}

void
sender_sums_move(struct sender_sums *sums, guint32 address, const GArray *rows, int sign)
{
	sums->n_addresses++;
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		const guint32 domains[] = { row->domain, ALL_DOMAINS };
		if (row->body.totals[WINDOW_ALL].messages == 0)
			continue;
		for (gsize k = 0; k < G_N_ELEMENTS(domains); k++) {
			struct pending_sum *pending = find_sum(sums, domains[k], row);
			move_totals(&pending->sum, row, sign);
			if (address != 0)
				move_address(sums, pending, row, sign);
		}
	}
}

gboolean
sender_sum_read(sqlite3_stmt *statement, struct sender_sum *ret_sum)
{
	struct unpack in = db_peek_unpack(statement, SUM_BODY);

	*ret_sum = (struct sender_sum){
		.domain = (guint32)sqlite3_column_int64(statement, 0),
		.class = (enum class)sqlite3_column_int(statement, 1),
		.sender = (guint32)sqlite3_column_int64(statement, 2),
	};
	for (int w = 0; w < N_WINDOWS; w++) {
		ret_sum->totals[w].messages = sqlite3_column_int64(statement, 3 + w);
		ret_sum->addresses[w] = (gint64)unpack_uint(&in);
	}
	unpack_source_body(&in, ret_sum->totals, NULL);
	return !in.is_broken;
}

static gboolean
is_nothing(const struct sender_sum *sum)
{
	for (int w = 0; w < N_WINDOWS; w++)
		if (sum->addresses[w] != 0 || !totals_is_zero(&sum->totals[w]))
			return FALSE;
	return TRUE;
}

/* What the table has so far; zeros where it has nothing. */
static gboolean
read_sum(struct db *db, const struct sender_sum *key, struct sender_sum *ret_sum, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT " SENDER_SUM_COLUMNS
			   " FROM sender_sum WHERE domain_id = ? AND class = ? AND sender = ?",
			   error);

	memset(ret_sum, 0, sizeof(*ret_sum));
	if (!statement)
		return FALSE;
	db_bind(statement, "iii", (gint64)key->domain, (gint64)key->class, (gint64)key->sender);
	enum db_row row = db_step(db, statement, error);
	if (row != DB_ROW)
		return row == DB_DONE;
	gboolean is_whole = sender_sum_read(statement, ret_sum);
	sqlite3_reset(statement);
	return is_whole || db_fail_damaged(db, "the sums of sender", key->sender, error);
}

static gboolean
write_row(const struct sender_sums *sums, struct db *db, const struct sender_sum *sum,
	  GError **error)
{
	g_autoptr(GByteArray) packed = g_byte_array_sized_new(64);
	struct source_body body = { .spark = sums->no_spark };
	sqlite3_stmt *statement = db_prepare(
		db, "INSERT OR REPLACE INTO sender_sum VALUES (?, ?, ?, ?, ?, ?, ?, ?)", error);

	if (!statement)
		return FALSE;
	for (int w = 0; w < N_WINDOWS; w++) {
		body.totals[w] = sum->totals[w];
		pack_uint(packed, (guint64)sum->addresses[w]);
	}
	pack_source_body(packed, &body);
	db_bind(statement, "iiiiiiib", (gint64)sum->domain, (gint64)sum->class, (gint64)sum->sender,
		sum->totals[WINDOW_7D].messages, sum->totals[WINDOW_30D].messages,
		sum->totals[WINDOW_90D].messages, sum->totals[WINDOW_ALL].messages, packed->data,
		(int)packed->len);
	return db_run(db, statement, error);
}

static gboolean
remove_row(struct db *db, const struct sender_sum *sum, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "DELETE FROM sender_sum WHERE domain_id = ? AND class = ? AND sender = ?",
		error);

	return statement && db_run(db,
				   db_bind(statement, "iii", (gint64)sum->domain,
					   (gint64)sum->class, (gint64)sum->sender),
				   error);
}

static gboolean
write_sum(const struct sender_sums *sums, struct db *db, const struct sender_sum *more,
	  gboolean is_empty, GError **error)
{
	struct sender_sum sum = { 0 };

	if (!is_empty && !read_sum(db, more, &sum, error))
		return FALSE;
	sum.domain = more->domain;
	sum.class = more->class;
	sum.sender = more->sender;
	for (int w = 0; w < N_WINDOWS; w++) {
		sum.addresses[w] += more->addresses[w];
		totals_add(&sum.totals[w], &more->totals[w]);
	}
	return is_nothing(&sum) ? remove_row(db, &sum, error) : write_row(sums, db, &sum, error);
}

static gint
compare_sums(gconstpointer a, gconstpointer b)
{
	const struct sender_sum *x = *(const struct sender_sum *const *)a;
	const struct sender_sum *y = *(const struct sender_sum *const *)b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->sender < y->sender ? -1 : x->sender > y->sender;
}

/* In the order of the table, which is cheaper to write; those that changed alone. */
static GPtrArray *
list_sums(const struct sender_sums *sums)
{
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, sums->sums);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!is_nothing(key))
			g_ptr_array_add(list, key);
	g_ptr_array_sort(list, compare_sums);
	return list;
}

gboolean
sender_sums_write(struct sender_sums *sums, struct db *db, GError **error)
{
	g_autoptr(GPtrArray) list = list_sums(sums);
	gint64 has_rows;
	sqlite3_stmt *statement = db_prepare(db, "SELECT EXISTS (SELECT 1 FROM sender_sum)", error);

	if (!statement || !db_number(db, statement, 0, &has_rows, error))
		return FALSE;
	for (guint i = 0; i < list->len; i++)
		if (!write_sum(sums, db, g_ptr_array_index(list, i), has_rows == 0, error))
			return FALSE;
	g_hash_table_remove_all(sums->sums);
	return TRUE;
}
