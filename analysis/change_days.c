/* SPDX-License-Identifier: MIT */
#include "analysis/change_days.h"

#include "analysis/facts.h"

/* Indices of the complete and seen days before i, the newest first. */
static GArray *
usual_window(const struct change_days *days, gint64 i)
{
	GArray *window = g_array_new(FALSE, FALSE, sizeof(gint64));

	while (i-- > 0 && window->len < days->limits.usual_days)
		if (days->days[i].is_complete && days->days[i].is_seen)
			g_array_append_val(window, i);
	return window;
}

static gboolean
is_usual(const struct change_days *days, const struct series *reporter, const GArray *window)
{
	gint64 n = 0;

	for (guint k = 0; k < window->len; k++)
		n += reporter->n[g_array_index(window, gint64, k)] > 0;
	return share_is_at_least(n, window->len, days->limits.usual_share);
}

static void
judge_day(struct change_days *days, const GPtrArray *reporters, const struct history *history,
	  gint64 i)
{
	struct change_day *day = &days->days[i];
	g_autoptr(GArray) window = usual_window(days, i);
	gint64 age = history->today - (days->base + i);
	gint64 n_alive = 0;

	for (guint k = 0; k < reporters->len; k++) {
		const struct series *reporter = reporters->pdata[k];
		if (!is_usual(days, reporter, window))
			continue;
		const struct series *alive = series_set_get(days->alive, reporter->name);
		day->usual++;
		day->in += reporter->n[i] > 0;
		n_alive += reporter->n[i] > 0 || (alive && alive->n[i] > 0);
	}
	day->is_complete =
		(day->usual > 0 && day->in == day->usual) || age > days->limits.late_days;
	day->is_seen = days->base + i >= history->first_day &&
		       (day->usual == 0 ||
			share_is_at_least(n_alive, day->usual, days->limits.seen_share));
}

static struct series_set *
collect(const struct change_days *days, const struct history_report *reports, gsize n)
{
	struct series_set *set = series_set_new(days->base, days->n);

	for (gsize i = 0; i < n; i++)
		series_set_add(set, reports[i].reporter, reports[i].day, 1);
	return set;
}

struct change_days *
change_days_new(const struct history *history, const struct change_limits *limits)
{
	struct change_days *days = g_new0(struct change_days, 1);
	gint64 from = CLAMP(history->from, history->today - HISTORY_FROM_MAX, history->today);

	days->limits = *limits;
	days->from = history->back_days ? CLAMP(history->back_days, 1, HISTORY_DAYS) : HISTORY_DAYS;
	days->base = from - days->from;
	days->n = history->today - days->base;
	days->days = g_new0(struct change_day, days->n);
	days->seen_before = g_new0(gint64, days->n + 1);
	days->reports = collect(days, history->reports, history->n_reports);
	days->alive = collect(days, history->other_reports, history->n_other_reports);

	g_autoptr(GPtrArray) reporters = series_set_sorted(days->reports);
	for (gint64 i = 0; i < days->n; i++) {
		judge_day(days, reporters, history, i);
		days->seen_before[i + 1] = days->seen_before[i] + days->days[i].is_seen;
		if (days->n_complete == i && days->days[i].is_complete)
			days->n_complete++;
	}
	return days;
}

void
change_days_free(struct change_days *days)
{
	if (!days)
		return;
	series_set_free(days->reports);
	series_set_free(days->alive);
	g_free(days->days);
	g_free(days->seen_before);
	g_free(days);
}

gint64
change_days_complete_through(const struct change_days *days)
{
	return days->base + days->n_complete - 1;
}

gint64
change_days_seen(const struct change_days *days, gint64 a, gint64 b)
{
	return days->seen_before[b + 1] - days->seen_before[a + 1];
}

GPtrArray *
change_days_missing(const struct change_days *days, gint64 day)
{
	GPtrArray *missing = g_ptr_array_new();
	gint64 i = day - days->base;

	if (day < days->base || i >= days->n)
		return missing;

	g_autoptr(GArray) window = usual_window(days, i);
	g_autoptr(GPtrArray) reporters = series_set_sorted(days->reports);
	for (guint k = 0; k < reporters->len; k++) {
		const struct series *reporter = reporters->pdata[k];
		if (reporter->n[i] == 0 && is_usual(days, reporter, window))
			g_ptr_array_add(missing, (gpointer)(guintptr)reporter->name);
	}
	return missing;
}
