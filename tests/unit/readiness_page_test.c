/* SPDX-License-Identifier: MIT */
/* The page of a domain's readiness: numbers, what-ifs, record, faces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"
#include "tests/support/store_make.h"

#define PAGE "/domains/hinoki.example/readiness"

static void
the_next_step_is_asked_about(void **state)
{
	json_t *tree = house_json(*state, PAGE ".json");
	const json_t *checks = json_object_get(tree, "checks");
	const json_t *outcome = json_object_get(tree, "outcome");

	assert_string_equal(text_of(tree, "verdict"), "no_data");
	assert_string_equal(text_of(json_object_get(tree, "asked"), "p"), "reject");
	assert_string_equal(text_of(json_object_get(tree, "asked"), "t"), "n");
	assert_string_equal(text_of(json_object_get(tree, "published"), "p"), "quarantine");
	assert_true(json_is_false(json_object_get(tree, "what_if")));
	assert_int_equal(number_of(tree, "own_messages"), 220);
	assert_int_equal(number_of(tree, "own_lost"), 16);
	assert_int_equal(number_of(tree, "forwarded"), 12);
	assert_int_equal(number_of(tree, "forwarded_lost"), 12);
	assert_int_equal(number_of(tree, "review_sources"), 1);
	assert_int_equal(number_of(tree, "review_large"), 0);
	assert_int_equal(number_of(tree, "days"), 2);
	assert_int_equal(number_of(tree, "window_days"), 30);
	assert_int_equal(number_of(tree, "reporters"), 2);
	assert_true(json_is_null(json_object_get(tree, "unchanged_days")));
	assert_string_equal(text_of(tree, "policy_last_seen"), "2026-11-22");
	assert_string_equal(text_of(tree, "step"), "quarantine");
	assert_string_equal(text_of(tree, "next_step"), "reject_test");
	assert_string_equal(text_of(tree, "next_tags"), "p=reject; t=y");
	assert_true(json_is_null(json_object_get(tree, "record")));
	assert_string_equal(text_of(row_of(checks, "check", "days"), "state"), "unmet");
	assert_string_equal(text_of(row_of(checks, "check", "reporters"), "state"), "met");
	assert_null(text_of(row_of(checks, "check", "unchanged"), "state"));
	assert_int_equal(number_of(row_of(outcome, "class", "unauthorized"), "lost"), 73);
	json_decref(tree);
}

static void
what_would_be_lost_is_told_by_sender(void **state)
{
	json_t *tree = house_json(*state, PAGE ".json");
	const json_t *data = json_object_get(tree, "data");
	const json_t *first = json_array_get(data, 0);

	assert_int_equal(json_array_size(data), 2);
	assert_string_equal(text_of(first, "class"), "fix");
	assert_int_equal(number_of(first, "lost"), 15);
	assert_int_equal(number_of(first, "messages"), 20);
	assert_non_null(text_of(first, "fix"));
	assert_int_equal(number_of(json_array_get(data, 1), "lost"), 1);
	json_decref(tree);
	g_autofree char *csv = house_page(*state, PAGE ".csv");
	expect_has(csv, "sender,sender_name,source_ip,class,messages,lost,fix\r\n");
	expect_has(csv, ",fix,20,15,");
}

static void
the_page_says_it_in_words(void **state)
{
	g_autofree char *body = house_page(*state, PAGE);

	expect_has(body, "<h1>Is it safe to move hinoki.example to p=reject? Nobody can tell yet: "
			 "the reports are too few.</h1>");
	expect_has(body, "Receivers saw <b>p=quarantine; adkim=r; aspf=r</b>");
	expect_has(body, "16 (7.3 %)");
	expect_has(body, "<b>quarantine</b>: you are here");
	expect_has(body, "For the next step set <b>p=reject; t=y</b>");
	expect_has(body, "<select name=\"adkim\">");
	expect_not(body, "<textarea");
	expect_not(body, "{");
}

static void
a_what_if_is_worked_out(void **state)
{
	json_t *none = house_json(*state, PAGE ".json?p=none");
	json_t *strict = house_json(*state, PAGE ".json?adkim=s&aspf=S&p=&t=n");
	const json_t *outcome = json_object_get(none, "outcome");
	g_autofree char *body = house_page(*state, PAGE "?adkim=s&sp=none");

	assert_int_equal(number_of(none, "own_lost"), 0);
	assert_int_equal(json_array_size(json_object_get(none, "data")), 0);
	assert_int_equal(number_of(row_of(outcome, "class", "unauthorized"), "newly_safe"), 73);
	assert_true(number_of(strict, "own_lost") >= 16);
	assert_true(json_is_true(json_object_get(strict, "what_if")));
	assert_string_equal(text_of(json_object_get(strict, "asked"), "p"), "quarantine");
	assert_string_equal(text_of(strict, "next_tags"), "p=reject; t=y");
	expect_has(body, "<h1>What if hinoki.example had p=quarantine; sp=none; adkim=s?");
	expect_has(body, "<option value=\"s\" selected>strict</option>");
	expect_has(body, "Back to the next step");
	json_decref(none);
	json_decref(strict);
}

static void
a_policy_that_is_none_is_400(void **state)
{
	static const char *const targets[] = {
		PAGE "?p=evil",
		PAGE "?t=maybe",
		PAGE ".json?adkim=strict",
		PAGE "?np=%3Cb%3E",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		guint status;
		g_autofree char *body = house_get(*state, targets[i], &status);
		assert_int_equal(status, 400);
		expect_not(body, "<b>\"");
	}
}

static void
a_domain_without_reports_is_404(void **state)
{
	guint status;
	g_autofree char *body = house_get(*state, "/domains/absent.example/readiness", &status);

	assert_int_equal(status, 404);
	expect_has(body, "No report came for absent.example.");
}

static void
the_record_is_written_once_it_is_known_where_reports_go(void **state)
{
	json_t *tree = house_json(*state, PAGE ".json?rua=dmarc@hinoki.example");
	g_autofree char *body = house_page(*state, PAGE "?rua=mailto:a@b.example");
	g_autofree char *hostile = house_page(*state, PAGE "?rua=mailto:a@b.example%22%3Bp=none");

	assert_string_equal(text_of(tree, "record"),
			    "_dmarc.hinoki.example. 3600 IN TXT \"v=DMARC1; p=reject; t=y; "
			    "rua=mailto:dmarc@hinoki.example\"");
	json_decref(tree);
	expect_has(body, "rua=mailto:a@b.example&quot;</textarea>");
	expect_not(hostile, "<textarea");
	expect_has(hostile, "That cannot stand in a record.");
}

static void
the_list_of_domains_has_the_verdicts(void **state)
{
	json_t *tree = house_json(*state, "/domains.json");
	const json_t *data = json_object_get(tree, "data");
	g_autofree char *list = house_page(*state, "/domains");
	g_autofree char *overview = house_page(*state, "/");
	g_autofree char *domain = house_page(*state, "/domains/hinoki.example");

	assert_string_equal(text_of(row_of(data, "domain", "hinoki.example"), "readiness"),
			    "no_data");
	json_decref(tree);
	expect_has(list, "<a href=\"" PAGE "\">Not enough data</a>");
	expect_has(overview, "<a href=\"" PAGE "\">Not enough data</a>");
	expect_has(domain, "<a href=\"" PAGE "\">Not enough data</a>");
}

/* --- A domain with a month of reports --- */

