/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "ingest/back_off.h"

static guint
next(struct back_off *back_off, gint code)
{
	g_autoptr(GError) error = g_error_new_literal(DMARCD_ERROR, code, "no");
	gint64 ms;
	guint seconds = back_off_next(back_off, error, &ms);

	assert_in_range(ms, seconds * 750, seconds * 1250);
	return seconds;
}

static void
doubles_up_to_five_minutes(void **state)
{
	static const guint wanted[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };
	struct back_off back_off = { 0 };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		assert_int_equal(next(&back_off, DMARCD_ERROR_AGAIN), wanted[i]);
	back_off_reset(&back_off);
	assert_int_equal(next(&back_off, DMARCD_ERROR_AGAIN), 1);
}

static void
does_not_press_who_refuses(void **state)
{
	struct back_off back_off = { 0 };

	(void)state;
	assert_int_equal(next(&back_off, DMARCD_ERROR_DENIED), 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_five_minutes),
		cmocka_unit_test(does_not_press_who_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
