/* SPDX-License-Identifier: MIT */
/* C3 and C4: pass rates that fall, spoofing that rises. */
#include "analysis/change_find.h"
#include "core/report.h"

/* --- C3 --- */

#define WEEK 7

struct rates {
	const struct series *messages;
	const struct series *pass; /* NULL: none */
};

struct fall {
	struct change_number failed;
	struct change_number before;
	struct change_number now;
	struct change_number days;
};

/*
 * Did the pass rate of n days that end with index i fall? In doubles: exact up to about a million
 * messages a day, and nothing wraps beyond.
 */
static gboolean
fell(const struct change_finder *finder, const struct rates *rates, gint64 i, gint64 n,
     struct fall *ret_fall)
{
	const struct change_limits *limits = finder->limits;
	gint64 n_before = limits->pass_before_days;
	gint64 now = series_sum(rates->messages, i + 1, n);
	gint64 now_pass = series_sum(rates->pass, i + 1, n);
	gint64 before = series_sum(rates->messages, i + 1 - n, n_before);
	gint64 before_pass = series_sum(rates->pass, i + 1 - n, n_before);
	double missing = (double)before_pass * (double)now - (double)now_pass * (double)before;
	double whole = (double)before * (double)now;

	if (before <= limits->pass_messages || now <= limits->pass_messages ||
	    missing * 100 <= (double)limits->pass_points * whole ||
	    missing <= (double)limits->pass_messages * (double)before)
		return FALSE;
	*ret_fall = (struct fall){
		{ now - now_pass, 0 }, { before_pass, before }, { now_pass, now }, { n, 0 }
	};
	return TRUE;
}

static void
look_at_rates(const struct change_finder *finder, const struct rates *rates)
{
	const struct change_days *days = finder->days;
	gint64 last = -1 - HISTORY_USUAL_DAYS; /* the last day of a fall */

	for (gint64 i = 0; i < days->n_complete; i++) {
		struct fall fall;
		if (!days->days[i].is_seen ||
		    (!fell(finder, rates, i, 1, &fall) && !fell(finder, rates, i, WEEK, &fall)))
			continue;
		if (i - last > finder->limits->pass_quiet_days)
			change_found(finder,
				     &(struct change){ .kind = CHANGE_PASS_RATE_FELL,
						       .day = days->base + i,
						       .object = rates->messages->name,
						       .numbers = { fall.failed, fall.before,
								    fall.now, fall.days } });
		last = i;
	}
}

void
change_find_pass_rates(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	const struct change_days *days = finder->days;
	g_autoptr(series_set_auto) messages = series_set_new(days->base, days->n);
	g_autoptr(series_set_auto) pass = series_set_new(days->base, days->n);

	for (gsize i = 0; i < history->n_senders; i++) {
		const struct history_sender *row = &history->senders[i];
		series_set_add(messages, row->sender, row->day, row->messages);
		series_set_add(pass, row->sender, row->day, MIN(row->pass, row->messages));
	}

	g_autoptr(GPtrArray) senders = series_set_sorted(messages);
	for (guint i = 0; i < senders->len; i++) {
		const struct series *series = senders->pdata[i];
		look_at_rates(finder,
			      &(struct rates){ series, series_set_get(pass, series->name) });
	}
}

/* --- C4 --- */

#define WEEKDAYS 4 /* even: the median is the mean of the two in the middle */

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
	gdouble first = *(const gdouble *)a;
	gdouble second = *(const gdouble *)b;

	return (first > second) - (first < second);
}

static double
median(const double values[WEEKDAYS])
{
	double sorted[WEEKDAYS];

	memcpy(sorted, values, sizeof(sorted));
	qsort(sorted, WEEKDAYS, sizeof(sorted[0]), compare_numbers);
	return (sorted[WEEKDAYS / 2 - 1] + sorted[WEEKDAYS / 2]) / 2;
}

/* The same weekdays before i that were seen, the newest first. FALSE: there are too few. */
static gboolean
same_weekdays(const struct change_days *days, const struct series *spoofed, gint64 i,
	      double ret_values[WEEKDAYS])
{
	guint n = 0;

	for (i -= WEEK; i >= 0 && n < WEEKDAYS; i -= WEEK)
		if (days->days[i].is_seen)
			ret_values[n++] = (double)spoofed->n[i];
	return n == WEEKDAYS;
}

static gboolean
is_spike(const struct change_finder *finder, const struct series *spoofed, gint64 i,
	 struct change *change)
{
	const struct change_limits *limits = finder->limits;
	gint64 n = spoofed->n[i];
	double values[WEEKDAYS];

	if (!finder->days->days[i].is_seen || n < limits->spoofing_messages ||
	    !same_weekdays(finder->days, spoofed, i, values))
		return FALSE;

	double usual = median(values);
	for (gsize k = 0; k < WEEKDAYS; k++)
		values[k] = ABS(values[k] - usual);
	double limit = usual + (double)limits->spoofing_deviations * median(values);
	if ((double)n <= limit)
		return FALSE;
	change->numbers[0].n = n;
	change->numbers[1].n = (gint64)usual;
	change->numbers[2].n = MAX((gint64)limit, limits->spoofing_messages - 1);
	return TRUE;
}

void
change_find_spoofing(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	const struct change_days *days = finder->days;
	g_autoptr(series_set_auto) set = series_set_new(days->base, days->n);
	gboolean was_spike = FALSE;

	for (gsize i = 0; i < history->n_classes; i++) {
		const struct history_class *row = &history->classes[i];
		if (row->class == CLASS_UNAUTHORIZED)
			series_set_add(set, class_name(row->class), row->day, row->messages);
	}

	const struct series *spoofed = series_set_get(set, class_name(CLASS_UNAUTHORIZED));
	for (gint64 i = 0; spoofed && i < days->n_complete; i++) {
		struct change change = { .kind = CHANGE_SPOOFING_ROSE, .day = days->base + i };
		gboolean is = is_spike(finder, spoofed, i, &change);
		if (is && !was_spike)
			change_found(finder, &change);
		was_spike = is;
	}
}
