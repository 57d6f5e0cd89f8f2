/* SPDX-License-Identifier: MIT */
/* C9 to C12: what somebody noted on a day of the calendar. */
#include "analysis/change_find.h"

/* --- C9 --- */

static void
look_at_fault(const struct change_finder *finder, const struct series *mails)
{
	const struct change_days *days = finder->days;
	gint64 last = -1 - HISTORY_USUAL_DAYS;

	for (gint64 i = 0; i <= days->n; i++) {
		if (mails->n[i] == 0)
			continue;
		if (i - last > finder->limits->fault_quiet_days)
			change_found(finder, &(struct change){ .kind = CHANGE_FAULTS_BEGAN,
							       .day = days->base + i,
							       .object = mails->name,
							       .numbers = { { mails->n[i], 0 } } });
		last = i;
	}
}

void
change_find_faults(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	/* Today as well. */
	g_autoptr(series_set_auto) set = series_set_new(finder->days->base, finder->days->n + 1);

	for (gsize i = 0; i < history->n_faults; i++)
		series_set_add(set, history->faults[i].fault, history->faults[i].day,
			       history->faults[i].mails);

	g_autoptr(GPtrArray) faults = series_set_sorted(set);
	for (guint i = 0; i < faults->len; i++)
		look_at_fault(finder, faults->pdata[i]);
}

/* --- C10 and C12 --- */

static gint
compare_things(const struct history_state *a, const struct history_state *b)
{
	gint order = strcmp(a->object, b->object);

	return order ? order : strcmp(a->part, b->part);
}

/* The worst of a day comes last. */
static gint
compare_states(gconstpointer a, gconstpointer b)
{
	const struct history_state *first = a;
	const struct history_state *second = b;
	gint order = compare_things(first, second);

	if (order == 0)
		order = (first->day > second->day) - (first->day < second->day);
	return order ? order : (gint)first->answer - (gint)second->answer;
}

static void
tell_state(const struct change_finder *finder, const struct history_state *state,
	   enum change_kind kind)
{
	if (kind != N_CHANGE_KINDS)
		change_found(finder, &(struct change){ .kind = kind,
						       .day = state->day,
						       .object = state->object,
						       .part = state->part });
}

/* The first answer is news if it is yes; N_CHANGE_KINDS: not told. */
static void
find_turns(const struct change_finder *finder, const GArray *states, enum change_kind on_yes,
	   enum change_kind on_no)
{
	const struct history_state *rows = (const struct history_state *)(gpointer)states->data;
	enum fact answer = FACT_UNKNOWN;

	for (guint i = 0; i < states->len; i++) {
		gboolean is_same = i > 0 && compare_things(&rows[i - 1], &rows[i]) == 0;
		gboolean has_worse = i + 1 < states->len && rows[i + 1].day == rows[i].day &&
				     compare_things(&rows[i + 1], &rows[i]) == 0;
		if (!is_same)
			answer = FACT_UNKNOWN;
		if (has_worse || rows[i].answer == FACT_UNKNOWN)
			continue;
		if (rows[i].answer == FACT_YES && answer != FACT_YES)
			tell_state(finder, &rows[i], on_yes);
		else if (rows[i].answer == FACT_NO && answer == FACT_YES)
			tell_state(finder, &rows[i], on_no);
		answer = rows[i].answer;
	}
}

void
change_find_own_addresses(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	g_autoptr(GArray) states = change_sort(history->own_addresses, history->n_own_addresses,
					       sizeof(struct history_state), compare_states);

	find_turns(finder, states, CHANGE_OWN_LISTED, CHANGE_OWN_DELISTED);
}

void
change_find_records(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	g_autoptr(GArray) states = change_sort(history->records, history->n_records,
					       sizeof(struct history_state), compare_states);

	find_turns(finder, states, CHANGE_RECORD_BROKEN, N_CHANGE_KINDS);
}

/* --- C11 --- */

void
change_find_incidents(const struct change_finder *finder)
{
	static const enum change_kind kinds[] = {
		[HISTORY_QUIET] = CHANGE_INCIDENT_QUIET,
		[HISTORY_RESUMED] = CHANGE_INCIDENT_RESUMED,
	};

	for (gsize i = 0; i < finder->history->n_incidents; i++) {
		const struct history_incident *row = &finder->history->incidents[i];
		change_found(finder, &(struct change){ .kind = kinds[row->mark],
						       .day = row->day,
						       .object = row->incident,
						       .is = row->network });
	}
}
