/* SPDX-License-Identifier: MIT */
#include "store/sqlite_day_sums.h"

#define ALL_DOMAINS 0
#define HASH_PRIME  2654435761U

/* One row of domain_day, as what is to be added to it. */
struct day_sum {
	guint32 domain;
	enum class class;
	gint64 day;
	struct totals totals;
};

struct day_sums {
	GHashTable *sums; /* struct day_sum, as its own key */
};

static guint
sum_hash(gconstpointer data)
{
	const struct day_sum *sum = data;

	return ((sum->domain * HASH_PRIME ^ (guint)sum->day) * HASH_PRIME) ^ sum->class;
}

static gboolean
sum_equal(gconstpointer a, gconstpointer b)
{
	const struct day_sum *x = a;
	const struct day_sum *y = b;

	return x->domain == y->domain && x->class == y->class && x->day == y->day;
}

struct day_sums *
day_sums_new(void)
{
	struct day_sums *sums = g_new0(struct day_sums, 1);

	sums->sums = g_hash_table_new_full(sum_hash, sum_equal, g_free, NULL);
	return sums;
}

void
day_sums_free(struct day_sums *sums)
{
	if (!sums)
		return;
	g_hash_table_unref(sums->sums);
	g_free(sums);
}

static struct day_sum *
find_sum(struct day_sums *sums, guint32 domain, gint64 day, enum class class)
{
	const struct day_sum key = { .domain = domain, .class = class, .day = day };
	struct day_sum *sum = g_hash_table_lookup(sums->sums, &key);

	if (!sum) {
		sum = g_memdup2(&key, sizeof(key));
		g_hash_table_add(sums->sums, sum);
	}
	return sum;
}

void
day_sums_add(struct day_sums *sums, guint32 domain, gint64 day, enum class class,
	     const struct totals *totals)
{
	totals_add(&find_sum(sums, domain, day, class)->totals, totals);
}

void
day_sums_move(struct day_sums *sums, guint32 domain, gint64 day, const enum class class[2],
	      const struct totals *totals)
{
	totals_subtract(&find_sum(sums, domain, day, class[0])->totals, totals);
	totals_add(&find_sum(sums, domain, day, class[1])->totals, totals);
}

/* There are many changes to few sums, so that all domains together are summed up here. */
static void
add_all_domains(struct day_sums *sums)
{
	guint n;
	g_autofree gpointer *keys = g_hash_table_get_keys_as_array(sums->sums, &n);

	for (guint i = 0; i < n; i++) {
		const struct day_sum *sum = keys[i];
		totals_add(&find_sum(sums, ALL_DOMAINS, sum->day, sum->class)->totals,
			   &sum->totals);
	}
}

gboolean
day_sums_write(struct day_sums *sums, struct db *db, GError **error)
{
	GHashTableIter iter;
	gpointer key;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO domain_day (domain_id, day, class, " DB_TOTALS
			   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
			   "ON CONFLICT DO UPDATE SET " DB_TOTALS_ADD,
			   error);

	if (!statement)
		return FALSE;
	add_all_domains(sums);
	g_hash_table_iter_init(&iter, sums->sums);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct day_sum *sum = key;
		if (totals_is_zero(&sum->totals))
			continue;
		db_bind(statement, "iii", (gint64)sum->domain, sum->day, (gint64)sum->class);
		db_bind_totals(statement, 4, &sum->totals);
		if (!db_run(db, statement, error))
			return FALSE;
	}
	g_hash_table_remove_all(sums->sums);
	return TRUE;
}
