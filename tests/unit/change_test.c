/* SPDX-License-Identifier: MIT */
/* Changes as things: their keys, their order, and which of a list are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/change_list.h"

#define DAY 20779 /* 2026-11-22 */

static struct change
make(enum change_kind kind, gint64 day, const char *object)
{
	return (struct change){ .kind = kind,
				.day = day,
				.domain = "example.com",
				.object = object,
				.part = "",
				.was = "",
				.is = "" };
}

static void
check_keys(const struct change *a, const struct change *b, gboolean want_equal)
{
	char first[CHANGE_KEY_LEN];
	char second[CHANGE_KEY_LEN];

	change_key(a, first);
	change_key(b, second);
	assert_int_equal(strlen(first), CHANGE_KEY_LEN - 1);
	assert_int_equal(g_str_equal(first, second), want_equal);
}

static void
a_key_is_kind_domain_object_part_and_day(void **state)
{
	const struct change change = make(CHANGE_SENDER_SILENT, DAY, "mx1");
	struct change other = change;

	(void)state;
	other.numbers[0].n = 7;
	other.is = "more";
	check_keys(&change, &other, TRUE);
	other = change;
	other.day++;
	check_keys(&change, &other, FALSE);
	other = change;
	other.kind = CHANGE_PASS_RATE_FELL;
	check_keys(&change, &other, FALSE);
	other = change;
	other.domain = "example.org";
	check_keys(&change, &other, FALSE);
	other = change;
	other.object = "mx";
	other.part = "1";
	check_keys(&change, &other, FALSE);
}

static void
what_happens_once_has_no_day_in_its_key(void **state)
{
	const struct change change = make(CHANGE_SUBDOMAIN_NEW, DAY, "news.example.com");
	struct change other = change;

	(void)state;
	other.day--;
	check_keys(&change, &other, TRUE);
}

static void
a_mute_is_for_every_day(void **state)
{
	const struct change change = make(CHANGE_SENDER_SILENT, DAY, "mx1");
	struct change other = change;
	char first[CHANGE_KEY_LEN];
	char second[CHANGE_KEY_LEN];

	(void)state;
	other.day += 30;
	assert_string_equal(change_mute_key(&change, first), change_mute_key(&other, second));
	other.object = "mx2";
	assert_string_not_equal(first, change_mute_key(&other, second));
	assert_string_not_equal(first, change_key(&change, second));
}

static void
every_kind_has_a_row_and_a_name_of_its_own(void **state)
{
	(void)state;
	for (gsize i = 0; i < N_CHANGE_KINDS; i++) {
		enum change_kind kind = N_CHANGE_KINDS;
		assert_non_null(change_kinds[i].name);
		assert_true(change_kind_parse(change_kinds[i].name, &kind));
		assert_int_equal(kind, i);
		assert_in_range(change_kinds[i].rule, 1, N_CHANGE_RULES - 1);
	}
	assert_false(change_kind_parse("no_such", &(enum change_kind){ 0 }));
	assert_string_equal(change_rule_name(CHANGE_RULE_SOURCE), "C1");
	assert_string_equal(change_rule_name(CHANGE_RULE_RECORD), "C12");
}

/* Product: off by default except C2, C3, C7, C9; and that no reports come at all. */
static void
alerts_are_few_unless_asked_for(void **state)
{
	(void)state;
	for (gsize i = 0; i < N_CHANGE_KINDS; i++) {
		enum change_rule rule = change_kinds[i].rule;
		gboolean want = rule == CHANGE_RULE_SILENCE || rule == CHANGE_RULE_PASS_RATE ||
				rule == CHANGE_RULE_POLICY || rule == CHANGE_RULE_FAULT ||
				i == CHANGE_REPORTS_STOPPED;
		assert_int_equal(change_kinds[i].alerts, want);
	}
}

static void
a_copy_has_its_own_texts_and_no_null(void **state)
{
	char object[] = "mx1";
	const struct change change = { .kind = CHANGE_SENDER_SILENT, .object = object };
	g_autofree struct change *copy = change_copy(&change);

	(void)state;
	object[0] = 'x';
	assert_string_equal(copy->object, "mx1");
	assert_string_equal(copy->domain, "");
	assert_string_equal(copy->is, "");
}

static void
the_newest_day_comes_first_then_the_first_rule(void **state)
{
	const struct change old = make(CHANGE_SOURCE_NEW, DAY - 1, "a");
	const struct change first = make(CHANGE_SOURCE_NEW, DAY, "b");
	const struct change second = make(CHANGE_SENDER_SILENT, DAY, "a");

	(void)state;
	assert_true(change_compare(&first, &second) < 0);
	assert_true(change_compare(&second, &old) < 0);
	assert_true(change_compare(&old, &first) > 0);
	assert_int_equal(change_compare(&old, &old), 0);
}

static void
the_sentence_is_another_where_a_text_is_missing(void **state)
{
	struct change change = make(CHANGE_SELECTOR_NEW, DAY, "s2025");

	(void)state;
	assert_string_equal(change_sentence(&change), "selector_new_bare");
	change.is = "mx1";
	assert_string_equal(change_sentence(&change), "selector_new");
}

static void
a_source_becomes_part_of_its_network(void **state)
{
	struct change source = make(CHANGE_SOURCE_NEW, DAY, "192.0.2.1");

	(void)state;
	source.class = CLASS_UNAUTHORIZED;
	assert_false(change_has_network(&source));
	source.is = "AS64500";
	assert_true(change_has_network(&source));
	const struct change network = change_network(&source, 200, 2);
	assert_int_equal(network.kind, CHANGE_NETWORK_NEW);
	assert_string_equal(network.object, "AS64500");
	assert_int_equal(network.class, CLASS_UNAUTHORIZED);
	assert_int_equal(network.numbers[0].n, 200);
	assert_int_equal(network.numbers[1].n, 2);
	assert_false(change_has_network(&network));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_kind_domain_object_part_and_day),
		cmocka_unit_test(what_happens_once_has_no_day_in_its_key),
		cmocka_unit_test(a_mute_is_for_every_day),
		cmocka_unit_test(every_kind_has_a_row_and_a_name_of_its_own),
		cmocka_unit_test(alerts_are_few_unless_asked_for),
		cmocka_unit_test(a_copy_has_its_own_texts_and_no_null),
		cmocka_unit_test(the_newest_day_comes_first_then_the_first_rule),
		cmocka_unit_test(the_sentence_is_another_where_a_text_is_missing),
		cmocka_unit_test(a_source_becomes_part_of_its_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
