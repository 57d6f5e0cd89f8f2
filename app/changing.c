/* SPDX-License-Identifier: MIT */
#include "app/changing.h"

#include "analysis/changes.h"
#include "core/log.h"
#include "store/change_store.h"
#include "store/query_history.h"

static gpointer
copy(gconstpointer change, gpointer data)
{
	(void)data;
	return change_copy(change);
}

static gboolean
find_in_domain(struct query_histories *histories, const char *domain,
	       const struct change_limits *limits, GPtrArray *found)
{
	g_autoptr(GError) error = NULL;
	const struct history *history = query_history(histories, domain, &error);

	if (!history) {
		log_event(LOG_WARNING, "cannot find what changed", "domain", domain, "error",
			  error->message, NULL);
		return FALSE;
	}
	g_autoptr(changes_auto) changes = changes_find(history, limits);
	g_ptr_array_extend(found, changes->list, copy, NULL);
	return TRUE;
}

/* One domain that cannot be read must not stand in the way of the others. It stays due. */
static void
find_in_domains(struct query_histories *histories, const struct change_limits *limits,
		GPtrArray *looks, GPtrArray *found)
{
	for (guint i = 0; i < looks->len;) {
		const struct change_look *look = g_ptr_array_index(looks, i);
		if (find_in_domain(histories, look->domain, limits, found))
			i++;
		else
			g_ptr_array_remove_index(looks, i);
	}
}

/* Looks that came to nothing leave looks: all of them where the rollups lag. NULL and error on
 * failure. */
static GPtrArray *
find_all(struct store_view *view, const struct change_limits *limits, GPtrArray *looks,
	 GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	const struct history_question question = {
		.days = CHANGING_DAYS,
		.source_days = limits->source_days,
	};
	g_autoptr(query_histories_auto) histories = query_histories_new(view, &question, error);
	gboolean are_whole;

	if (!histories || !query_histories_are_whole(histories, &are_whole, error))
		return NULL;
	if (!are_whole)
		g_ptr_array_set_size(looks, 0);
	find_in_domains(histories, limits, looks, found);
	return g_steal_pointer(&found);
}

gboolean
changing_run(struct store *store, const struct change_limits *limits, gint64 *ret_n_new,
	     GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(store, error);
	g_autoptr(GPtrArray) looks =
		view ? query_change_looks(view, CHANGING_DOMAINS_MAX, error) : NULL;

	if (!looks)
		return FALSE;
	*ret_n_new = 0;
	if (looks->len == 0)
		return TRUE;
	g_autoptr(GPtrArray) found = find_all(view, limits, looks, error);
	if (!found)
		return FALSE;
	if (looks->len == 0)
		return TRUE;
	struct change_findings findings = { .looks = looks, .changes = found };
	if (!store_edit_changes(store, &findings, error))
		return FALSE;
	*ret_n_new = findings.n_new;
	return TRUE;
}
