/* SPDX-License-Identifier: MIT */
/* The ledger: every mail counts once, with the reason of its outcome, also when it is read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/reason.h"
#include "tests/support/kind_make.h"
#include "tests/support/store_place.h"

static const struct make_report report = { .day = PLACE_TODAY - 1 };
static const struct make_record three = { .count = 3, .dkim = ALIGNED_PASS };

static struct parsed *
make_parsed(struct document *document, const char *reason)
{
	struct parsed *parsed = parsed_new();

	if (document)
		g_ptr_array_add(parsed->documents, document);
	if (reason)
		parsed_add_fault(parsed, FAULT_DAMAGED, g_strdup("part 2"), g_strdup(reason));
	return parsed;
}

static gint64
arrivals(struct store_place *place, enum outcome outcome)
{
	struct query_status status;

	assert_true(query_status(store_place_view(place), &status, NULL));
	return status.arrivals[outcome];
}

static gint64
kept_id(struct store_place *place)
{
	return store_place_number(place, "SELECT max(id) FROM kept");
}

static void
a_mail_that_is_read_at_last_moves_and_counts_once(void **state)
{
	struct store_place *place = *state;

	store_place_submit_parsed(place, make_parsed(NULL, "line 4: not XML"), "mail", NULL);
	assert_int_equal(arrivals(place, OUTCOME_QUARANTINED), 1);
	assert_int_equal(store_place_submit_kept(place, kept_id(place),
						 make_parsed(make_document(&report, &three), NULL)),
			 OUTCOME_STORED);
	assert_int_equal(arrivals(place, OUTCOME_QUARANTINED), 0);
	assert_int_equal(arrivals(place, OUTCOME_STORED), 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM arrival"), 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM kept"), 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM cause"), 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM arrival_part"), 0);
	assert_int_equal(store_place_number(place, "SELECT report FROM arrival"), 1);
	store_place_check(place);
}

static void
the_same_bytes_that_came_thrice_are_one_report_and_two_duplicates(void **state)
{
	struct store_place *place = *state;

	for (guint i = 0; i < 3; i++)
		store_place_submit_parsed(place, make_parsed(NULL, "not XML"), "mail", NULL);
	assert_int_equal(store_place_submit_kept(place, kept_id(place),
						 make_parsed(make_document(&report, &three), NULL)),
			 OUTCOME_STORED);
	assert_int_equal(arrivals(place, OUTCOME_QUARANTINED), 0);
	assert_int_equal(arrivals(place, OUTCOME_STORED), 1);
	assert_int_equal(arrivals(place, OUTCOME_DUPLICATE), 2);
	store_place_check(place);
}

static void
a_mail_that_fails_again_stays_with_the_new_reason(void **state)
{
	struct store_place *place = *state;

	store_place_submit_parsed(place, make_parsed(NULL, "not XML"), "mail", NULL);
	gint64 id = kept_id(place);
	assert_int_equal(store_place_submit_kept(place, id, make_parsed(NULL, "cut short")),
			 OUTCOME_QUARANTINED);
	assert_int_equal(arrivals(place, OUTCOME_QUARANTINED), 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM kept"), 1);
	assert_int_equal(
		store_place_number(place,
				   "SELECT count(*) FROM kept WHERE reason = 'part 2: cut short'"),
		1);
	assert_int_equal(
		store_place_number(
			place, "SELECT count(*) FROM arrival WHERE reason = 'part 2: cut short'"),
		1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM arrival_part"), 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM cause"), 1);
	store_place_check(place);
}

static void
what_was_read_of_a_mail_stays_read(void **state)
{
	struct store_place *place = *state;

	assert_int_equal(store_place_submit_parsed(
				 place, make_parsed(make_document(&report, &three), "not XML"),
				 "half", NULL),
			 OUTCOME_STORED);
	assert_int_equal(store_place_submit_kept(
				 place, kept_id(place),
				 make_parsed(make_document(&report, &three), "still not XML")),
			 OUTCOME_STORED);
	assert_int_equal(arrivals(place, OUTCOME_STORED), 1);
	assert_int_equal(arrivals(place, OUTCOME_DUPLICATE), 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM arrival_part"), 2);
	store_place_check(place);
}

static void
what_is_kept_no_more_is_not_read_again(void **state)
{
	struct store_place *place = *state;

	assert_int_equal(store_place_submit_kept(place, 9,
						 make_parsed(make_document(&report, &three), NULL)),
			 OUTCOME_IGNORED);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM arrival"), 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM report"), 0);
}

static void
every_part_has_its_outcome(void **state)
{
	struct store_place *place = *state;
	const struct make_feedback failure = { .incidents = 1 };
	struct parsed *parsed = make_parsed(make_document(&report, &three), "not XML");

	g_ptr_array_add(parsed->documents, make_feedback(&failure));
	g_ptr_array_add(parsed->documents, make_feedback(&failure));
	store_place_submit_parsed(place, parsed, "mail", NULL);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM arrival_part"), 4);
	assert_int_equal(
		store_place_number(place, "SELECT outcome FROM arrival_part WHERE seq = 1"),
		OUTCOME_STORED);
	assert_int_equal(store_place_number(place, "SELECT kind FROM arrival_part WHERE seq = 2"),
			 DOCUMENT_FAILURE);
	assert_int_equal(
		store_place_number(place, "SELECT outcome FROM arrival_part WHERE seq = 3"),
		OUTCOME_DUPLICATE);
	assert_int_equal(store_place_number(place, "SELECT code = 'damaged' AND kind IS NULL FROM "
						   "arrival_part WHERE seq = 4"),
			 TRUE);
	assert_int_equal(store_place_number(place, "SELECT document FROM arrival"), 1);
}

static void
one_trouble_of_many_mails_is_one_cause(void **state)
{
	struct store_place *place = *state;

	for (guint i = 0; i < 50; i++) {
		g_autofree char *reason =
			g_strdup_printf("\"r%u.xml.gz\": line %u: not XML", i, i * 7);
		g_autofree char *bytes = g_strdup_printf("mail %u", i);
		store_place_submit_parsed(place, make_parsed(NULL, reason), bytes, NULL);
	}
	struct parsed *away = parsed_new();
	away->note = g_strdup("auto-reply");
	store_place_submit_parsed(place, away, "away", NULL);
	assert_int_equal(
		store_place_number(place, "SELECT arrivals FROM cause WHERE code = 'damaged'"), 50);
	assert_int_equal(
		store_place_number(place, "SELECT arrivals FROM cause WHERE code = 'auto-reply'"),
		1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM cause"), 2);
	store_place_check(place);
}

static void
a_reason_has_a_pattern(void **state)
{
	static const struct {
		const char *reason;
		const char *pattern;
	} cases[] = {
		{ "", "" },
		{ "line 12: not XML", "line #: not XML" },
		{ "part 2 \"a 1.zip\": cut", "part # \"...\": cut" },
		{ "one \" quote", "one \" quote" },
	};
	g_autofree char *endless = g_strnfill(5000, 'x');
	g_autofree char *cut = reason_pattern(endless);

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *pattern = reason_pattern(cases[i].reason);
		assert_string_equal(pattern, cases[i].pattern);
	}
	assert_int_equal(strlen(cut), REASON_PATTERN_MAX);
	assert_string_equal(reason_code_of_note("auto-reply"), "auto-reply");
	assert_string_equal(reason_code_of_note("no report in this mail"), FAULT_NO_REPORT);
	assert_string_equal(reason_code_of_note(NULL), FAULT_NO_REPORT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mail_that_is_read_at_last_moves_and_counts_once),
		TEST(the_same_bytes_that_came_thrice_are_one_report_and_two_duplicates),
		TEST(a_mail_that_fails_again_stays_with_the_new_reason),
		TEST(what_was_read_of_a_mail_stays_read),
		TEST(what_is_kept_no_more_is_not_read_again),
		TEST(every_part_has_its_outcome),
		TEST(one_trouble_of_many_mails_is_one_cause),
		cmocka_unit_test(a_reason_has_a_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
