/* SPDX-License-Identifier: MIT */
/* What retention takes away is counted, stays counted, and does not come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/retention.h"
#include "tests/support/kind_make.h"
#include "tests/support/store_place.h"

static const struct retention month = { 30, 30 };
static const struct make_feedback failure = { .headers = "X-Mark: unforgettable" };
static const struct make_bounce bounce = { .status = NULL };
static const struct make_tls tls = { .success = 1 };

static gint64
forget(struct store_place *place, gint64 today)
{
	g_autoptr(GError) error = NULL;
	gint64 n;

	store_place_reopen(place, today);
	if (!store_forget(place->store, &month, &n, &error))
		fail_msg("%s", error->message);
	return n;
}

static void
submit_all(struct store_place *place)
{
	struct parsed *parsed = parsed_new();

	store_place_submit(place, make_feedback(&failure));
	store_place_submit(place, make_bounce(&bounce));
	store_place_submit(place, make_tls(&tls));
	parsed_add_fault(parsed, FAULT_DAMAGED, g_strdup(""), g_strdup("not XML"));
	store_place_submit_parsed(place, parsed, "unreadable and unforgettable", NULL);
}

static void
nothing_goes_before_its_time(void **state)
{
	struct store_place *place = *state;

	submit_all(place);
	assert_int_equal(forget(place, PLACE_TODAY + 30), 0);
	store_place_flush(place);
	store_place_check(place);
}

static void
what_is_old_goes_and_stays_counted(void **state)
{
	struct store_place *place = *state;
	struct query_status status;

	submit_all(place);
	assert_int_equal(forget(place, PLACE_TODAY + 31), 3);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM document"), 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM kept"), 0);
	assert_true(query_status(store_place_view(place), &status, NULL));
	assert_int_equal(status.documents[DOCUMENT_FAILURE].counted, 1);
	assert_int_equal(status.documents[DOCUMENT_FAILURE].forgotten, 1);
	assert_int_equal(status.documents[DOCUMENT_TLS].forgotten, 0);
	assert_int_equal(status.arrivals[OUTCOME_STORED], 3);
	assert_int_equal(status.arrivals[OUTCOME_QUARANTINED], 1);
	assert_int_equal(status.kept, 0);
	assert_int_equal(status.kept_forgotten, 1);
	store_place_flush(place);
	store_place_check(place);
}

static void
what_was_forgotten_is_a_duplicate_when_it_comes_again(void **state)
{
	struct store_place *place = *state;
	struct make_feedback other = { .result = "spam" };

	submit_all(place);
	forget(place, PLACE_TODAY + 31);
	assert_int_equal(store_place_submit(place, make_feedback(&failure)), OUTCOME_DUPLICATE);
	assert_int_equal(store_place_submit(place, make_feedback(&other)), OUTCOME_REVISION);
	assert_int_equal(
		store_place_number(place, "SELECT counted FROM document_count WHERE kind = 1"), 1);
	store_place_flush(place);
	store_place_check(place);
}

static gboolean
is_in_file(const struct store_place *place, const char *text)
{
	g_autofree char *bytes = NULL;
	gsize len;

	assert_true(g_file_get_contents(place->path, &bytes, &len, NULL));
	return memmem(bytes, len, text, strlen(text)) != NULL;
}

static void
what_was_forgotten_is_not_in_the_file_any_more(void **state)
{
	struct store_place *place = *state;

	submit_all(place);
	store_place_shut(place);
	assert_true(is_in_file(place, "unforgettable"));
	forget(place, PLACE_TODAY + 31);
	store_place_shut(place);
	assert_false(is_in_file(place, "unforgettable"));
}

static void
many_go_in_batches(void **state)
{
	struct store_place *place = *state;
	struct outcomes outcomes = { { 0 } };

	for (guint i = 0; i < 450; i++) {
		g_autofree char *id = g_strdup_printf("<%u@bad.example>", i);
		const struct make_feedback one = { .message_id = id };
		store_place_send(place, make_feedback(&one), &outcomes);
	}
	store_place_flush(place);
	assert_int_equal(outcomes.of[OUTCOME_STORED], 450);
	assert_int_equal(forget(place, PLACE_TODAY + 31), 450);
	assert_int_equal(forget(place, PLACE_TODAY + 31), 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM document_domain"), 0);
	store_place_flush(place);
	store_place_check(place);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_goes_before_its_time),
		TEST(what_is_old_goes_and_stays_counted),
		TEST(what_was_forgotten_is_a_duplicate_when_it_comes_again),
		TEST(what_was_forgotten_is_not_in_the_file_any_more),
		TEST(many_go_in_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
