/* SPDX-License-Identifier: MIT */
/*
 * chart.h - charts as SVG text, made on the server: stacked bars and sparklines.
 *
 * All geometry is in attributes, x and width in per cent, y and height in pixels, so that bars
 * stretch with the page and text keeps its size, and no style is needed (the policy forbids it).
 * Every text that comes in is escaped. The result goes into the tree under a name with "_" and is
 * written by {{&_chart}}. Caller frees.
 */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include <glib.h>

#include "web/span.h"

#define CHART_SERIES_MAX 6
#define CHART_SPARK_BARS 30

/* One layer of the stack; the first is at the bottom. */
struct chart_series {
	const char *css;     /* class of the group, for its colour; NULL = none */
	const char *pattern; /* id of the pattern that fills it; NULL = css fills it */
};

struct chart_bar {
	gint64 values[CHART_SERIES_MAX];
	const char *label; /* under the axis; NULL = none */
	const char *title; /* what the bar says in words */
	const char *href;  /* where it leads, NULL = nowhere */
	gboolean is_late;  /* not complete: hatched */
};

struct chart {
	const char *id; /* of its title and description; unique on the page */
	const char *title;
	const char *desc;
	guint height; /* of the plot in pixels, without the labels */
	const struct chart_series *series;
	guint n_series;
	const struct chart_bar *bars;
	guint n_bars;
	guint note_bar;   /* which bar the note stands over */
	const char *note; /* NULL = none */
	const char *late; /* label at the right end where bars are late, "not complete" */
};

/* The axis and the plot, for <div class="chart">. */
char *chart_stacked(const struct chart *chart);

/* The distance of the lines behind the bars: 1, 2 or 5 times a power of ten, two to five of them.
 */
gint64 chart_step(gint64 max);

/* 90 by 18 pixels, beside numbers that say it; at most CHART_SPARK_BARS values, the last one at the
 * right edge. */
char *chart_spark(const gint64 *values, guint n, const char *css);

/*
 * One line of a sum of up to 100: the piece from from to to (smaller: it runs back), what is out of
 * 0 to 100 cut off, with a mark at limit.
 */
char *chart_run(gint64 from, gint64 to, gint64 limit, const char *css);

/* As wide as its column, 44 pixels high. */
char *chart_spark_wide(const gint64 *values, guint n, const char *css, const char *label);

#endif
