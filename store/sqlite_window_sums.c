/* SPDX-License-Identifier: MIT */
#include "store/sqlite_window_sums.h"

#define ALL_DOMAINS 0
#define HASH_PRIME  2654435761U

/* One row of class_window, as what is to be added to it. */
struct window_sum {
	struct window_place place;
	gint64 sources;
	gint64 addresses;
	gint64 guarded;
	struct totals totals;
};

struct window_sums {
	GHashTable *sums; /* struct window_sum, as its own key */
};

static guint
place_hash(gconstpointer data)
{
	const struct window_place *place = data;

	guint rest = (place->window * 31 + place->class) * 31 + place->guard;

	return (place->domain * HASH_PRIME) ^ (rest * 31 + place->reach);
}

static gboolean
place_equal(gconstpointer a, gconstpointer b)
{
	const struct window_place *x = a;
	const struct window_place *y = b;

	return x->domain == y->domain && x->window == y->window && x->class == y->class &&
	       x->guard == y->guard && x->reach == y->reach;
}

struct window_sums *
window_sums_new(void)
{
	struct window_sums *sums = g_new0(struct window_sums, 1);

	sums->sums = g_hash_table_new_full(place_hash, place_equal, g_free, NULL);
	return sums;
}

void
window_sums_free(struct window_sums *sums)
{
	if (!sums)
		return;
	g_hash_table_unref(sums->sums);
	g_free(sums);
}

static struct window_sum *
find_sum(struct window_sums *sums, const struct window_place *place, guint32 domain)
{
	struct window_place key = *place;
	key.domain = domain;
	struct window_sum *sum = g_hash_table_lookup(sums->sums, &key);

	if (!sum) {
		sum = g_new0(struct window_sum, 1);
		sum->place = key;
		g_hash_table_add(sums->sums, sum);
	}
	return sum;
}

void
window_sums_move(struct window_sums *sums, const struct window_place *place,
		 const struct totals *totals, const struct window_first *first, int sign)
{
	struct window_sum *sum = find_sum(sums, place, place->domain);

	if (sign > 0)
		totals_add(&sum->totals, totals);
	else
		totals_subtract(&sum->totals, totals);
	if (!first)
		return;
	sum->sources += sign;
	sum->addresses += sign;
	sum->guarded += sign;
	if (!first->in_class && !first->behind_guard)
		return;
	struct window_sum *of_all = find_sum(sums, place, ALL_DOMAINS);
	of_all->addresses += first->in_class ? sign : 0;
	of_all->guarded += first->behind_guard ? sign : 0;
}

/* Messages and sources of all domains together; their addresses are counted above. */
static void
add_all_domains(struct window_sums *sums)
{
	guint n;
	g_autofree gpointer *keys = g_hash_table_get_keys_as_array(sums->sums, &n);

	for (guint i = 0; i < n; i++) {
		const struct window_sum *sum = keys[i];
		if (sum->place.domain == ALL_DOMAINS)
			continue;
		struct window_sum *of_all = find_sum(sums, &sum->place, ALL_DOMAINS);
		of_all->sources += sum->sources;
		totals_add(&of_all->totals, &sum->totals);
	}
}

static gboolean
write_class_window(const struct window_sum *sum, struct db *db, GError **error)
{
	const struct window_place *place = &sum->place;
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO class_window (domain_id, window, class, guard, reach, sources, "
		"addresses, guarded, " DB_TOTALS
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET sources = sources + excluded.sources, "
		"addresses = addresses + excluded.addresses, "
		"guarded = guarded + excluded.guarded, " DB_TOTALS_ADD,
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiiiiii", (gint64)place->domain, (gint64)place->window,
		(gint64)place->class, (gint64)place->guard, (gint64)place->reach, sum->sources,
		sum->addresses, sum->guarded);
	db_bind_totals(statement, 9, &sum->totals);
	return db_run(db, statement, error);
}

static gboolean
write_domain_window(const struct window_sum *sum, struct db *db, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO domain_window VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
			   "SET messages = messages + excluded.messages",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", (gint64)sum->place.window, (gint64)sum->place.domain,
		sum->totals.messages);
	return db_run(db, statement, error);
}

gboolean
window_sums_write(struct window_sums *sums, struct db *db, GError **error)
{
	GHashTableIter iter;
	gpointer key;

	add_all_domains(sums);
	g_hash_table_iter_init(&iter, sums->sums);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct window_sum *sum = key;
		if (sum->sources == 0 && sum->addresses == 0 && sum->guarded == 0 &&
		    totals_is_zero(&sum->totals))
			continue;
		if (!write_class_window(sum, db, error))
			return FALSE;
		if (sum->place.domain != ALL_DOMAINS && !write_domain_window(sum, db, error))
			return FALSE;
	}
	g_hash_table_remove_all(sums->sums);
	return TRUE;
}
