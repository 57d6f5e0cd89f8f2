/* SPDX-License-Identifier: MIT */
#include "store/sqlite_guard.h"

gboolean
guards_suspect(struct contexts *contexts, const struct guarded_address *address, const GArray *rows,
	       GArray *sources, GError **error)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		gint64 seen = row->facts.last_seen;
		struct suspect_source source = {
			.verdict = row->verdict,
			.forwarded = row->body.totals[WINDOW_ALL].forwarded,
			.silent_days = seen == 0 ? FACT_N_UNKNOWN : address->last_day - seen,
		};
		if (!contexts_facts(contexts, address->id, row, &source.facts, error))
			return FALSE;
		g_array_append_val(sources, source);
	}
	return TRUE;
}

/* Of any other class there is nothing to be asked. */
static gboolean
may_be_listed(const GArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		enum class class = g_array_index(rows, struct source_row, i).verdict.class;
		if (class == CLASS_UNAUTHORIZED || class == CLASS_REVIEW)
			return TRUE;
	}
	return FALSE;
}

gboolean
guards_settle(struct contexts *contexts, const struct store_judge *judge,
	      const struct guarded_address *address, GArray *rows, GError **error)
{
	g_autofree guint8 *guards = g_malloc(MAX(rows->len, 1));

	memset(guards, GUARD_OTHER_CLASS, MAX(rows->len, 1));
	if (may_be_listed(rows)) {
		g_autoptr(GArray) sources =
			g_array_sized_new(FALSE, FALSE, sizeof(struct suspect_source), rows->len);
		if (!guards_suspect(contexts, address, rows, sources, error))
			return FALSE;
		const struct suspect suspect = {
			.reach = address->reach,
			.sources = (gconstpointer)sources->data,
			.n_sources = sources->len,
		};
		judge->guard(judge->cookie, &suspect, guards);
	}
	for (guint i = 0; i < rows->len; i++)
		g_array_index(rows, struct source_row, i).guard = guards[i];
	return TRUE;
}