static const struct sender *
find_sender(gpointer data, const char *id)
{
	static const struct sender sender = {
		.id = "desk.example",
		.name = "Ticket <desk>",
		.fix = "Set up DKIM at the desk.",
	};

	(void)data;
	return g_str_equal(id, sender.id) ? &sender : NULL;
}

/* 1,000 good messages a day, and bad ones of a service that passes half of the time. */
static struct document *
one_day(gint64 day, gint64 bad)
{
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, day);
	struct make *make = make_start(&(struct make_report){
		.domain = "month.example",
		.reporter = day % 2 ? "one.example" : "two.example",
		.report_id = id,
		.p = day < HOUSE_DAY - 40 ? "none" : "quarantine",
		.day = day,
	});

	make_record(make, &(struct make_record){
				  .ip = "192.0.2.10",
				  .count = 1000,
				  .dkim = ALIGNED_PASS,
				  .spf = ALIGNED_PASS,
				  .auth = "dkim pass month.example s1; spf pass month.example",
			  });
	if (bad > 0) {
		make_record(make, &(struct make_record){
					  .ip = "192.0.2.30",
					  .count = bad * 2,
					  .dkim = ALIGNED_PASS,
					  .spf = ALIGNED_FAIL,
					  .auth = "dkim pass month.example d1; dkim pass "
						  "desk.example d; spf pass desk.example",
				  });
		make_record(make, &(struct make_record){
					  .ip = "192.0.2.30",
					  .count = bad,
					  .dkim = ALIGNED_FAIL,
					  .spf = ALIGNED_FAIL,
					  .auth = "dkim pass desk.example d; spf pass desk.example",
				  });
	}
	return make_end(make);
}

