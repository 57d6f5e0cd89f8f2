/* SPDX-License-Identifier: MIT */
#include "analysis/series.h"

#include "core/report.h"

struct series_set *
series_set_new(gint64 base, gint64 n_days)
{
	struct series_set *set = g_new(struct series_set, 1);

	*set = (struct series_set){
		.base = base,
		.n_days = n_days,
		.by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
	};
	return set;
}

void
series_set_free(struct series_set *set)
{
	if (!set)
		return;
	g_hash_table_unref(set->by_name);
	g_free(set);
}

void
series_set_add(struct series_set *set, const char *name, gint64 day, gint64 n)
{
	if (day < set->base || day - set->base >= set->n_days || n <= 0)
		return;

	struct series *series = g_hash_table_lookup(set->by_name, name);
	if (!series) {
		series = g_malloc0(sizeof(*series) + (gsize)set->n_days * sizeof(series->n[0]));
		series->name = name;
		g_hash_table_insert(set->by_name, (gpointer)(guintptr)name, series);
	}
	gint64 *sum = &series->n[day - set->base];
	*sum = count_add(*sum, n);
}

const struct series *
series_set_get(const struct series_set *set, const char *name)
{
	return g_hash_table_lookup(set->by_name, name);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
	const struct series *const *first = a;
	const struct series *const *second = b;

	return strcmp((*first)->name, (*second)->name);
}

GPtrArray *
series_set_sorted(const struct series_set *set)
{
	GPtrArray *sorted = g_ptr_array_new();
	GHashTableIter iter;
	gpointer series;

	g_hash_table_iter_init(&iter, set->by_name);
	while (g_hash_table_iter_next(&iter, NULL, &series))
		g_ptr_array_add(sorted, series);
	g_ptr_array_sort(sorted, compare_names);
	return sorted;
}

gint64
series_sum(const struct series *series, gint64 end, gint64 n)
{
	gint64 sum = 0;

	for (gint64 i = MAX(end - n, 0); series && i < end; i++)
		sum = count_add(sum, series->n[i]);
	return sum;
}
