/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "web/ratelimit.h"

static void
so_many_tries_and_not_one_more(void **state)
{
	g_autoptr(ratelimit_auto) limit = ratelimit_new(3, 900);
	gint64 wait_s = 0;

	(void)state;
	for (guint i = 0; i < 3; i++)
		assert_true(ratelimit_take(limit, "a", 1000 + i, &wait_s));
	assert_int_equal(wait_s, 0);
	assert_false(ratelimit_take(limit, "a", 1010, &wait_s));
	assert_int_equal(wait_s, 890);
	assert_true(ratelimit_take(limit, "b", 1010, &wait_s));
	assert_false(ratelimit_take(limit, "a", 1899, &wait_s));
	assert_int_equal(wait_s, 1);
	assert_true(ratelimit_take(limit, "a", 1900, &wait_s));
}

static void
a_good_try_does_not_count(void **state)
{
	g_autoptr(ratelimit_auto) limit = ratelimit_new(2, 900);
	gint64 wait_s;

	(void)state;
	for (guint i = 0; i < 10; i++) {
		assert_true(ratelimit_take(limit, "a", 1000, &wait_s));
		ratelimit_give_back(limit, "a");
	}
	ratelimit_give_back(limit, "a");
	ratelimit_give_back(limit, "unknown");
	assert_true(ratelimit_take(limit, "a", 1000, &wait_s));
	assert_true(ratelimit_take(limit, "a", 1000, &wait_s));
	assert_false(ratelimit_take(limit, "a", 1000, &wait_s));
}

static void
a_clock_that_is_set_back_locks_nobody_out(void **state)
{
	g_autoptr(ratelimit_auto) limit = ratelimit_new(1, 900);
	gint64 wait_s;

	(void)state;
	assert_true(ratelimit_take(limit, "a", 1000000, &wait_s));
	assert_true(ratelimit_take(limit, "a", 1000, &wait_s));
}

static void
a_flood_of_names_neither_grows_nor_frees_anybody(void **state)
{
	g_autoptr(ratelimit_auto) limit = ratelimit_new(1, 900);
	gint64 wait_s;

	(void)state;
	assert_true(ratelimit_take(limit, "a", 1000, &wait_s));
	for (guint i = 1; i < RATELIMIT_MAX_KEYS; i++) {
		g_autofree char *name = g_strdup_printf("%u", i);
		assert_true(ratelimit_take(limit, name, 1000, &wait_s));
	}
	assert_false(ratelimit_take(limit, "one more", 1000, &wait_s));
	assert_int_equal(wait_s, 900);
	assert_false(ratelimit_take(limit, "a", 1001, &wait_s));
	assert_true(ratelimit_take(limit, "one more", 1900, &wait_s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_tries_and_not_one_more),
		cmocka_unit_test(a_good_try_does_not_count),
		cmocka_unit_test(a_clock_that_is_set_back_locks_nobody_out),
		cmocka_unit_test(a_flood_of_names_neither_grows_nor_frees_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