static void
fill_month(void **state, gint64 bad)
{
	house_open_empty(state);
	struct house *house = *state;

	house->hooks.find_sender = find_sender;
	for (gint64 day = HOUSE_DAY - 45; day <= HOUSE_DAY; day++)
		house_submit(house, "x", one_day(day, bad), NULL, HOUSE_DAY * (gint64)DAY_S);
	assert_true(store_flush(house->store, NULL));
}

static void
a_month_without_losses_is_ready(void **state)
{
	fill_month(state, 0);
	json_t *tree = house_json(*state, "/domains/month.example/readiness.json");
	g_autofree char *body = house_page(*state, "/domains/month.example/readiness");

	assert_string_equal(text_of(tree, "verdict"), "ready");
	assert_int_equal(number_of(tree, "unchanged_days"), 40);
	assert_int_equal(number_of(tree, "days"), 30);
	assert_int_equal(number_of(tree, "own_messages"), 30000);
	json_decref(tree);
	expect_has(body, "Yes: 0 of 30,000 messages of yours would be lost.");
	expect_has(body, "No sender of yours would lose mail.");
	expect_has(body, "40 days, since 2026-10-13");
	expect_has(body, "30 days to 2026-11-22");
	house_close(state);
}

static void
a_service_that_loses_mail_is_named_with_its_fix(void **state)
{
	fill_month(state, 20);
	json_t *tree = house_json(*state, "/domains/month.example/readiness.json");
	g_autofree char *body = house_page(*state, "/domains/month.example/readiness");
	const json_t *row = json_array_get(json_object_get(tree, "data"), 0);

	assert_string_equal(text_of(tree, "verdict"), "nearly");
	assert_int_equal(number_of(tree, "open_senders"), 1);
	assert_int_equal(number_of(tree, "own_lost"), 600);
	assert_int_equal(number_of(tree, "left_lost"), 0);
	assert_string_equal(text_of(row, "sender"), "desk.example");
	assert_string_equal(text_of(row, "sender_name"), "Ticket <desk>");
	assert_string_equal(text_of(row, "fix"), "Set up DKIM at the desk.");
	json_decref(tree);
	expect_has(body, "p=reject? Nearly: 1 of your senders would lose mail.</h1>");
	expect_has(body, "Fix 1 sender, and 0 of 31,800 messages remain at risk");
	expect_has(body, "Ticket &lt;desk&gt;");
	house_close(state);
}

int
main(void)
{
	const struct CMUnitTest house[] = {
		cmocka_unit_test(the_next_step_is_asked_about),
		cmocka_unit_test(what_would_be_lost_is_told_by_sender),
		cmocka_unit_test(the_page_says_it_in_words),
		cmocka_unit_test(a_what_if_is_worked_out),
		cmocka_unit_test(a_policy_that_is_none_is_400),
		cmocka_unit_test(a_domain_without_reports_is_404),
		cmocka_unit_test(the_record_is_written_once_it_is_known_where_reports_go),
		cmocka_unit_test(the_list_of_domains_has_the_verdicts),
	};
	const struct CMUnitTest month[] = {
		cmocka_unit_test(a_month_without_losses_is_ready),
		cmocka_unit_test(a_service_that_loses_mail_is_named_with_its_fix),
	};

	int failed = cmocka_run_group_tests(house, house_open, house_close);
	return failed + cmocka_run_group_tests(month, NULL, NULL);
}
