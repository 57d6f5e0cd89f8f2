/* SPDX-License-Identifier: MIT */
/* Rollups: whatever arrives, in whatever order, they are the sums of the records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/store_make.h"
#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define REPORTS 300

static void
send_all(struct store_place *place, const guint32 *numbers, guint n)
{
	struct outcomes outcomes = { { 0 } };

	for (guint i = 0; i < n; i++)
		store_place_send(place, random_document(numbers[i], place->today), &outcomes);
	store_place_flush(place);
	assert_int_equal(outcomes.of[OUTCOME_STORED] + outcomes.of[OUTCOME_DUPLICATE], n);
}

static void
number_them(guint32 *numbers, guint n)
{
	for (guint i = 0; i < n; i++)
		numbers[i] = i + 1;
}

static void
shuffle(guint32 *numbers, guint n, guint32 seed)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);

	for (guint i = n - 1; i > 0; i--) {
		guint other = (guint)g_rand_int_range(rand, 0, (gint32)i + 1);
		guint32 number = numbers[i];
		numbers[i] = numbers[other];
		numbers[other] = number;
	}
}

static void
rollups_are_the_sums_of_the_records(void **state)
{
	struct store_place *place = *state;
	guint32 numbers[REPORTS];
	struct random_sums sums = { 0 };

	number_them(numbers, REPORTS);
	send_all(place, numbers, REPORTS);
	store_place_check(place);
	for (guint i = 0; i < REPORTS; i++) {
		g_autoptr(document_auto) document = random_document(numbers[i], place->today);
		random_sum(&sums, document);
	}
	assert_int_equal(store_place_number(place, "SELECT sum(messages) FROM source_day"),
			 sums.messages);
	assert_int_equal(store_place_number(place, "SELECT sum(pass) FROM source_day"), sums.pass);
	assert_int_equal(store_place_number(place, "SELECT sum(records) FROM source_day"),
			 sums.records);
	assert_int_equal(store_place_number(place, "SELECT reports FROM state"), sums.reports);
}

/* More sources than are kept in memory, behind reports that are, and sources of those again. */
static void
a_report_of_very_many_sources_is_summed_as_well(void **state)
{
	struct store_place *place = *state;
	struct make *make = make_start(
		&(struct make_report){ .domain = "large.example", .day = place->today - 1 });
	struct outcomes outcomes = { { 0 } };

	store_place_send(place, random_document(1, place->today), &outcomes);
	for (guint i = 0; i < 201000; i++) {
		g_autofree char *ip = g_strdup_printf("100.%u.%u.%u", 64 + (i % 200500 >> 16),
						      i % 200500 >> 8 & 255, i % 200500 & 255);
		make_record(make, &(struct make_record){ .ip = ip, .count = 2 });
	}
	store_place_send(place, make_end(make), &outcomes);
	store_place_send(place, random_document(2, place->today), &outcomes);
	store_place_flush(place);
	assert_int_equal(outcomes.of[OUTCOME_STORED], 3);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM pending"), 0);
	assert_int_equal(
		store_place_number(place, "SELECT sum(s.messages) FROM source_day s JOIN name n ON "
					  "n.id = s.domain_id WHERE n.text = 'large.example'"),
		402000);
	store_place_check(place);
}

static void
any_order_gives_the_same_tables(void **state)
{
	struct store_place *place = *state;
	guint32 numbers[REPORTS];

	number_them(numbers, REPORTS);
	send_all(place, numbers, REPORTS);
	g_autofree char *in_order = store_place_dump(place);
	for (guint32 seed = 1; seed <= 2; seed++) {
		struct store_place *other;
		shuffle(numbers, REPORTS, seed);
		store_place_open((void **)&other);
		/* In pieces, so that some arrive after the rollups were brought up to date. */
		for (guint i = 0; i < REPORTS; i += 60)
			send_all(other, numbers + i, 60);
		store_place_check(other);
		g_autofree char *shuffled = store_place_dump(other);
		assert_string_equal(in_order, shuffled);
		store_place_close((void **)&other);
	}
}

