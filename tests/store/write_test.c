/* SPDX-License-Identifier: MIT */
/* What becomes of a mail: outcomes, the ledger, what is kept, and the edits that people make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/error.h"
#include "tests/support/store_place.h"

static const struct make_report report = { .day = PLACE_TODAY - 1 };
static const struct make_record three = { .count = 3, .dkim = ALIGNED_PASS };
static const struct make_record four = { .count = 4, .dkim = ALIGNED_PASS };

static gint64
messages(struct store_place *place)
{
	return store_place_number(place, "SELECT coalesce(sum(messages), 0) FROM source_day");
}

static void
a_report_is_stored_once(void **state)
{
	struct store_place *place = *state;

	assert_int_equal(store_place_submit(place, make_document(&report, &three)), OUTCOME_STORED);
	assert_int_equal(store_place_submit(place, make_document(&report, &three)),
			 OUTCOME_DUPLICATE);
	assert_int_equal(messages(place), 3);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM report"), 1);
	store_place_check(place);
}

static void
another_content_is_a_revision_and_counts_nothing(void **state)
{
	struct store_place *place = *state;
	struct make_record five = { .count = 5 };

	store_place_submit(place, make_document(&report, &three));
	assert_int_equal(store_place_submit(place, make_document(&report, &four)),
			 OUTCOME_REVISION);
	assert_int_equal(store_place_submit(place, make_document(&report, &five)),
			 OUTCOME_REVISION);
	/* Known by now, the first, the second and the third. */
	assert_int_equal(store_place_submit(place, make_document(&report, &three)),
			 OUTCOME_DUPLICATE);
	assert_int_equal(store_place_submit(place, make_document(&report, &four)),
			 OUTCOME_DUPLICATE);
	assert_int_equal(store_place_submit(place, make_document(&report, &five)),
			 OUTCOME_DUPLICATE);
	assert_int_equal(messages(place), 3);
	assert_int_equal(store_place_number(place, "SELECT revisions FROM state"), 2);
	assert_int_equal(store_place_number(place, "SELECT reports FROM state"), 1);
	assert_int_equal(store_place_number(place, "SELECT reports FROM domain"), 1);
	store_place_check(place);
}

static void
an_id_is_the_same_in_another_case_and_another_on_another_day(void **state)
{
	struct store_place *place = *state;
	struct make_report lower = { .day = report.day, .report_id = "<abc>", .reporter = "host" };
	struct make_report upper = { .day = report.day, .report_id = "ABC", .reporter = "HOST" };
	struct make_report later = { .day = report.day + 1,
				     .report_id = "abc",
				     .reporter = "host" };

	store_place_submit(place, make_document(&lower, &three));
	/* The words of the report differ, so that it is not the same content. */
	assert_int_equal(store_place_submit(place, make_document(&upper, &three)),
			 OUTCOME_REVISION);
	assert_int_equal(store_place_submit(place, make_document(&later, &three)), OUTCOME_STORED);
}

static void
a_mail_of_several_parts_has_the_first_outcome_of_the_order(void **state)
{
	struct store_place *place = *state;
	struct make_report other = { .day = report.day, .report_id = "r-2" };
	struct parsed *parsed = parsed_new();

	store_place_submit(place, make_document(&report, &three));
	g_ptr_array_add(parsed->documents, make_document(&report, &three));
	g_ptr_array_add(parsed->documents, make_document(&other, &three));
	g_ptr_array_add(parsed->documents, make_document(&other, &three));
	assert_int_equal(store_place_submit_parsed(place, parsed, "two", NULL), OUTCOME_STORED);
	assert_int_equal(messages(place), 6);
	store_place_check(place);
}

static struct parsed *
with_fault(struct document *document)
{
	struct parsed *parsed = parsed_new();

	if (document)
		g_ptr_array_add(parsed->documents, document);
	parsed_add_fault(parsed, FAULT_DAMAGED, g_strdup("part 2"), g_strdup("line 4: not XML"));
	return parsed;
}

static struct query_page *
list_kept(struct store_place *place)
{
	g_autoptr(GError) error = NULL;
	struct query_page *page = query_kept(store_place_view(place), NULL, 50, &error);

	assert_non_null(page);
	return page;
}

