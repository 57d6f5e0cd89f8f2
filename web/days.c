/* SPDX-License-Identifier: MIT */
#include "web/days.h"

#include "core/report.h"
#include "web/chart.h"
#include "web/figures.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define CHART_HEIGHT 256
#define ALL_DAYS_MAX 400 /* as far back as query_days() goes */

/* From the bottom of the stack: yours first, spoofing on top. */
static const struct {
	enum class class;
	struct chart_series series;
} layers[] = {
	{ CLASS_AUTHORIZED, { "authorized", "p-authorized" } },
	{ CLASS_FIX, { "fix", "p-fix" } },
	{ CLASS_FORWARDER, { "forwarder", "p-forwarder" } },
	{ CLASS_REVIEW, { "review", "p-review" } },
	{ CLASS_UNAUTHORIZED, { "unauthorized", "p-unauthorized" } },
};
#define N_LAYERS G_N_ELEMENTS(layers)

void
days_sum(struct day_sums *sums, const struct filter *filter, const GArray *days)
{
	const struct query_bounds *bounds = &filter->bounds;
	gint64 first = bounds->from_day;

	if (filter->scope.window == WINDOW_ALL)
		first = MAX(bounds->first_day, bounds->last_day - ALL_DAYS_MAX + 1);
	*sums = (struct day_sums){ 0 };
	span_init(&sums->span, first, bounds->last_day);
	for (guint i = 0; i < days->len; i++) {
		const struct query_day *day = &g_array_index(days, struct query_day, i);
		int bar = span_index(&sums->span, day->day);
		for (guint c = 0; bar >= 0 && c < N_CLASSES; c++)
			sums->messages[c][bar] =
				count_add(sums->messages[c][bar], day->totals[c].messages);
	}
}

json_t *
days_list(const GArray *days)
{
	json_t *list = json_array();

	for (guint i = 0; i < days->len; i++) {
		const struct query_day *day = &g_array_index(days, struct query_day, i);
		json_t *row = json_object();
		tree_day(row, "day", day->day);
		for (gsize l = 0; l < N_LAYERS; l++)
			tree_count(row, class_name(layers[l].class),
				   day->totals[layers[l].class].messages);
		json_array_append_new(list, row);
	}
	return list;
}

/* "22 Nov: Yours, OK 569 · Spoofing 43" */
static char *
bar_title(const struct day_sums *sums, guint bar)
{
	g_autoptr(GString) parts = g_string_new(NULL);
	g_autofree char *label = span_label(&sums->span, bar);

	for (gsize l = 0; l < N_LAYERS; l++) {
		gint64 n = sums->messages[layers[l].class][bar];
		if (n == 0)
			continue;
		g_autofree char *part =
			say_text("chart.part", word_text("class", tree_class_name(layers[l].class)),
				 word_count("n", n));
		say_append(parts, part);
	}
	if (parts->len == 0)
		g_string_append(parts, words_get("figure.no_mail"));
	return say_text("chart.bar", word_text("day", label), word_text("parts", parts->str));
}

/* The table beside the chart, youngest first; its rows are where the bars lead. */
static void
fill_bars(const struct day_sums *sums, struct page *page)
{
	json_t *rows = json_array();

	for (guint i = sums->span.n; i-- > 0;) {
		json_t *row = json_object();
		json_t *cells = json_array();
		g_autofree char *id = g_strdup_printf("d%" G_GINT64_FORMAT, sums->span.starts[i]);
		tree_text(row, "id", id);
		tree_take(row, "label", span_full_label(&sums->span, i));
		for (gsize l = 0; l < N_LAYERS; l++) {
			json_t *cell = json_object();
			tree_text(cell, "label", tree_class_name(layers[l].class));
			tree_count(cell, "n", sums->messages[layers[l].class][i]);
			json_array_append_new(cells, cell);
		}
		json_object_set_new(row, "cells", cells);
		json_array_append_new(rows, row);
	}
	json_object_set_new(page->root, "_bars", rows);
}

static gint64
bar_sum(const struct day_sums *sums, guint bar)
{
	gint64 sum = 0;

	for (gsize l = 0; l < N_LAYERS; l++)
		sum = count_add(sum, sums->messages[layers[l].class][bar]);
	return sum;
}

