/* SPDX-License-Identifier: MIT */
/* C2 and C8: who was there on most days, and is there no longer. */
#include <math.h>

#include "analysis/change_find.h"

/* How often something happens, in seen days. */
struct pace {
	gint64 active; /* days on which it happened */
	gint64 span;   /* from the first to the last of them */
	gint64 usual;  /* silence up to here is nothing new */
};

/* The pace in the HISTORY_USUAL_DAYS that end with an active day at index last. */
static struct pace
pace_until(const struct change_days *days, const struct series *series, gint64 last)
{
	struct pace pace = { 0 };
	gint64 first = -1;
	gint64 previous = -1;
	gint64 longest = 0;
	gint64 second = 0;

	for (gint64 i = MAX(last - HISTORY_USUAL_DAYS, 0); i <= last; i++) {
		if (series->n[i] == 0)
			continue;
		pace.active++;
		if (previous < 0) {
			first = previous = i;
			continue;
		}
		gint64 gap = change_days_seen(days, previous, i);
		second = MAX(second, MIN(gap, longest));
		longest = MAX(longest, gap);
		previous = i;
	}
	pace.span = change_days_seen(days, first, last);
	pace.usual = second;
	return pace;
}

static gint64
silence_after(const struct change_finder *finder, const struct pace *pace, gint64 least)
{
	double mean = (double)pace->span / (double)(pace->active - 1);
	double silence = ceil(mean * (double)finder->limits->silence_factor);

	return MAX(MAX((gint64)silence, pace->usual + 1), least);
}

/* Silences of one name of at least so many days, each told on the day that it becomes one. */
static void
find_silences(const struct change_finder *finder, const struct series *series,
	      enum change_kind kind, gint64 least)
{
	const struct change_days *days = finder->days;
	struct pace pace = { 0 };
	gint64 last = -1;
	gint64 after = 0; /* 0: the last silence was told, or there is no pace */

	for (gint64 i = 0; i < days->n_complete; i++) {
		if (series->n[i] > 0) {
			last = i;
			pace = pace_until(days, series, i);
			after = pace.active < finder->limits->silence_active_days
					? 0
					: silence_after(finder, &pace, least);
			continue;
		}
		if (after == 0 || change_days_seen(days, last, i) < after)
			continue;
		change_found(finder, &(struct change){ .kind = kind,
						       .day = days->base + i,
						       .object = series->name,
						       .numbers = { { after, 0 },
								    { days->base + last, 0 },
								    { pace.active, 0 },
								    { pace.span + 1, 0 } } });
		after = 0;
	}
}

void
change_find_silent_senders(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	g_autoptr(series_set_auto) set = series_set_new(finder->days->base, finder->days->n);

	for (gsize i = 0; i < history->n_senders; i++) {
		const struct history_sender *row = &history->senders[i];
		series_set_add(set, row->sender, row->day, row->messages);
	}

	g_autoptr(GPtrArray) senders = series_set_sorted(set);
	for (guint i = 0; i < senders->len; i++)
		find_silences(finder, senders->pdata[i], CHANGE_SENDER_SILENT, 1);
}

/* --- C8 --- */

static void
find_new_reporters(const struct change_finder *finder)
{
	for (gsize i = 0; i < finder->history->n_reports; i++) {
		const struct history_report *row = &finder->history->reports[i];
		if (change_is_news(finder, row->first_day))
			change_found(finder, &(struct change){ .kind = CHANGE_REPORTER_NEW,
							       .day = row->first_day,
							       .object = row->reporter });
	}
}

/* Silence of one reporter is not told of days that (nearly) no reporter saw: that is this. */
static void
find_stopped(const struct change_finder *finder)
{
	const struct change_days *days = finder->days;
	gint64 run = 0;

	for (gint64 i = 0; i < days->n_complete; i++) {
		const struct change_day *day = &days->days[i];
		run = day->is_seen || day->usual == 0 ? 0 : run + 1;
		if (run != finder->limits->reporter_silent_days)
			continue;
		change_found(finder, &(struct change){ .kind = CHANGE_REPORTS_STOPPED,
						       .day = days->base + i,
						       .numbers = { { run, 0 },
								    { day->usual - day->in, 0 },
								    { day->usual, 0 } } });
	}
}

void
change_find_reporters(const struct change_finder *finder)
{
	g_autoptr(GPtrArray) reporters = series_set_sorted(finder->days->reports);

	if (finder->history->domain[0] != '\0')
		return;
	find_new_reporters(finder);
	find_stopped(finder);
	for (guint i = 0; i < reporters->len; i++)
		find_silences(finder, reporters->pdata[i], CHANGE_REPORTER_SILENT,
			      finder->limits->reporter_silent_days);
}