static void
twice_is_once(void **state)
{
	struct store_place *place = *state;
	guint32 numbers[REPORTS];

	number_them(numbers, REPORTS);
	send_all(place, numbers, REPORTS);
	g_autofree char *once = store_place_dump(place);
	shuffle(numbers, REPORTS, 3);
	send_all(place, numbers, REPORTS);
	store_place_check(place);
	g_autofree char *twice = store_place_dump(place);
	assert_string_equal(once, twice);
}

static void
windows_move_with_the_days(void **state)
{
	struct store_place *place = *state;
	guint32 numbers[REPORTS];

	number_them(numbers, REPORTS);
	send_all(place, numbers, REPORTS);
	/* Reports dated after today come into their windows without new mail. */
	for (gint64 days = 0; days < 500; days += 7) {
		store_place_reopen(place, PLACE_TODAY + days);
		store_place_check(place);
	}
	/* And back again, when the clock is put right. */
	store_place_reopen(place, PLACE_TODAY + 20);
	store_place_check(place);
	g_autofree char *moved = store_place_dump(place);
	struct store_place *other;
	store_place_open((void **)&other);
	send_all(other, numbers, REPORTS);
	store_place_reopen(other, PLACE_TODAY + 20);
	g_autofree char *at_once = store_place_dump(other);
	store_place_close((void **)&other);
	assert_string_equal(moved, at_once);
}

static struct document *
one_record(const struct make_report *report, const char *ip, gint64 count)
{
	return make_document(report, &(struct make_record){ .ip = ip,
							    .count = count,
							    .dkim = ALIGNED_PASS,
							    .spf = ALIGNED_FAIL });
}

static void
assert_bounds(struct store_place *place, enum window window, gint64 from_day, gint64 last_day)
{
	struct query_bounds bounds;
	struct scope scope = { NULL, window };

	assert_true(query_bounds(store_place_view(place), &scope, &bounds, NULL));
	assert_true(bounds.has_mail);
	assert_int_equal(bounds.last_day, last_day);
	assert_int_equal(bounds.from_day, from_day);
}

static void
a_report_dated_in_the_future_moves_no_window(void **state)
{
	struct store_place *place = *state;
	gint64 day = PLACE_TODAY - 5;

	store_place_submit(place, one_record(&(struct make_report){ .day = day }, "192.0.2.1", 3));
	store_place_submit(place,
			   one_record(&(struct make_report){ .day = 2900000, .report_id = "far" },
				      "192.0.2.2", 5));
	assert_bounds(place, WINDOW_7D, day - 6, day);
	assert_bounds(place, WINDOW_30D, day - 29, day);
	store_place_check(place);
	/* Nor does the time that passes. */
	store_place_reopen(place, PLACE_TODAY + 3);
	assert_bounds(place, WINDOW_90D, day - 89, day);
	store_place_check(place);
}

static void
where_all_mail_is_dated_in_the_future_windows_end_today(void **state)
{
	struct store_place *place = *state;

	store_place_submit(
		place, one_record(&(struct make_report){ .day = PLACE_TODAY + 9 }, "192.0.2.1", 3));
	assert_bounds(place, WINDOW_7D, PLACE_TODAY - 6, PLACE_TODAY);
	store_place_check(place);
}

static void
messages_leave_a_window_after_its_days(void **state)
{
	struct store_place *place = *state;
	static const gint64 ages[] = { 6, 7, 29, 30, 89, 90 };
	struct scope scope = { "shop.example", WINDOW_7D };
	struct query_class_totals totals;
	static const gint64 in_window[N_WINDOWS] = { 2, 4, 6, 7 };

	for (guint i = 0; i < G_N_ELEMENTS(ages); i++) {
		char id[16];
		g_snprintf(id, sizeof(id), "%u", i);
		store_place_submit(place,
				   one_record(&(struct make_report){ .day = PLACE_TODAY - ages[i],
								     .report_id = id },
					      "192.0.2.1", 1));
	}
	store_place_submit(place,
			   one_record(&(struct make_report){ .day = PLACE_TODAY }, "192.0.2.1", 1));
	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
		gint64 messages = 0;
		scope.window = w;
		assert_true(query_class_totals(store_place_view(place), &scope, &totals, NULL));
		for (enum class c = CLASS_NONE; c < N_CLASSES; c++)
			messages += totals.totals[c].messages;
		assert_int_equal(messages, in_window[w]);
	}
	store_place_check(place);
}

