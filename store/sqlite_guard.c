/* SPDX-License-Identifier: MIT */
#include "store/sqlite_guard.h"

/* All but its facts. */
static struct suspect_source
suspect_of(const struct guarded_address *address, const struct source_row *row)
{
	gint64 seen = row->facts.last_seen;

	return (struct suspect_source){
		.verdict = row->verdict,
		.forwarded = row->body.totals[WINDOW_ALL].forwarded,
		.silent_days = seen == 0 ? FACT_N_UNKNOWN : address->last_day - seen,
	};
}

gboolean
guards_suspect(struct contexts *contexts, const struct guarded_address *address, const GArray *rows,
	       GArray *sources, GError **error)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		struct suspect_source source = suspect_of(address, row);
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

static void
ask_judge(const struct store_judge *judge, const struct guarded_address *address,
	  const GArray *rows, const struct facts *facts, guint8 *guards)
{
	g_autofree struct suspect_source *sources = g_new(struct suspect_source, rows->len);
	const struct suspect suspect = { address->reach, sources, rows->len };

	for (guint i = 0; i < rows->len; i++) {
		sources[i] = suspect_of(address, &g_array_index(rows, struct source_row, i));
		sources[i].facts = facts[i];
	}
	judge->guard(judge->cookie, &suspect, guards);
}

void
guards_settle(const struct store_judge *judge, const struct guarded_address *address, GArray *rows,
	      const struct facts *facts)
{
	g_autofree guint8 *guards = g_malloc(MAX(rows->len, 1));

	memset(guards, GUARD_OTHER_CLASS, MAX(rows->len, 1));
	if (may_be_listed(rows))
		ask_judge(judge, address, rows, facts, guards);
	for (guint i = 0; i < rows->len; i++)
		g_array_index(rows, struct source_row, i).guard = guards[i];
}
