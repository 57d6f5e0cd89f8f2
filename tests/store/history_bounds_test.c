/* SPDX-License-Identifier: MIT */
/* What a history leaves out: days that are too far back, and reporters that are too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/query_history.h"
#include "tests/support/store_place.h"

#define DOMAIN "shop.example"

static struct query_histories *
ask(struct store_place *place)
{
	const struct history_question question = { .days = 30, .source_days = 10 };
	g_autoptr(GError) error = NULL;
	struct query_histories *histories =
		query_histories_new(store_place_view(place), &question, &error);

	if (!histories)
		fail_msg("%s", error->message);
	return histories;
}

static void
send_of_day(struct store_place *place, const char *id, gint64 day)
{
	struct document *document =
		make_document(&(struct make_report){ .domain = DOMAIN,
						     .report_id = id,
						     .begin_at = day * DAY_S + 1,
						     .end_at = day * DAY_S + 2 },
			      &(struct make_record){ .ip = "192.0.2.1", .count = 1 });

	assert_int_equal(store_place_submit(place, document), OUTCOME_STORED);
}

static gint64
first_day_of(struct store_place *place, const char *domain)
{
	g_autoptr(query_histories_auto) histories = ask(place);
	const struct history *history = query_history(histories, domain, NULL);

	assert_non_null(history);
	return history->first_day;
}

static void
a_report_of_1970_is_not_the_first_day_of_a_domain(void **state)
{
	struct store_place *place = *state;

	send_of_day(place, "none", 0);
	send_of_day(place, "1971", 400);
	store_place_flush(place);
	assert_int_equal(first_day_of(place, DOMAIN), 0);
	send_of_day(place, "real", PLACE_TODAY - 3);
	store_place_flush(place);
	assert_int_equal(first_day_of(place, DOMAIN), PLACE_TODAY - 3);
	assert_int_equal(first_day_of(place, ""), PLACE_TODAY - 3);
}

static void
a_short_history_goes_back_no_further(void **state)
{
	struct store_place *place = *state;
	const struct history_question question = { .days = 2, .back_days = 5 };

	for (gint64 age = 6; age <= 9; age++) {
		g_autofree char *id = g_strdup_printf("of-%d", (int)age);
		send_of_day(place, id, PLACE_TODAY - age);
	}
	store_place_flush(place);
	g_autoptr(query_histories_auto) histories =
		query_histories_new(store_place_view(place), &question, NULL);
	assert_non_null(histories);
	const struct history *history = query_history_reports(histories, DOMAIN, NULL);
	assert_non_null(history);
	assert_int_equal(history->n_reports, 2);
	assert_int_equal(history->first_day, PLACE_TODAY - 7);
	assert_int_equal(history->back_days, 5);
}

static void
made_up_reporters_push_nobody_out_who_reports_every_day(void **state)
{
	struct store_place *place = *state;
	static const char flood[] =
		"WITH RECURSIVE n (id) AS (VALUES (1000) UNION ALL SELECT id + 1 FROM n LIMIT "
		"2500) "
		"INSERT INTO reporter_day SELECT 0, 20499, id, 1, 1000000, 0 FROM n";

	G_STATIC_ASSERT(PLACE_TODAY == 20500 && HISTORY_REPORTERS_MAX < 2500);
	send_of_day(place, "one", PLACE_TODAY - 1);
	send_of_day(place, "two", PLACE_TODAY - 2);
	store_place_flush(place);
	store_place_run(place, flood);
	g_autoptr(query_histories_auto) histories = ask(place);
	const struct history *history = query_history(histories, "", NULL);
	assert_non_null(history);
	assert_int_equal(history->n_reports, HISTORY_REPORTERS_MAX + 1);
	history = query_history(histories, DOMAIN, NULL);
	assert_int_equal(history->n_reports, 2);
	assert_int_equal(history->n_other_reports, 2);
}

static void
a_home_that_cannot_be_read_is_an_error(void **state)
{
	struct store_place *place = *state;
	struct document *document =
		make_document(&(struct make_report){ .domain = DOMAIN, .day = PLACE_TODAY - 1 },
			      &(struct make_record){ .ip = "192.0.2.1",
						     .count = 1,
						     .dkim = ALIGNED_PASS,
						     .auth = "dkim pass " DOMAIN " s1" });
	g_autoptr(GError) error = NULL;

	assert_int_equal(store_place_submit(place, document), OUTCOME_STORED);
	store_place_flush(place);
	store_place_run(place, "ALTER TABLE signature_home RENAME TO hidden");
	g_autoptr(query_histories_auto) histories = ask(place);
	assert_null(query_history(histories, DOMAIN, &error));
	assert_non_null(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_of_1970_is_not_the_first_day_of_a_domain),
		TEST(a_short_history_goes_back_no_further),
		TEST(made_up_reporters_push_nobody_out_who_reports_every_day),
		TEST(a_home_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
