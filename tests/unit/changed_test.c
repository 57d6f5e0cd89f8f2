/* SPDX-License-Identifier: MIT */
/* Every kind of change has its sentence, and the sentence has all of its numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/changed.h"
#include "web/words.h"

static const char *const text_places[] = { "domain", "object", "part", "was", "is", "class" };

static gboolean
is_number_of(const struct change_kind_row *row, const char *name)
{
	for (gsize i = 0; row->numbers[i].name; i++)
		if (g_str_equal(row->numbers[i].name, name))
			return TRUE;
	return FALSE;
}

static gboolean
is_text_place(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(text_places); i++)
		if (g_str_equal(text_places[i], name))
			return TRUE;
	return FALSE;
}

static gboolean
has_place(const char *text, const char *name)
{
	g_autofree char *place = g_strdup_printf("{%s}", name);

	return strstr(text, place) != NULL;
}

static void
check_places(const struct change_kind_row *row, const char *key, const char *text)
{
	g_autoptr(GRegex) place = g_regex_new("\\{([a-z_]+)\\}", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	for (g_regex_match(place, text, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		g_autofree char *name = g_match_info_fetch(match, 1);
		if (!is_text_place(name) && !is_number_of(row, name))
			fail_msg("%s has no value for {%s}", key, name);
	}
	for (gsize i = 0; row->numbers[i].name; i++)
		if (!has_place(text, row->numbers[i].name))
			fail_msg("%s does not say {%s}", key, row->numbers[i].name);
}

static void
check_sentence(const struct change_kind_row *row, const char *name)
{
	static const char *const counts[] = { ".one", ".other" };
	gboolean is_counted = row->numbers[0].name && row->numbers[0].unit == CHANGE_UNIT_COUNT;

	for (gsize i = 0; i < (is_counted ? G_N_ELEMENTS(counts) : 1); i++) {
		g_autofree char *key =
			g_strconcat("changed.", name, is_counted ? counts[i] : "", NULL);
		const char *text = words_find(key);
		if (!text)
			fail_msg("%s is not in the table", key);
		else
			check_places(row, key, text);
		if (text && row->bare_name && has_place(text, "is") != g_str_equal(name, row->name))
			fail_msg("%s is not the one with {is}", key);
	}
}

static void
every_kind_has_its_sentence_with_all_its_numbers(void **state)
{
	(void)state;
	for (gsize i = 0; i < N_CHANGE_KINDS; i++) {
		check_sentence(&change_kinds[i], change_kinds[i].name);
		if (change_kinds[i].bare_name)
			check_sentence(&change_kinds[i], change_kinds[i].bare_name);
	}
}

static void
no_place_of_a_sentence_stays_empty(void **state)
{
	(void)state;
	for (gsize i = 0; i < N_CHANGE_KINDS; i++) {
		const struct change change = { .kind = (enum change_kind)i,
					       .domain = "example.com",
					       .object = "object",
					       .part = "part",
					       .was = "was",
					       .is = "is",
					       .class = CLASS_FIX };
		g_autofree char *text = changed_say(&change, FALSE);
		if (strpbrk(text, "{}") || g_str_has_prefix(text, "changed."))
			fail_msg("%s", text);
	}
}

static void
every_rule_has_a_name(void **state)
{
	(void)state;
	for (gint rule = CHANGE_RULE_SOURCE; rule < N_CHANGE_RULES; rule++)
		assert_string_not_equal(changed_rule((enum change_rule)rule), "");
}

static void
numbers_read_as_people_write_them(void **state)
{
	const struct change fell = { .kind = CHANGE_PASS_RATE_FELL,
				     .domain = "example.com",
				     .object = "Ticket desk",
				     .part = "",
				     .was = "",
				     .is = "",
				     .numbers = {
					     { 231, 0 }, { 6468, 6468 }, { 0, 231 }, { 1, 0 } } };
	const struct change silent = { .kind = CHANGE_REPORTER_SILENT,
				       .domain = "",
				       .object = "<outlook.com>",
				       .part = "",
				       .was = "",
				       .is = "",
				       .numbers = {
					       { 4, 0 }, { 20776, 0 }, { 53, 0 }, { 53, 0 } } };
	const struct change source = { .kind = CHANGE_SOURCE_NEW,
				       .domain = "example.com",
				       .object = "203.0.113.45",
				       .part = "",
				       .was = "",
				       .is = "",
				       .class = CLASS_UNAUTHORIZED,
				       .numbers = { { 1, 0 } } };
	g_autofree char *fell_text = changed_say(&fell, FALSE);
	g_autofree char *silent_text = changed_say(&silent, TRUE);
	g_autofree char *source_text = changed_say(&source, FALSE);

	(void)state;
	assert_string_equal(fell_text, "Ticket desk: pass rate 100 % → 0 % on example.com, "
				       "231 messages failed (days: 1)");
	assert_string_equal(silent_text, "&lt;outlook.com&gt; silent for 4 days. It reported on 53 "
					 "of 53 days, last on 2026-11-19");
	assert_string_equal(source_text,
			    "Spoofing: new source 203.0.113.45, 1 message on example.com");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_its_sentence_with_all_its_numbers),
		cmocka_unit_test(no_place_of_a_sentence_stays_empty),
		cmocka_unit_test(every_rule_has_a_name),
		cmocka_unit_test(numbers_read_as_people_write_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
