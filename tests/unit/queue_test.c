/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/queue.h"

#define MANY 10000

static void
gives_back_in_order(void **state)
{
	struct queue *queue = queue_new(3, 1000, NULL);

	(void)state;
	assert_true(queue_push(queue, GINT_TO_POINTER(1), 10));
	assert_true(queue_push(queue, GINT_TO_POINTER(2), 10));
	assert_int_equal(queue_len(queue), 2);
	assert_int_equal(GPOINTER_TO_INT(queue_pop(queue, 0)), 1);
	assert_int_equal(GPOINTER_TO_INT(queue_pop(queue, 0)), 2);
	assert_null(queue_pop(queue, 0));
	queue_free(queue);
}

static void
refuses_pushes_once_closed_but_empties(void **state)
{
	struct queue *queue = queue_new(3, 1000, NULL);

	(void)state;
	assert_true(queue_push(queue, GINT_TO_POINTER(1), 1));
	queue_close(queue);
	assert_false(queue_push(queue, GINT_TO_POINTER(2), 1));
	assert_false(queue_is_done(queue));
	assert_int_equal(GPOINTER_TO_INT(queue_pop(queue, -1)), 1);
	assert_true(queue_is_done(queue));
	assert_null(queue_pop(queue, -1));
	queue_free(queue);
}

static void
lets_one_item_over_the_byte_bound_in_alone(void **state)
{
	struct queue *queue = queue_new(3, 10, NULL);

	(void)state;
	assert_true(queue_push(queue, GINT_TO_POINTER(1), 100));
	assert_int_equal(queue_len(queue), 1);
	queue_free(queue);
}

static gpointer
push_many(gpointer data)
{
	for (gint i = 1; i <= MANY; i++)
		queue_push(data, GINT_TO_POINTER(i), 1);
	return NULL;
}

static void
makes_a_fast_pusher_wait(void **state)
{
	struct queue *queue = queue_new(8, 4, NULL);
	GThread *thread = g_thread_new("pusher", push_many, queue);

	(void)state;
	for (gint i = 1; i <= MANY; i++) {
		assert_true(queue_len(queue) <= 4);
		assert_int_equal(GPOINTER_TO_INT(queue_pop(queue, -1)), i);
	}
	g_thread_join(thread);
	queue_free(queue);
}

static void
frees_what_is_left_inside(void **state)
{
	struct queue *queue = queue_new(3, 1000, g_free);

	(void)state;
	assert_true(queue_push(queue, g_strdup("left"), 4));
	queue_free(queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_in_order),
		cmocka_unit_test(refuses_pushes_once_closed_but_empties),
		cmocka_unit_test(lets_one_item_over_the_byte_bound_in_alone),
		cmocka_unit_test(makes_a_fast_pusher_wait),
		cmocka_unit_test(frees_what_is_left_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
