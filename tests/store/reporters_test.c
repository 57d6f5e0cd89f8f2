/* SPDX-License-Identifier: MIT */
/* What the store knows of those who report: volume, delay, silence, mails, overrides, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "store/query_reporters.h"
#include "tests/support/kind_make.h"
#include "tests/support/store_place.h"

#define DAYS 10

/* Reports of reporter on every step-th of the last days; the mail comes at noon of today. */
static void
send_reports(struct store_place *place, const char *reporter, const struct carrier *carrier,
	     gint64 step)
{
	struct outcomes outcomes = { { 0 } };

	for (gint64 age = 1; age <= DAYS; age += step) {
		g_autofree char *id = g_strdup_printf("%s-%d", reporter, (int)age);
		struct document *document = make_document(
			&(struct make_report){ .domain = "shop.example",
					       .reporter = reporter,
					       .report_id = id,
					       .day = place->today - age },
			&(struct make_record){ .ip = "8.8.8.8",
					       .count = 5,
					       .dkim = ALIGNED_FAIL,
					       .spf = ALIGNED_FAIL,
					       .auth = "spf fail bad.example mfrom",
					       .reason = age == 1 ? "local_policy" : "mailing_list",
					       .comment = "arc=pass as.1.shop.example" });
		document->carrier = *carrier;
		if (age == 1)
			document_warn(document, "count-missing", "record 3");
		store_place_send(place, document, &outcomes);
	}
	store_place_flush(place);
}

static const struct carrier known = { .authenticated = AUTHENTICATED_YES,
				      .from_domain = "google.com",
				      .from = "noreply@google.com",
				      .message_id = "",
				      .auth_domain = "google.com" };
static const struct carrier fresh = { .authenticated = AUTHENTICATED_YES,
				      .from_domain = "fresh.example",
				      .from = "dmarc@fresh.example",
				      .message_id = "",
				      .auth_domain = "fresh.example" };
static const struct carrier forged = { .authenticated = AUTHENTICATED_NO,
				       .from_domain = "google.com",
				       .from = "noreply@google.com",
				       .message_id = "",
				       .auth_domain = "google.com" };

static struct query_reporter_detail *
ask(struct store_place *place, enum window window, const char *name)
{
	g_autoptr(GError) error = NULL;
	struct query_reporter_detail *detail =
		query_reporter(store_place_view(place), window, name, &error);

	assert_null(error);
	return detail;
}

static void
a_reporter_is_summed_up(void **state)
{
	struct store_place *place = *state;

	send_reports(place, "Google.com", &known, 1);
	g_autoptr(query_reporter_detail_auto) week = ask(place, WINDOW_7D, "GOOGLE.com");
	const struct query_reporter *reporter = week->reporter;

	assert_string_equal(reporter->reporter, "google.com");
	assert_int_equal(reporter->reports, 7);
	assert_int_equal(reporter->messages, 35);
	assert_int_equal(reporter->reports_ever, DAYS);
	assert_int_equal(reporter->last_day, place->today - 1);
	assert_int_equal(reporter->first_day, place->today - DAYS);
	assert_int_equal(reporter->gap, 1);
	assert_int_equal(reporter->silent_days, 0);
	assert_false(reporter->is_silent);
	/* The median of ten: the fifth report, whose day ended 4 and a half days before noon. */
	assert_in_range(reporter->delay_s, 4 * DAY_S + DAY_S / 2, 4 * DAY_S + DAY_S / 2 + 1);
	assert_int_equal(reporter->by_mail[AUTHENTICATED_YES], DAYS);
	assert_int_equal(reporter->counted, DAYS);
	assert_int_equal(reporter->overrides[OVERRIDE_ARC], 5);
	assert_int_equal(reporter->overrides[OVERRIDE_MAILING_LIST], 5 * (DAYS - 1));
	assert_int_equal(reporter->overrides[OVERRIDE_LOCAL_POLICY], 0);
	assert_int_equal(reporter->faults->len, 1);
	const struct query_fault *fault = g_ptr_array_index(reporter->faults, 0);
	assert_string_equal(fault->code, "count-missing");
	assert_int_equal(fault->warnings, 1);
	assert_int_equal(week->days->len, 7);
	const struct query_party *party = g_ptr_array_index(week->parties, 0);
	assert_int_equal(party->reason, VOICE_KNOWN);
	assert_true(party->is_counted);
	store_place_check(place);
}

static void
forged_reports_are_told_apart(void **state)
{
	struct store_place *place = *state;
	struct outcomes outcomes = { { 0 } };
	struct document *document =
		make_document(&(struct make_report){ .domain = "shop.example",
						     .reporter = "google.com",
						     .report_id = "forged",
						     .day = place->today - 2 },
			      &(struct make_record){ .ip = "8.8.8.8", .count = 900 });

	document->carrier = forged;
	store_place_send(place, document, &outcomes);
	store_place_flush(place);
	g_autoptr(query_reporter_detail_auto) detail = ask(place, WINDOW_ALL, "google.com");
	assert_int_equal(detail->reporter->by_mail[AUTHENTICATED_NO], 1);
	assert_int_equal(detail->reporter->counted, DAYS);
	const struct query_party *party = g_ptr_array_index(detail->parties, 1);
	assert_int_equal(party->reason, VOICE_UNAUTHENTICATED);
	assert_false(party->is_counted);
	assert_string_equal(party->voice, "");
}

