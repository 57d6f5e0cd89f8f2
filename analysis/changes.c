/* SPDX-License-Identifier: MIT */
#include "analysis/changes.h"

#include "analysis/change_find.h"

static const struct {
	enum change_rule rule;
	void (*find)(const struct change_finder *finder);
} rules[] = {
	{ CHANGE_RULE_SOURCE, change_find_sources },
	{ CHANGE_RULE_SILENCE, change_find_silent_senders },
	{ CHANGE_RULE_PASS_RATE, change_find_pass_rates },
	{ CHANGE_RULE_SPOOFING, change_find_spoofing },
	{ CHANGE_RULE_SELECTOR, change_find_selectors },
	{ CHANGE_RULE_SUBDOMAIN, change_find_subdomains },
	{ CHANGE_RULE_POLICY, change_find_policies },
	{ CHANGE_RULE_REPORTER, change_find_reporters },
	{ CHANGE_RULE_FAULT, change_find_faults },
	{ CHANGE_RULE_OWN_ADDRESS, change_find_own_addresses },
	{ CHANGE_RULE_INCIDENT, change_find_incidents },
	{ CHANGE_RULE_RECORD, change_find_records },
};

/* Every rule after CHANGE_RULE_REPORTER lives by the calendar. */
static gint64
last_day(const struct change_finder *finder, enum change_rule rule)
{
	return rule > CHANGE_RULE_REPORTER ? finder->history->today
					   : change_days_complete_through(finder->days);
}

void
change_found(const struct change_finder *finder, const struct change *change)
{
	struct change whole = *change;

	if (change->day < finder->days->base + finder->days->from ||
	    change->day > last_day(finder, change_kinds[change->kind].rule))
		return;
	whole.domain = finder->history->domain;
	g_ptr_array_add(finder->found, change_copy(&whole));
}

gboolean
change_is_news(const struct change_finder *finder, gint64 day)
{
	gint64 first_day = finder->history->first_day;

	return day >= finder->days->base && day <= change_days_complete_through(finder->days) &&
	       first_day > 0 && day - finder->limits->learning_days >= first_day;
}

GArray *
change_sort(gconstpointer rows, gsize n, gsize size, GCompareFunc compare)
{
	GArray *sorted = g_array_sized_new(FALSE, FALSE, (guint)size, (guint)n);

	if (n > 0)
		g_array_append_vals(sorted, rows, (guint)n);
	g_array_sort(sorted, compare);
	return sorted;
}

static gint
compare_changes(gconstpointer a, gconstpointer b)
{
	const struct change *const *first = a;
	const struct change *const *second = b;

	return change_compare(*first, *second);
}

/* The list in its order, each key once. Of equal keys the oldest stays: what happens once happened
 * then. */
static GPtrArray *
put_in_order(GPtrArray *found)
{
	g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	char key[CHANGE_KEY_LEN];

	g_ptr_array_sort(found, compare_changes);
	for (guint i = found->len; i-- > 0;)
		if (g_hash_table_add(keys, g_strdup(change_key(found->pdata[i], key))))
			g_ptr_array_add(list, g_steal_pointer(&found->pdata[i]));
	g_ptr_array_sort(list, compare_changes);
	return list;
}

/* How many were too many. */
static gint64
cut(GPtrArray *list)
{
	guint n_kind[N_CHANGE_KINDS] = { 0 };
	guint n = 0;

	for (guint i = 0; i < list->len; i++) {
		g_autofree struct change *change = g_steal_pointer(&list->pdata[i]);
		if (n_kind[change->kind]++ < CHANGES_KIND_MAX)
			list->pdata[n++] = g_steal_pointer(&change);
	}
	gint64 left_out = (gint64)list->len - n;
	g_ptr_array_set_size(list, (gint)n);
	return left_out;
}

struct changes *
changes_find(const struct history *history, const struct change_limits *limits)
{
	g_autoptr(change_days_auto) days = change_days_new(history, limits);
	struct changes *changes = g_new0(struct changes, 1);
	const struct change_finder finder = {
		.history = history,
		.limits = limits,
		.days = days,
		.found = g_ptr_array_new_with_free_func(g_free),
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
		rules[i].find(&finder);
	changes->list = put_in_order(finder.found);
	g_ptr_array_unref(finder.found);
	changes->complete_through = change_days_complete_through(days);
	changes->left_out = cut(changes->list);
	return changes;
}

void
changes_free(struct changes *changes)
{
	if (!changes)
		return;
	g_ptr_array_unref(changes->list);
	g_free(changes);
}
