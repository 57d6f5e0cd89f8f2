/* SPDX-License-Identifier: MIT */
/*
 * span.h - a run of UTC days as at most SPAN_BARS_MAX bars: days, weeks or months.
 *
 * Up to 31 days each day is a bar, up to 31 weeks each week that ends on the span's last weekday,
 * else each calendar month; what does not fit even so is left off at the old end.
 */
#ifndef WEB_SPAN_H
#define WEB_SPAN_H

#include <glib.h>

#define SPAN_BARS_MAX 31

enum span_unit {
	SPAN_DAYS,
	SPAN_WEEKS,
	SPAN_MONTHS,
};

struct span {
	enum span_unit unit;
	guint n;                      /* bars, at least 1 */
	gint64 starts[SPAN_BARS_MAX]; /* first day of each */
	gint64 last_day;
};

void span_init(struct span *span, gint64 first_day, gint64 last_day);

/* The bar of day, or -1 outside the span. */
int span_index(const struct span *span, gint64 day);

/* Last day of bar i. */
gint64 span_end(const struct span *span, guint i);

/* "22 Nov" (a day, or the first of a week), "Nov 2026". Caller frees. */
char *span_label(const struct span *span, guint i);

/* "2026-11-22", "2026-11-16 – 2026-11-22", "Nov 2026". Caller frees. */
char *span_full_label(const struct span *span, guint i);

/* Key of the word table for the unit: "span.days". */
const char *span_unit_key(const struct span *span);

#endif
