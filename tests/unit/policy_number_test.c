/* SPDX-License-Identifier: MIT */
/* Policies as numbers: each has its own, and defaults are told apart from nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/policy_number.h"

static void
every_number_is_a_policy_with_that_number(void **state)
{
	(void)state;
	for (gint number = 0; number < N_POLICY_NUMBERS; number++) {
		const struct history_policy policy = policy_of_number(number);
		assert_int_equal(policy_number(&policy), number);
	}
}

static void
a_tag_that_is_absent_is_its_default(void **state)
{
	const struct history_policy bare = { "reject", "", "", "" };
	const struct history_policy full = { "Reject", "reject", "r", "r" };
	const struct history_policy strict = { "reject", "none", "s", "S" };

	(void)state;
	assert_int_equal(policy_number(&bare), 32);
	assert_int_equal(policy_number(&full), 32);
	/* Stored: the numbers must not change. */
	assert_int_equal(policy_number(&strict), 27);
}

static void
a_policy_of_no_known_word_has_no_number(void **state)
{
	const struct history_policy none = { "", "reject", "", "" };
	const struct history_policy odd = { "monitor", "", "", "" };

	(void)state;
	assert_int_equal(policy_number(&none), NO_POLICY_NUMBER);
	assert_int_equal(policy_number(&odd), NO_POLICY_NUMBER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_a_policy_with_that_number),
		cmocka_unit_test(a_tag_that_is_absent_is_its_default),
		cmocka_unit_test(a_policy_of_no_known_word_has_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