static char *
description(const struct day_sums *sums)
{
	guint top = 0;

	for (guint i = 1; i < sums->span.n; i++)
		if (bar_sum(sums, i) > bar_sum(sums, top))
			top = i;
	g_autofree char *label = span_full_label(&sums->span, top);
	return say_text("chart.desc", word_count("n", sums->span.n),
			word_count("max", bar_sum(sums, top)), word_text("day", label));
}

/* The bar with most spoofing is named where it stands out: half as much again as the next. */
static int
spoofing_peak(const struct day_sums *sums)
{
	const gint64 *spoofed = sums->messages[CLASS_UNAUTHORIZED];
	guint top = 0;
	gint64 next = 0;

	for (guint i = 1; i < sums->span.n; i++) {
		if (spoofed[i] > spoofed[top]) {
			next = spoofed[top];
			top = i;
		} else {
			next = MAX(next, spoofed[i]);
		}
	}
	return spoofed[top] >= 20 && spoofed[top] / 3 > next / 2 ? (int)top : -1;
}

static void
fill_bar(struct chart_bar *bar, const struct day_sums *sums, const struct filter *filter, guint i)
{
	for (gsize l = 0; l < N_LAYERS; l++)
		bar->values[l] = sums->messages[layers[l].class][i];
	bar->label = span_label(&sums->span, i);
	bar->title = bar_title(sums, i);
	bar->href = g_strdup_printf("#d%" G_GINT64_FORMAT, sums->span.starts[i]);
	bar->is_late = filter_is_late(filter, span_end(&sums->span, i));
}

static void
clear_bar(struct chart_bar *bar)
{
	g_free((char *)(guintptr)bar->label);
	g_free((char *)(guintptr)bar->title);
	g_free((char *)(guintptr)bar->href);
}

static void
fill_chart(const struct day_sums *sums, const struct filter *filter, struct page *page)
{
	struct chart_series series[N_LAYERS];
	struct chart_bar bars[SPAN_BARS_MAX] = { 0 };
	g_autofree char *desc = description(sums);
	g_autofree char *note = NULL;
	int peak = spoofing_peak(sums);

	if (peak >= 0)
		note = say_text("chart.spoofed",
				word_count("n", sums->messages[CLASS_UNAUTHORIZED][peak]));
	for (gsize l = 0; l < N_LAYERS; l++)
		series[l] = layers[l].series;
	for (guint i = 0; i < sums->span.n; i++)
		fill_bar(&bars[i], sums, filter, i);
	const struct chart chart = {
		.id = "days",
		.title = words_get(span_unit_key(&sums->span)),
		.desc = desc,
		.height = CHART_HEIGHT,
		.series = series,
		.n_series = N_LAYERS,
		.bars = bars,
		.n_bars = sums->span.n,
		.note_bar = peak >= 0 ? (guint)peak : 0,
		.note = note,
		.late = words_get("chart.late"),
	};
	tree_take(page->root, "_chart", chart_stacked(&chart));
	tree_text(page->root, "_chart_title", chart.title);
	for (guint i = 0; i < sums->span.n; i++)
		clear_bar(&bars[i]);
}

void
days_fill(const struct day_sums *sums, const struct filter *filter, const GArray *days,
	  struct page *page)
{
	json_object_set_new(page->root, "days", days_list(days));
	if (page->face != PAGE_HTML)
		return;
	fill_chart(sums, filter, page);
	fill_bars(sums, page);
}

char *
days_spark(const struct day_sums *sums, enum class class)
{
	guint n = MIN(sums->span.n, CHART_SPARK_BARS);
	guint skip = sums->span.n - n;

	return chart_spark(sums->messages[class] + skip, n, class_name(class));
}

char *
days_spark_wide(const struct day_sums *sums, enum class a, enum class b, const char *label)
{
	gint64 values[SPAN_BARS_MAX];

	for (guint i = 0; i < sums->span.n; i++)
		values[i] = a == b ? sums->messages[a][i]
				   : count_add(sums->messages[a][i], sums->messages[b][i]);
	return chart_spark_wide(values, sums->span.n, class_name(a), label);
}