static void
what_cannot_be_read_is_kept_once_with_the_reason(void **state)
{
	struct store_place *place = *state;

	for (guint i = 0; i < 3; i++)
		assert_int_equal(store_place_submit_parsed(place, with_fault(NULL), "broken", NULL),
				 OUTCOME_QUARANTINED);
	assert_int_equal(
		store_place_submit_parsed(place, NULL, "killer", "parser killed (signal 31)"),
		OUTCOME_QUARANTINED);
	g_autoptr(query_page_auto) page = list_kept(place);
	assert_int_equal(page->rows->len, 2);
	const struct query_kept *killer = g_ptr_array_index(page->rows, 0);
	const struct query_kept *broken = g_ptr_array_index(page->rows, 1);
	assert_string_equal(killer->reason, "parser killed (signal 31)");
	assert_string_equal(broken->reason, "part 2: line 4: not XML");
	assert_int_equal(broken->arrivals, 3);
	assert_int_equal(broken->size_bytes, 6);
	assert_string_equal(broken->intake, "drop");
	assert_string_equal(broken->locator, "maildir:/drop/new/1");

	struct store_kept *kept = store_kept_get(place->store, broken->id, NULL);
	assert_non_null(kept);
	assert_memory_equal(g_bytes_get_data(kept->bytes, NULL), "broken", 6);
	assert_string_equal(kept->intake, "drop");
	store_kept_free(kept);
	g_autoptr(GError) error = NULL;
	assert_null(store_kept_get(place->store, 77, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
}

static void
a_good_report_beside_a_broken_one_is_stored_and_the_mail_kept(void **state)
{
	struct store_place *place = *state;

	assert_int_equal(store_place_submit_parsed(
				 place, with_fault(make_document(&report, &three)), "half", NULL),
			 OUTCOME_STORED);
	assert_int_equal(store_place_submit_parsed(
				 place, with_fault(make_document(&report, &three)), "half", NULL),
			 OUTCOME_DUPLICATE);
	g_autoptr(query_page_auto) page = list_kept(place);
	assert_int_equal(page->rows->len, 1);
	assert_int_equal(messages(place), 3);
}

static void
a_mail_without_a_report_is_ignored(void **state)
{
	struct store_place *place = *state;
	struct parsed *parsed = parsed_new();

	parsed->note = g_strdup("auto-reply");
	assert_int_equal(store_place_submit_parsed(place, parsed, "away", NULL), OUTCOME_IGNORED);
	g_autoptr(query_page_auto) page = query_arrivals(store_place_view(place), NULL, 10, NULL);
	const struct query_arrival *arrival = g_ptr_array_index(page->rows, 0);
	assert_string_equal(arrival->reason, "auto-reply");
	assert_int_equal(arrival->outcome, OUTCOME_IGNORED);
}

static void
a_report_without_records_is_a_report(void **state)
{
	struct store_place *place = *state;
	struct query_bounds bounds;
	struct scope scope = { NULL, WINDOW_30D };

	assert_int_equal(store_place_submit(place, make_end(make_start(&report))), OUTCOME_STORED);
	store_place_check(place);
	assert_true(query_bounds(store_place_view(place), &scope, &bounds, NULL));
	assert_int_equal(bounds.reports, 1);
	assert_int_equal(bounds.domains, 1);
	assert_true(bounds.has_mail);
	assert_int_equal(bounds.last_day, report.day);
}

static void
what_the_database_does_not_accept_is_kept_and_spoils_nothing(void **state)
{
	struct store_place *place = *state;
	g_autofree char *endless = g_strnfill(5000, 'x');
	struct make_report bad = { .day = report.day, .report_id = endless };
	struct outcomes outcomes = { { 0 } };

	for (guint i = 0; i < 20; i++) {
		char id[16];
		g_snprintf(id, sizeof(id), "%u", i);
		struct make_report good = { .day = report.day, .report_id = id };
		store_place_send(place, make_document(i % 7 == 3 ? &bad : &good, &three),
				 &outcomes);
	}
	store_place_flush(place);
	assert_int_equal(outcomes.of[OUTCOME_STORED], 17);
	assert_int_equal(outcomes.of[OUTCOME_QUARANTINED], 3);
	assert_int_equal(messages(place), 17 * 3);
	store_place_check(place);
}

static void
the_ledger_adds_up(void **state)
{
	struct store_place *place = *state;
	struct query_status status;
	gint64 sum = 0;

	store_place_submit(place, make_document(&report, &three));
	store_place_submit(place, make_document(&report, &three));
	store_place_submit(place, make_document(&report, &four));
	store_place_submit_parsed(place, with_fault(NULL), "broken", NULL);
	store_place_submit_parsed(place, parsed_new(), "nothing", NULL);
	assert_true(query_status(store_place_view(place), &status, NULL));
	for (enum outcome outcome = OUTCOME_RETRY; outcome < N_OUTCOMES; outcome++) {
		assert_int_equal(status.arrivals[outcome], outcome != OUTCOME_RETRY);
		sum += status.arrivals[outcome];
	}
	assert_int_equal(sum, 5);
	assert_int_equal(status.kept, 1);
	assert_int_equal(status.lagging, 0);
	assert_int_equal(status.last_received_at, PLACE_TODAY * DAY_S + DAY_S / 2);
	assert_true(status.size_bytes > 4096);
	struct query_stats *stats = query_stats(store_place_view(place), NULL);
	assert_int_equal(stats->reports, 1);
	assert_int_equal(stats->revisions, 1);
	assert_int_equal(stats->kept, 1);
	assert_int_equal(stats->documents[DOCUMENT_FAILURE].counted, 0);
	assert_int_equal(stats->totals.messages, 3);
	assert_int_equal(stats->totals.pass, 3);
	assert_int_equal(stats->domains->len, 1);
	query_stats_free(stats);
}

static void
handled_mails_are_remembered_by_intake(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GBytes) bytes = g_bytes_new_static("a mail", 6);
	struct message *message = message_new(bytes, "drop", "drop/1", NULL, NULL);
	struct parsed *parsed = parsed_new();
	enum outcome outcome;

	assert_false(store_was_handled(place->store, "drop", "1700.eml", &outcome));
	message->unique_name = g_strdup("1700.eml");
	g_ptr_array_add(parsed->documents, make_document(&report, &three));
	store_submit(place->store, message, parsed, NULL);
	store_place_flush(place);
	assert_true(store_was_handled(place->store, "drop", "1700.eml", &outcome));
	assert_int_equal(outcome, OUTCOME_STORED);
	assert_false(store_was_handled(place->store, "other", "1700.eml", &outcome));
	assert_false(store_was_handled(place->store, "drop", "1701.eml", &outcome));
}

static void
the_version_changes_with_every_change(void **state)
{
	struct store_place *place = *state;
	struct store_view *view = store_place_view(place);
	gint64 before = store_view_version(view);

	assert_int_equal(store_view_version(view), before);
	store_place_submit(place, make_document(&report, &three));
	gint64 after = store_view_version(view);
	assert_true(after != before);
	assert_true(store_edit_user(place->store, "admin", "hash", NULL));
	assert_true(store_view_version(view) != after);
}

static void
people_come_and_go(void **state)
{
	struct store_place *place = *state;
	struct store *store = place->store;
	struct store_view *view = store_place_view(place);
	gint64 now = PLACE_TODAY * DAY_S + DAY_S / 2;

	assert_false(query_has_users(view, NULL));
	assert_null(query_password_hash(view, "admin", NULL));
	assert_true(store_edit_user(store, "admin", "hash", NULL));
	assert_true(store_edit_user(store, "admin", "other", NULL));
	assert_true(query_has_users(view, NULL));
	g_autofree char *hash = query_password_hash(view, "admin", NULL);
	assert_string_equal(hash, "other");

	assert_true(store_edit_session(store, "t1", "admin", now + 10, NULL));
	g_autofree char *user = query_session_user(view, "t1", now, NULL);
	assert_string_equal(user, "admin");
	assert_null(query_session_user(view, "t1", now + 10, NULL));
	assert_null(query_session_user(view, "t2", now, NULL));
	assert_true(store_edit_session_end(store, "t1", NULL));
	assert_null(query_session_user(view, "t1", now, NULL));
}

static void
a_new_password_ends_the_sessions(void **state)
{
	struct store_place *place = *state;
	struct store_view *view = store_place_view(place);
	gint64 now = PLACE_TODAY * DAY_S + DAY_S / 2;

	assert_true(store_edit_user(place->store, "admin", "hash", NULL));
	assert_true(store_edit_session(place->store, "t1", "admin", now + 10, NULL));
	assert_true(store_edit_session(place->store, "t2", "other", now + 10, NULL));
	assert_true(store_edit_user(place->store, "admin", "new", NULL));
	assert_null(query_session_user(view, "t1", now, NULL));
	g_autofree char *other = query_session_user(view, "t2", now, NULL);
	assert_string_equal(other, "other");
}

static void
a_login_link_is_good_once_and_for_its_time(void **state)
{
	struct store_place *place = *state;
	struct store *store = place->store;
	gint64 now = PLACE_TODAY * DAY_S + DAY_S / 2;
	g_autoptr(GError) error = NULL;
	char *user = NULL;

	assert_true(store_edit_login_link(store, "l1", "admin", now + 60, NULL));
	assert_true(store_edit_login_link(store, "l2", "admin", now - 1, NULL));
	assert_true(store_edit_login_link_use(store, "l1", &user, &error));
	assert_string_equal(user, "admin");
	g_free(user);
	assert_false(store_edit_login_link_use(store, "l1", &user, &error));
	assert_null(error);
	assert_false(store_edit_login_link_use(store, "l2", &user, &error));
	assert_null(error);
	assert_false(store_edit_login_link_use(store, "none", &user, &error));
	assert_null(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_is_stored_once),
		TEST(another_content_is_a_revision_and_counts_nothing),
		TEST(an_id_is_the_same_in_another_case_and_another_on_another_day),
		TEST(a_mail_of_several_parts_has_the_first_outcome_of_the_order),
		TEST(what_cannot_be_read_is_kept_once_with_the_reason),
		TEST(a_good_report_beside_a_broken_one_is_stored_and_the_mail_kept),
		TEST(a_mail_without_a_report_is_ignored),
		TEST(a_report_without_records_is_a_report),
		TEST(what_the_database_does_not_accept_is_kept_and_spoils_nothing),
		TEST(the_ledger_adds_up),
		TEST(handled_mails_are_remembered_by_intake),
		TEST(the_version_changes_with_every_change),
		TEST(people_come_and_go),
		TEST(a_new_password_ends_the_sessions),
		TEST(a_login_link_is_good_once_and_for_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
