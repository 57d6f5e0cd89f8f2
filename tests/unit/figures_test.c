/* SPDX-License-Identifier: MIT */
/* Figures as people read them, and the sentences they stand in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/figures.h"
#include "web/say.h"
#include "web/words.h"

#define assert_text(call, expected)                   \
	do {                                          \
		g_autofree char *text_ = (call);      \
		assert_string_equal(text_, expected); \
	} while (0)

#define DAY 20779 /* 2026-11-22 */

static void
counts_have_separators(void **state)
{
	(void)state;
	assert_text(figures_count(0), "0");
	assert_text(figures_count(999), "999");
	assert_text(figures_count(1000), "1,000");
	assert_text(figures_count(43466), "43,466");
	assert_text(figures_count(-1234567), "-1,234,567");
	assert_text(figures_count(G_MAXINT64), "9,223,372,036,854,775,807");
}

static void
a_share_is_never_rounded_to_all_or_nothing(void **state)
{
	(void)state;
	assert_text(figures_share(0, 0), "no mail");
	assert_text(figures_share(0, 5), "0 %");
	assert_text(figures_share(5, 5), "100 %");
	assert_text(figures_share(43466, 43760), "99.3 %");
	assert_text(figures_share(9999999, 10000000), ">99.9 %");
	assert_text(figures_share(99999, 100000), ">99.9 %");
	assert_text(figures_share(1, 1000000), "<0.1 %");
	assert_text(figures_share(1, 1000), "0.1 %");
	assert_text(figures_share(999, 1000), "99.9 %");
	assert_text(figures_share(1, 3), "33.3 %");
	assert_text(figures_share(G_MAXINT64 - 1, G_MAXINT64), ">99.9 %");
}

static void
days_are_iso_and_short_days_know_their_year(void **state)
{
	(void)state;
	assert_text(figures_day(DAY), "2026-11-22");
	assert_text(figures_day(0), "1970-01-01");
	assert_text(figures_day(-1), "1969-12-31");
	assert_text(figures_short_day(DAY, DAY), "22 Nov");
	assert_text(figures_short_day(DAY - 21, DAY), "1 Nov");
	assert_text(figures_short_day(DAY - 400, DAY), "Oct 2025");
	assert_text(figures_month(DAY), "Nov 2026");
}

static void
a_day_beyond_the_calendar_is_no_crash(void **state)
{
	(void)state;
	assert_text(figures_day(G_MAXINT64), "1970-01-01");
	assert_text(figures_day(G_MININT64), "1970-01-01");
	assert_text(figures_instant(G_MAXINT64), "1970-01-01T00:00:00Z");
}

static void
instants_are_utc(void **state)
{
	(void)state;
	assert_text(figures_instant(1795324200), "2026-11-22T05:10:00Z");
	assert_text(figures_minute(1795324200), "2026-11-22 05:10");
}

static void
sizes_have_units(void **state)
{
	(void)state;
	assert_text(figures_size(0), "0 B");
	assert_text(figures_size(999), "999 B");
	assert_text(figures_size(1500), "1.5 kB");
	assert_text(figures_size(84300000), "84 MB");
	assert_text(figures_size(2100000000), "2.1 GB");
}

static void
a_sentence_counts(void **state)
{
	(void)state;
	assert_text(say_text("count.sources", word_count("n", 1)), "1 source");
	assert_text(say_text("count.sources", word_count("n", 0)), "0 sources");
	assert_text(say_text("count.sources", word_count("n", 1234)), "1,234 sources");
}

static void
values_are_escaped_for_html_and_only_there(void **state)
{
	const char *hostile = "<script>\"a\"&'b'{n}";

	(void)state;
	assert_text(say_text("terms.domain", word_text("domain", hostile)),
		    "<b><script>\"a\"&'b'{n}</b>");
	assert_text(say_html("terms.domain", word_text("domain", hostile)),
		    "<b>&lt;script&gt;&quot;a&quot;&amp;&apos;b&apos;{n}</b>");
}

static void
a_place_without_a_value_stays(void **state)
{
	(void)state;
	assert_text(say_text("terms.domain", word_text("other", "x")), "<b>{domain}</b>");
}

static void
a_table_is_lines_of_key_and_text(void **state)
{
	(void)state;
	g_autoptr(GHashTable) texts =
		words_read("# a comment = no\n\nb.c = one = two\n d  =  e  \n");

	assert_int_equal(g_hash_table_size(texts), 2);
	assert_string_equal(g_hash_table_lookup(texts, "b.c"), "one = two");
	assert_string_equal(g_hash_table_lookup(texts, "d"), "e");
}

static void
the_tree_of_words_is_nested(void **state)
{
	(void)state;
	json_t *tree = words_tree();
	json_t *class = json_object_get(tree, "class");

	assert_string_equal(json_string_value(json_object_get(class, "fix")), "Yours, fix needed");
	json_decref(tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_separators),
		cmocka_unit_test(a_share_is_never_rounded_to_all_or_nothing),
		cmocka_unit_test(days_are_iso_and_short_days_know_their_year),
		cmocka_unit_test(a_day_beyond_the_calendar_is_no_crash),
		cmocka_unit_test(instants_are_utc),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(a_sentence_counts),
		cmocka_unit_test(values_are_escaped_for_html_and_only_there),
		cmocka_unit_test(a_place_without_a_value_stays),
		cmocka_unit_test(a_table_is_lines_of_key_and_text),
		cmocka_unit_test(the_tree_of_words_is_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
