/* SPDX-License-Identifier: MIT */
/* Counters add up for every intake at every moment, and their labels are bounded and escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "core/metrics.h"
#include "core/queue.h"

static char *
write_all(void)
{
	GString *out = g_string_new(NULL);

	metrics_write(out);
	return g_string_free(out, FALSE);
}

static void
expect(const char *line)
{
	g_autofree char *text = write_all();
	g_autofree char *whole = g_strconcat("\n", line, "\n", NULL);

	if (!strstr(text, whole))
		fail_msg("%s is not in:\n%s", line, text);
}

static void
a_mail_is_in_flight_until_it_has_its_outcome(void **state)
{
	gint64 taken_at = metrics_mail_taken("drop");

	(void)state;
	assert_true(taken_at > 0);
	metrics_mail_taken("drop");
	expect("dmarcd_mails_in_flight{intake=\"drop\"} 2");
	metrics_mail_done("drop", OUTCOME_REVISION, taken_at - 2500 * G_TIME_SPAN_MILLISECOND);
	expect("dmarcd_mails_submitted_total{intake=\"drop\"} 2");
	expect("dmarcd_mails_in_flight{intake=\"drop\"} 1");
	expect("dmarcd_mails_answered_total{intake=\"drop\"} 1");
	expect("dmarcd_mails_total{intake=\"drop\",outcome=\"revision\"} 1");
	expect("dmarcd_mails_total{intake=\"drop\",outcome=\"retry\"} 0");
	g_autofree char *text = write_all();
	const char *lag = strstr(text, "dmarcd_mails_lag_milliseconds_total{intake=\"drop\"} 25");
	assert_non_null(lag);
}

static void
only_what_can_be_lost_is_connected(void **state)
{
	(void)state;
	metrics_mail_taken("upload");
	metrics_intake_contact("box");
	expect("dmarcd_intake_connected{intake=\"box\"} 1");
	metrics_intake_lost("box", "nobody answers");
	expect("dmarcd_intake_connected{intake=\"box\"} 0");
	g_autofree char *text = write_all();
	assert_null(strstr(text, "dmarcd_intake_connected{intake=\"upload\"}"));
	g_autoptr(GPtrArray) links = metrics_links();
	assert_int_equal(links->len, 1);
	const struct metrics_link *link = g_ptr_array_index(links, 0);
	assert_string_equal(link->name, "box");
	assert_string_equal(link->why, "nobody answers");
	assert_false(link->is_connected);
	assert_true(link->contact_at > 0);
	metrics_intake_end("box");
	g_autoptr(GPtrArray) none = metrics_links();
	assert_int_equal(none->len, 0);
}

static void
a_queue_tells_its_length(void **state)
{
	struct queue *queue = queue_new(3, 1000, NULL);

	(void)state;
	queue_count(queue, METRIC_QUEUE_WRITER);
	queue_push(queue, queue, 10);
	queue_push(queue, queue, 20);
	expect("dmarcd_queue_items{queue=\"writer\"} 2");
	expect("dmarcd_queue_bytes{queue=\"writer\"} 30");
	expect("dmarcd_queue_limit_items{queue=\"writer\"} 3");
	expect("dmarcd_queue_limit_bytes{queue=\"writer\"} 1000");
	queue_pop(queue, 0);
	expect("dmarcd_queue_bytes{queue=\"writer\"} 20");
	queue_pop(queue, 0);
	expect("dmarcd_queue_items{queue=\"writer\"} 0");
	expect("dmarcd_queue_items{queue=\"pipeline\"} 0");
	queue_free(queue);
}

static void
labels_are_escaped(void **state)
{
	g_autofree char *label = metrics_label("intake", "a\"b\\c\nd");

	(void)state;
	assert_string_equal(label, "intake=\"a\\\"b\\\\c\\nd\"");
}

/* Last: it uses up all places. */
static void
intakes_are_bounded(void **state)
{
	(void)state;
	for (guint i = 0; i < 3 * METRICS_INTAKES_MAX; i++) {
		g_autofree char *name = g_strdup_printf("intake-%u", i);
		metrics_mail_done(name, OUTCOME_STORED, metrics_mail_taken(name));
	}
	g_autofree char *text = write_all();
	g_auto(GStrv) parts = g_strsplit(text, "\ndmarcd_mails_submitted_total{", -1);
	assert_int_equal(g_strv_length(parts) - 1, METRICS_INTAKES_MAX + 1);
	assert_null(strstr(text, "intake-191"));
	assert_non_null(strstr(text, "dmarcd_mails_in_flight{intake=\"other\"} 0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_in_flight_until_it_has_its_outcome),
		cmocka_unit_test(only_what_can_be_lost_is_connected),
		cmocka_unit_test(a_queue_tells_its_length),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(intakes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