static void
a_long_period_is_spread_in_whole_messages(void **state)
{
	struct store_place *place = *state;
	gint64 begin = (PLACE_TODAY - 10) * DAY_S + 80000;

	store_place_submit(place, one_record(&(struct make_report){ .begin_at = begin,
								    .end_at = begin + 7 * DAY_S },
					     "192.0.2.1", 10));
	store_place_submit(place, one_record(&(struct make_report){ .begin_at = begin,
								    .end_at = begin + 7 * DAY_S,
								    .report_id = "r-2" },
					     "192.0.2.2", 1));
	store_place_check(place);
	/* 8 UTC days are touched; one message is one message, on the first day. */
	assert_int_equal(store_place_number(place, "SELECT sum(messages) FROM source_day"), 11);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM source_day"), 9);
	assert_int_equal(store_place_number(place, "SELECT max(day) - min(day) FROM source_day"),
			 7);
	assert_int_equal(store_place_number(place, "SELECT sum(reports) FROM source_day"), 2);
}

static void
a_period_beyond_a_month_counts_on_its_first_day(void **state)
{
	struct store_place *place = *state;
	gint64 begin = (PLACE_TODAY - 50) * DAY_S;

	store_place_submit(place, one_record(&(struct make_report){ .begin_at = begin,
								    .end_at = begin + 32 * DAY_S },
					     "192.0.2.1", 10));
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM source_day"), 1);
	assert_int_equal(store_place_number(place, "SELECT day FROM source_day"), PLACE_TODAY - 50);
	store_place_check(place);
}

static void
times_beyond_reason_do_no_harm(void **state)
{
	struct store_place *place = *state;
	static const gint64 times[][2] = {
		{ 1, 1 },
		{ G_GINT64_CONSTANT(253402300799), G_GINT64_CONSTANT(253402300799) },
		{ -DAY_S, -1 },
		{ G_GINT64_CONSTANT(9000000000000000), G_GINT64_CONSTANT(9000000000086400) },
		{ 5 * DAY_S, DAY_S },
	};

	for (guint i = 0; i < G_N_ELEMENTS(times); i++)
		assert_int_equal(
			store_place_submit(
				place, one_record(&(struct make_report){ .begin_at = times[i][0],
									 .end_at = times[i][1] },
						  "192.0.2.1", 1)),
			OUTCOME_STORED);
	store_place_check(place);
	assert_int_equal(store_place_number(place, "SELECT sum(messages) FROM source_day"),
			 G_N_ELEMENTS(times));
}

static void
absurd_counts_never_wrap(void **state)
{
	struct store_place *place = *state;

	for (guint i = 0; i < 40; i++) {
		char id[16];
		g_snprintf(id, sizeof(id), "%u", i);
		struct make *make = make_start(&(struct make_report){ .report_id = id });
		for (guint k = 0; k < 50; k++)
			make_record(make, &(struct make_record){ .count = G_MAXINT64 });
		assert_int_equal(store_place_submit(place, make_end(make)), OUTCOME_STORED);
	}
	store_place_check(place);
	assert_true(store_place_number(place, "SELECT sum(messages) FROM source_day") > 0);
	assert_int_equal(store_place_number(place, "SELECT sum(records) FROM source_day"), 2000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rollups_are_the_sums_of_the_records),
		TEST(a_report_of_very_many_sources_is_summed_as_well),
		TEST(any_order_gives_the_same_tables),
		TEST(twice_is_once),
		TEST(windows_move_with_the_days),
		TEST(a_report_dated_in_the_future_moves_no_window),
		TEST(where_all_mail_is_dated_in_the_future_windows_end_today),
		TEST(messages_leave_a_window_after_its_days),
		TEST(a_long_period_is_spread_in_whole_messages),
		TEST(a_period_beyond_a_month_counts_on_its_first_day),
		TEST(times_beyond_reason_do_no_harm),
		TEST(absurd_counts_never_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
