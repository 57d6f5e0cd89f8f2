/* SPDX-License-Identifier: MIT */
/* The least and the most that rules about changes are given, and their thresholds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/changes.h"
#include "tests/support/history_make.h"

static void
an_empty_history_says_nothing(void **state)
{
	const struct history history = { .domain = "example.com", .today = TODAY };
	const struct change_limits limits = change_limits_default();
	g_autoptr(changes_auto) changes = changes_find(&history, &limits);

	(void)state;
	assert_int_equal(changes->list->len, 0);
	assert_int_equal(changes->complete_through, TODAY - 4);
}

static void
a_flood_of_one_kind_leaves_room_for_the_others(void **state)
{
	enum { N_FLOOD = CHANGES_KIND_MAX + 3 };
	const struct history_row rows[] = { { MADE_SENDER, "mx1", -60, -8, .n = 10, .m = 10 },
					    { .row = MADE_END } };
	const struct change_limits limits = change_limits_default();
	g_autoptr(made_history_auto) made = history_make(rows);
	gsize n_silent = 0;

	(void)state;
	for (guint32 i = 0; i < N_FLOOD; i++) {
		struct history_source source = { .class = CLASS_UNAUTHORIZED,
						 .first_day = TODAY - 2,
						 .day = TODAY - 2,
						 .messages = 5 };
		memcpy(source.ip.bytes, &i, sizeof(i));
		g_array_append_val(made->sources, source);
	}
	history_make_again(made);
	g_autoptr(changes_auto) changes = changes_find(&made->history, &limits);
	for (guint i = 0; i < changes->list->len; i++) {
		const struct change *change = changes->list->pdata[i];
		n_silent += change->kind == CHANGE_SENDER_SILENT;
	}
	assert_int_equal(changes->list->len, CHANGES_KIND_MAX + 1);
	assert_int_equal(changes->left_out, 3);
	assert_int_equal(n_silent, 1);
}

static void
limits_are_set_by_name_within_their_bounds(void **state)
{
	struct change_limits limits = change_limits_default();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_int_equal(limits.source_messages, 5);
	assert_int_equal(limits.late_days, 3);
	assert_true(weight_rows_set(change_limit_rows, n_change_limit_rows, &limits,
				    "source_messages", 7, NULL));
	assert_int_equal(limits.source_messages, 7);
	assert_false(weight_rows_set(change_limit_rows, n_change_limit_rows, &limits,
				     "source_messages", -1, &error));
	assert_string_equal(error->message, "source_messages must be from 0 to 2147483647");
	g_clear_error(&error);
	assert_false(weight_rows_set(change_limit_rows, n_change_limit_rows, &limits, "sources", 1,
				     &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_history_says_nothing),
		cmocka_unit_test(a_flood_of_one_kind_leaves_room_for_the_others),
		cmocka_unit_test(limits_are_set_by_name_within_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
