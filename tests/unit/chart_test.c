/* SPDX-License-Identifier: MIT */
/* Spans of days as bars, and charts as SVG text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "web/chart.h"
#include "web/span.h"

#define DAY 20779 /* 2026-11-22, a Sunday */

static guint
count(const char *text, const char *part)
{
	guint n = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		n++;
	return n;
}

/* --- Spans --- */

/* Every day of the span is in exactly the bar whose bounds hold it. */
static void
check_bars(gint64 first, gint64 last)
{
	struct span span;
	int before = 0;

	span_init(&span, first, last);
	assert_in_range(span.n, 1, SPAN_BARS_MAX);
	for (gint64 day = span.starts[0]; day <= last; day++) {
		int bar = span_index(&span, day);
		assert_in_range(bar, before, before + 1);
		assert_true(span.starts[bar] <= day && day <= span_end(&span, (guint)bar));
		before = bar;
	}
	assert_int_equal(before, span.n - 1);
	assert_int_equal(span_index(&span, span.starts[0] - 1), -1);
	assert_int_equal(span_index(&span, last + 1), -1);
}

static void
every_day_has_its_bar(void **state)
{
	(void)state;
	for (gint64 days = 1; days < 420; days++)
		check_bars(DAY - days + 1, DAY);
	check_bars(DAY - 5000, DAY);
}

static void
a_span_is_days_then_weeks_then_months(void **state)
{
	struct span span;

	(void)state;
	span_init(&span, DAY - 29, DAY);
	assert_int_equal(span.unit, SPAN_DAYS);
	assert_int_equal(span.n, 30);
	span_init(&span, DAY - 89, DAY);
	assert_int_equal(span.unit, SPAN_WEEKS);
	assert_int_equal(span.n, 13);
	span_init(&span, DAY - 399, DAY);
	assert_int_equal(span.unit, SPAN_MONTHS);
	assert_int_equal(span.n, 14);
	assert_int_equal(span.starts[13], DAY - 21);
}

static void
a_span_that_ends_before_it_begins_is_its_last_day(void **state)
{
	struct span span;

	(void)state;
	span_init(&span, DAY + 5, DAY);
	assert_int_equal(span.n, 1);
	assert_int_equal(span.starts[0], DAY);
}

static void
labels_name_the_bar(void **state)
{
	struct span span;

	(void)state;
	span_init(&span, DAY - 89, DAY);
	g_autofree char *label = span_label(&span, 12);
	g_autofree char *full = span_full_label(&span, 12);
	assert_string_equal(label, "16 Nov");
	assert_string_equal(full, "2026-11-16 to 2026-11-22");
}

/* --- Charts --- */

static void
lines_stand_at_round_numbers(void **state)
{
	(void)state;
	assert_int_equal(chart_step(0), 1);
	assert_int_equal(chart_step(4), 1);
	assert_int_equal(chart_step(5), 2);
	assert_int_equal(chart_step(67), 20);
	assert_int_equal(chart_step(2600), 1000);
	assert_true(chart_step(G_MAXINT64) > 0);
	for (gint64 max = 2; max < 100000; max += 7)
		assert_in_range(max / chart_step(max), 1, 4);
}

static char *
draw(struct chart_bar *bars, guint n)
{
	static const struct chart_series series[] = {
		{ "authorized", "p-authorized" },
		{ "unauthorized", "p-unauthorized" },
	};
	const struct chart chart = {
		.id = "x",
		.title = "A <title>",
		.desc = "\"desc\" & more",
		.height = 100,
		.series = series,
		.n_series = 2,
		.bars = bars,
		.n_bars = n,
		.note = "<note>",
		.late = "late",
	};

	return chart_stacked(&chart);
}

static void
every_text_in_a_chart_is_escaped(void **state)
{
	struct chart_bar bar = { { 5, 3 }, "<lab>", "<tit>", "#\"><script>", TRUE };

	(void)state;
	g_autofree char *svg = draw(&bar, 1);
	assert_null(strstr(svg, "<script>"));
	assert_null(strstr(svg, "<lab>"));
	assert_null(strstr(svg, "<tit>"));
	assert_null(strstr(svg, "<note>"));
	assert_non_null(strstr(svg, "A &lt;title&gt;"));
	assert_non_null(strstr(svg, "&quot;desc&quot; &amp; more"));
	assert_null(strstr(svg, "style="));
}

static void
what_is_there_is_at_least_one_pixel_high(void **state)
{
	struct chart_bar bar = { { 1000000, 1 }, NULL, "t", NULL, FALSE };

	(void)state;
	g_autofree char *svg = draw(&bar, 1);
	assert_int_equal(count(svg, "height=\"1\"/>"), 1);
	/* Nothing is drawn for nothing. */
	bar.values[1] = 0;
	g_autofree char *without = draw(&bar, 1);
	assert_int_equal(count(without, "height=\"1\"/>"), 0);
}

static void
the_highest_bar_stays_inside_the_plot(void **state)
{
	struct chart_bar bars[2] = {
		{ { G_MAXINT64 / 2, G_MAXINT64 / 2 }, NULL, "t", NULL, FALSE },
		{ { 1, 1 }, NULL, "t", NULL, TRUE },
	};

	(void)state;
	g_autofree char *svg = draw(bars, 2);
	assert_null(strstr(svg, "y=\"-"));
	assert_null(strstr(svg, "nan"));
	assert_null(strstr(svg, "inf"));
	assert_int_equal(count(svg, "class=\"hit\""), 2);
}

static void
an_empty_chart_has_an_axis(void **state)
{
	struct chart_bar bar = { { 0, 0 }, NULL, "t", NULL, FALSE };

	(void)state;
	g_autofree char *svg = draw(&bar, 1);
	assert_non_null(strstr(svg, ">0</text>"));
	assert_non_null(strstr(svg, "class=\"base\""));
}

static void
a_spark_draws_a_stroke_for_each_day_with_mail(void **state)
{
	const gint64 values[] = { 0, 4, 0, 8 };

	(void)state;
	g_autofree char *svg = chart_spark(values, 4, "fix");
	assert_non_null(strstr(svg, "class=\"spark fix\""));
	/* Four bars at the right edge: 78, 81, 84, 87; the highest is 17 pixels. */
	assert_non_null(strstr(svg, "d=\"M82 18v-9M88 18v-17\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_has_its_bar),
		cmocka_unit_test(a_span_is_days_then_weeks_then_months),
		cmocka_unit_test(a_span_that_ends_before_it_begins_is_its_last_day),
		cmocka_unit_test(labels_name_the_bar),
		cmocka_unit_test(lines_stand_at_round_numbers),
		cmocka_unit_test(every_text_in_a_chart_is_escaped),
		cmocka_unit_test(what_is_there_is_at_least_one_pixel_high),
		cmocka_unit_test(the_highest_bar_stays_inside_the_plot),
		cmocka_unit_test(an_empty_chart_has_an_axis),
		cmocka_unit_test(a_spark_draws_a_stroke_for_each_day_with_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
