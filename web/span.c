/* SPDX-License-Identifier: MIT */
#include "web/span.h"

#include "web/figures.h"
#include "web/say.h"

#define WEEK_DAYS 7
#define DAY_S     86400

static const char *const unit_keys[] = {
	[SPAN_DAYS] = "span.days",
	[SPAN_WEEKS] = "span.weeks",
	[SPAN_MONTHS] = "span.months",
};

/* The first day of the month that day is in. */
static gint64
month_start(gint64 day)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(day * DAY_S);

	return date ? day - g_date_time_get_day_of_month(date) + 1 : day;
}

/* The first day of the bar that ends on day, not before first. */
static gint64
bar_start(enum span_unit unit, gint64 day, gint64 first)
{
	gint64 start = day;

	if (unit == SPAN_WEEKS)
		start = day - WEEK_DAYS + 1;
	else if (unit == SPAN_MONTHS)
		start = month_start(day);
	return MAX(start, first);
}

void
span_init(struct span *span, gint64 first_day, gint64 last_day)
{
	gint64 first = MIN(first_day, last_day);
	gint64 days = last_day - first + 1;
	guint n = 0;

	span->unit = days <= SPAN_BARS_MAX               ? SPAN_DAYS
		     : days <= SPAN_BARS_MAX * WEEK_DAYS ? SPAN_WEEKS
							 : SPAN_MONTHS;
	span->last_day = last_day;
	for (gint64 end = last_day; end >= first && n < SPAN_BARS_MAX; n++) {
		span->starts[n] = bar_start(span->unit, end, first);
		end = span->starts[n] - 1;
	}
	span->n = n;
	for (guint i = 0; i < n / 2; i++) {
		gint64 start = span->starts[i];
		span->starts[i] = span->starts[n - 1 - i];
		span->starts[n - 1 - i] = start;
	}
}

int
span_index(const struct span *span, gint64 day)
{
	if (day > span->last_day)
		return -1;
	for (guint i = span->n; i > 0; i--)
		if (day >= span->starts[i - 1])
			return (int)(i - 1);
	return -1;
}

gint64
span_end(const struct span *span, guint i)
{
	return i + 1 < span->n ? span->starts[i + 1] - 1 : span->last_day;
}

char *
span_label(const struct span *span, guint i)
{
	if (span->unit == SPAN_MONTHS)
		return figures_month(span->starts[i]);
	return figures_short_day(span->starts[i], span->last_day);
}

char *
span_full_label(const struct span *span, guint i)
{
	if (span->unit == SPAN_MONTHS)
		return figures_month(span->starts[i]);
	if (span->unit == SPAN_DAYS)
		return figures_day(span->starts[i]);
	return say_text("span.week", word_day("first", span->starts[i]),
			word_day("last", span_end(span, i)));
}

const char *
span_unit_key(const struct span *span)
{
	return unit_keys[span->unit];
}
