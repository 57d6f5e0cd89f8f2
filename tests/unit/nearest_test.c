/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/nearest.h"

static const char *
guess(const char *typed)
{
	static const char *const names[] = { "ingest", "serve", "max_mail_bytes", "max_parts" };
	struct nearest nearest = { .typed = typed };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		nearest_try(&nearest, names[i]);
	return nearest.name;
}

static void
finds_what_was_meant(void **state)
{
	(void)state;
	assert_string_equal(guess("ingets"), "ingest");
	assert_string_equal(guess("srve"), "serve");
	assert_string_equal(guess("max_mial_byte"), "max_mail_bytes");
	assert_string_equal(guess("max_partss"), "max_parts");
}

static void
guesses_nothing_far_away(void **state)
{
	g_autofree char *endless = g_strnfill(10000, 'a');

	(void)state;
	assert_null(guess("xyzzy"));
	assert_null(guess(""));
	assert_null(guess(endless));
}

static void
puts_it_into_words(void **state)
{
	const struct nearest near = { .name = "serve" }, far = { 0 };
	g_autofree char *hint = nearest_hint(&near);
	g_autofree char *none = nearest_hint(&far);

	(void)state;
	assert_string_equal(hint, "; did you mean serve?");
	assert_string_equal(none, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_meant),
		cmocka_unit_test(guesses_nothing_far_away),
		cmocka_unit_test(puts_it_into_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
