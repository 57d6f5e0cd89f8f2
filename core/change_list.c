/* SPDX-License-Identifier: MIT */
#include "core/change_list.h"

#include "core/report.h"

struct change
change_network(const struct change *change, gint64 messages, gint64 sources)
{
	struct change network = *change;

	network.kind = CHANGE_NETWORK_NEW;
	network.object = change->is;
	network.is = "";
	network.numbers[0].n = messages;
	network.numbers[1].n = sources;
	return network;
}

gboolean
change_has_network(const struct change *change)
{
	return change->kind == CHANGE_SOURCE_NEW && change->is[0] != '\0';
}

static gboolean
is_muted(const struct change *change, GHashTable *muted)
{
	char key[CHANGE_KEY_LEN];

	if (!muted)
		return FALSE;
	if (g_hash_table_contains(muted, change_mute_key(change, key)))
		return TRUE;
	if (!change_has_network(change))
		return FALSE;

	struct change network = change_network(change, 0, 0);
	return g_hash_table_contains(muted, change_mute_key(&network, key));
}

GPtrArray *
changes_unseen(const GPtrArray *changes, GHashTable *seen, GHashTable *muted)
{
	g_autoptr(GHashTable) own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *unseen = g_ptr_array_new();

	for (guint i = 0; i < changes->len; i++) {
		struct change *change = changes->pdata[i];
		char key[CHANGE_KEY_LEN];
		change_key(change, key);
		if ((seen && g_hash_table_contains(seen, key)) || is_muted(change, muted))
			continue;
		if (g_hash_table_add(own, g_strdup(key)))
			g_ptr_array_add(unseen, change);
	}
	return unseen;
}

static gint
compare_networks(const struct change *a, const struct change *b)
{
	gint order = (a->day < b->day) - (a->day > b->day);

	if (order == 0)
		order = strcmp(a->domain, b->domain);
	if (order == 0)
		order = (gint)a->class - (gint)b->class;
	return order ? order : strcmp(a->is, b->is);
}

static gint
by_network(gconstpointer a, gconstpointer b)
{
	const struct change *const *first = a;
	const struct change *const *second = b;

	return compare_networks(*first, *second);
}

static gint
by_order(gconstpointer a, gconstpointer b)
{
	const struct change *const *first = a;
	const struct change *const *second = b;

	return change_compare(*first, *second);
}

/* n sources of one network, in one line if there are two or more. */
static void
fold(GPtrArray *folded, struct change *const *sources, guint n)
{
	gint64 messages = 0;

	if (n == 1) {
		g_ptr_array_add(folded, change_copy(sources[0]));
		return;
	}
	for (guint i = 0; i < n; i++)
		messages = count_add(messages, sources[i]->numbers[0].n);
	const struct change network = change_network(sources[0], messages, n);
	g_ptr_array_add(folded, change_copy(&network));
}

GPtrArray *
changes_folded(const GPtrArray *changes)
{
	GPtrArray *folded = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) sources = g_ptr_array_new();
	guint end;

	for (guint i = 0; i < changes->len; i++) {
		struct change *change = changes->pdata[i];
		if (change_has_network(change))
			g_ptr_array_add(sources, change);
		else
			g_ptr_array_add(folded, change_copy(change));
	}
	g_ptr_array_sort(sources, by_network);
	for (guint start = 0; start < sources->len; start = end) {
		for (end = start + 1; end < sources->len; end++)
			if (compare_networks(sources->pdata[start], sources->pdata[end]) != 0)
				break;
		fold(folded, (struct change *const *)sources->pdata + start, end - start);
	}
	g_ptr_array_sort(folded, by_order);
	return folded;
}