static void
a_user_vouches_for_a_voice_and_withdraws(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;

	send_reports(place, "Fresh Host", &fresh, 3);
	g_autoptr(query_reporter_detail_auto) before = ask(place, WINDOW_ALL, "fresh host");
	const struct query_party *party = g_ptr_array_index(before->parties, 0);
	assert_int_equal(party->reason, VOICE_FRESH);
	assert_int_equal(before->reporter->counted, 0);
	assert_int_equal(before->reporter->gap, 3);

	assert_true(store_edit_voice(place->store, party->voice, TRUE, &error));
	store_place_flush(place);
	g_autoptr(query_reporter_detail_auto) after = ask(place, WINDOW_ALL, "fresh host");
	assert_int_equal(((const struct query_party *)g_ptr_array_index(after->parties, 0))->reason,
			 VOICE_APPROVED);
	assert_int_equal(after->reporter->counted, after->reporter->reports_ever);
	store_place_check(place);

	assert_true(store_edit_voice(place->store, "fresh.example", FALSE, &error));
	store_place_flush(place);
	g_autoptr(query_reporter_detail_auto) last = ask(place, WINDOW_ALL, "fresh host");
	assert_int_equal(last->reporter->counted, 0);

	assert_false(store_edit_voice(place->store, "nobody.example", TRUE, &error));
	assert_non_null(strstr(error->message, "nobody.example"));
	g_clear_error(&error);
	assert_false(store_edit_voice(place->store, "", TRUE, &error));
	g_clear_error(&error);
}

static void
send_failure(struct store_place *place, const char *id)
{
	struct outcomes outcomes = { { 0 } };
	const struct make_feedback make = { .message_id = id,
					    .ip = "8.8.4.4",
					    .arrived_at = (place->today - 1) * DAY_S };
	struct document *document = make_feedback(&make);

	document->carrier = fresh;
	store_place_send(place, document, &outcomes);
	store_place_flush(place);
}

static gint64
count_samples(struct store_place *place)
{
	struct facts facts;
	struct ip ip;

	ip_parse("8.8.4.4", &ip);
	assert_true(query_source_facts(store_place_view(place), &ip, "shop.example", &facts, NULL));
	return facts.ruf_samples;
}

/* Of a source that the sender of the failure reports has no other reports about. */
static void
a_failure_report_is_a_sample_while_its_sender_counts(void **state)
{
	struct store_place *place = *state;
	struct document *document =
		make_document(&(struct make_report){ .domain = "shop.example",
						     .reporter = "google.com",
						     .report_id = "of another",
						     .day = place->today - 1 },
			      &(struct make_record){ .ip = "8.8.4.4", .count = 3 });

	document->carrier = known;
	store_place_submit(place, document);
	send_failure(place, "<first@bad.example>");
	assert_int_equal(count_samples(place), 0);
	assert_true(store_edit_voice(place->store, "fresh.example", TRUE, NULL));
	store_place_flush(place);
	assert_int_equal(count_samples(place), 1);
	send_failure(place, "<second@bad.example>");
	assert_int_equal(count_samples(place), 2);
	assert_true(store_edit_voice(place->store, "fresh.example", FALSE, NULL));
	store_place_flush(place);
	assert_int_equal(count_samples(place), 0);
	store_place_check(place);
}

static void
who_stops_reporting_becomes_silent(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;
	struct query_reporter_counts counts;
	struct outcomes outcomes = { { 0 } };

	assert_true(query_reporter_counts(store_place_view(place), WINDOW_30D, &counts, &error));
	assert_int_equal(counts.reporters, 2);
	assert_int_equal(counts.silent, 0);
	assert_true(counts.is_any_counted);
	/* Daily, and then nothing for four days, while others go on. */
	store_place_reopen(place, place->today + 4);
	struct document *document =
		make_document(&(struct make_report){ .domain = "shop.example",
						     .reporter = "third.example",
						     .report_id = "third",
						     .day = place->today - 1 },
			      &(struct make_record){ .ip = "8.8.8.8", .count = 1 });
	store_place_send(place, document, &outcomes);
	store_place_flush(place);
	g_autoptr(query_reporter_detail_auto) daily = ask(place, WINDOW_ALL, "google.com");
	g_autoptr(query_reporter_detail_auto) seldom = ask(place, WINDOW_ALL, "fresh host");
	assert_int_equal(daily->reporter->silent_days, 4);
	assert_true(daily->reporter->is_silent);
	assert_int_equal(seldom->reporter->silent_days, 4);
	assert_false(seldom->reporter->is_silent);
	assert_true(query_reporter_counts(store_place_view(place), WINDOW_7D, &counts, &error));
	assert_int_equal(counts.silent, 1);
	assert_int_equal(counts.reporters, 3);
	store_place_check(place);
}

static void
the_list_is_read_in_pieces(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(query_page_auto) first =
		query_reporters(store_place_view(place), WINDOW_ALL, NULL, 2, &error);

	assert_non_null(first);
	assert_int_equal(first->rows->len, 2);
	const struct query_reporter *most = g_ptr_array_index(first->rows, 0);
	assert_string_equal(most->reporter, "google.com");
	g_autoptr(query_page_auto) rest =
		query_reporters(store_place_view(place), WINDOW_ALL, first->next, 2, &error);
	assert_int_equal(rest->rows->len, 1);
	assert_null(rest->next);
	assert_null(query_reporters(store_place_view(place), WINDOW_ALL, "x", 2, &error));
	assert_non_null(error);
	assert_null(ask(place, WINDOW_ALL, "nobody"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reporter_is_summed_up),
		cmocka_unit_test(forged_reports_are_told_apart),
		cmocka_unit_test(a_user_vouches_for_a_voice_and_withdraws),
		cmocka_unit_test(a_failure_report_is_a_sample_while_its_sender_counts),
		cmocka_unit_test(who_stops_reporting_becomes_silent),
		cmocka_unit_test(the_list_is_read_in_pieces),
	};

	return cmocka_run_group_tests(tests, store_place_open, store_place_close);
}
