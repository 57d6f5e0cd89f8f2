/* SPDX-License-Identifier: MIT */
/* The pages of failure reports, complaints, bounces and TLS reports, and who sees what on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/house.h"
#include "tests/support/kind_make.h"
#include "tests/support/members.h"
#include "tests/support/store_make.h"

#define SECRET "kei.sample"
#define SENT   (HOUSE_DAY * (gint64)DAY_S + 100)

static int
open_house(void **state)
{
	const gint64 noon = HOUSE_DAY * (gint64)DAY_S;
	const struct make_feedback failures[] = {
		{ .incidents = 4,
		  .ip = "203.0.113.45",
		  .recipient = SECRET "@next.example",
		  .headers = "To: " SECRET "@next.example\nSubject: <b>Order</b>",
		  .arrived_at = noon - DAY_S },
		{ .message_id = "<m2@bad.example>",
		  .domain = "other.example",
		  .ip = "192.0.2.99",
		  .reporter = HOUSE_HOSTILE,
		  .arrived_at = noon },
		{ .kind = DOCUMENT_COMPLAINT, .arrived_at = noon },
	};
	const struct make_bounce bounce = { .recipient = SECRET "@next.example",
					    .arrived_at = noon };
	const struct make_tls tls = {
		.day = HOUSE_DAY, .success = 1234, .failure = 6, .result = "certificate-expired"
	};
	const struct make_tls blind = {
		.report_id = "t-2", .day = HOUSE_DAY, .success = -1, .failure = -1
	};

	house_open(state);
	struct house *house = *state;
	struct document *first = make_feedback(&failures[0]);
	first->carrier.authenticated = AUTHENTICATED_YES;
	first->carrier.auth_domain = "host.example";
	house_submit(house, "f1", first, NULL, SENT);
	house_submit(house, "f2", make_feedback(&failures[1]), "line 7: not XML", SENT);
	house_submit(house, "c1", make_feedback(&failures[2]), NULL, SENT);
	house_submit(house, "b1", make_bounce(&bounce), NULL, SENT);
	house_submit(house, "t1", make_tls(&tls), NULL, SENT);
	house_submit(house, "t2", make_tls(&blind), NULL, SENT);
	return store_flush(house->store, NULL) ? 0 : -1;
}

static const json_t *
row(const json_t *tree, gsize i)
{
	return json_array_get(json_object_get(tree, "data"), i);
}

static void
expect(void **state, const char *target, const char *part, gboolean is_there)
{
	g_autofree char *body = house_page(*state, target);

	if ((strstr(body, part) != NULL) != is_there)
		fail_msg("\"%s\" is %s in %s:\n%s", part, is_there ? "not" : "", target, body);
}

static gint64
first_id(void **state, const char *target)
{
	json_t *tree = house_json(*state, target);
	gint64 id = number_of(row(tree, 0), "id");

	json_decref(tree);
	return id;
}

static char *
page_of(const char *list, gint64 id, const char *suffix)
{
	return g_strdup_printf("/%s/%" G_GINT64_FORMAT "%s", list, id, suffix);
}

static void
failures_are_listed_newest_first(void **state)
{
	json_t *tree = house_json(*state, "/failures.json");

	assert_int_equal(number_of(tree, "documents"), 2);
	assert_int_equal(number_of(tree, "incidents"), 5);
	assert_string_equal(text_of(row(tree, 0), "domain"), "other.example");
	assert_string_equal(text_of(row(tree, 1), "source_ip"), "203.0.113.45");
	assert_string_equal(text_of(row(tree, 1), "authenticated"), "yes");
	assert_string_equal(text_of(row(tree, 1), "auth_domain"), "host.example");
	assert_int_equal(number_of(row(tree, 1), "counts_as"), 4);
	assert_true(json_is_null(json_object_get(row(tree, 0), "incidents")));
	assert_string_equal(text_of(row(tree, 1), "original_subject"), "Your order");
	json_decref(tree);
	expect(state, "/failures", "<h1>2 failure samples</h1>", TRUE);
	/* A page about the source is there for one of the two. */
	expect(state, "/failures", "href=\"/sources/203.0.113.45\"", TRUE);
	expect(state, "/failures", "href=\"/sources/192.0.2.99\"", FALSE);
	expect(state, "/failures", "<script>alert", FALSE);
	expect(state, "/failures.csv", "\n2,", TRUE);
	expect(state, "/failures.csv", SECRET, FALSE);
}

static void
failures_are_found_by_domain_and_source(void **state)
{
	guint status;
	json_t *by_domain = house_json(*state, "/failures.json?domain=other.example");
	json_t *by_source = house_json(*state, "/failures.json?source=203.0.113.45&period=7d");
	json_t *source = house_json(*state, "/sources/203.0.113.45.json");
	g_autofree char *wrong = house_get(*state, "/failures?source=nonsense", &status);

	assert_int_equal(number_of(by_domain, "documents"), 1);
	assert_int_equal(number_of(by_source, "documents"), 1);
	assert_int_equal(number_of(source, "failure_samples"), 1);
	assert_int_equal(status, 400);
	json_decref(by_domain);
	json_decref(by_source);
	json_decref(source);
	expect(state, "/sources/203.0.113.45", "/failures?source=203.0.113.45", TRUE);
	expect(state, "/failures?domain=nothing.example", "None fits", TRUE);
}

static void
a_failure_shows_its_header_fields_with_tokens(void **state)
{
	gint64 id = first_id(state, "/failures.json?source=203.0.113.45");
	g_autofree char *page = page_of("failures", id, "");
	g_autofree char *twin = page_of("failures", id, ".json");
	json_t *tree = house_json(*state, twin);

	assert_true(g_str_has_prefix(text_of(tree, "original_headers"), "To: rcpt-"));
	assert_string_equal(text_of(tree, "recipient_data"), "tokens");
	assert_string_equal(text_of(tree, "identity_alignment"), "none");
	json_decref(tree);
	expect(state, page, "&lt;b&gt;Order&lt;/b&gt;", TRUE);
	expect(state, page, "RFC 9991", TRUE);
	expect(state, page, "yes, as host.example", TRUE);
	expect(state, page, SECRET, FALSE);
}

static void
what_is_not_there_is_said_to_be_so(void **state)
{
	static const char *const targets[] = { "/failures/99", "/complaints/1", "/bounces/99",
					       "/tls/99" };
	guint status;

	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *body = house_get(*state, targets[i], &status);
		assert_int_equal(status, 404);
	}
	g_autofree char *body = house_get(*state, "/failures/x", &status);
	assert_int_equal(status, 400);
}

static void
complaints_and_bounces_have_their_lists(void **state)
{
	json_t *complaints = house_json(*state, "/complaints.json");
	json_t *bounces = house_json(*state, "/bounces.json");
	g_autofree char *complaint = page_of("complaints", number_of(row(complaints, 0), "id"), "");
	g_autofree char *bounce = page_of("bounces", number_of(row(bounces, 0), "id"), "");

	assert_int_equal(number_of(complaints, "documents"), 1);
	assert_string_equal(text_of(row(complaints, 0), "feedback_type"), "abuse");
	assert_string_equal(text_of(row(bounces, 0), "status"), "5.1.1");
	assert_int_equal(number_of(row(bounces, 0), "n_recipients"), 1);
	assert_true(g_str_has_prefix(text_of(row(bounces, 0), "final_recipient"), "rcpt-"));
	json_decref(complaints);
	json_decref(bounces);
	expect(state, complaint, "passed on a complaint", TRUE);
	expect(state, bounce, "smtp; 550 no such user", TRUE);
	expect(state, bounce, SECRET, FALSE);
}

static void
tls_sessions_are_counted_and_unknown_is_not_zero(void **state)
{
	json_t *tree = house_json(*state, "/tls.json");
	const json_t *result = json_array_get(json_object_get(tree, "results"), 0);
	g_autofree char *page = page_of("tls", number_of(row(tree, 1), "id"), "");
	g_autofree char *raw = page_of("tls", number_of(row(tree, 1), "id"), "?raw=yes");

	assert_int_equal(number_of(tree, "success"), 1234);
	assert_int_equal(number_of(tree, "failure"), 6);
	assert_int_equal(number_of(tree, "without_counts"), 1);
	assert_true(json_is_null(json_object_get(row(tree, 0), "success")));
	assert_string_equal(text_of(result, "result"), "certificate-expired");
	assert_int_equal(number_of(result, "sessions"), 6);
	json_decref(tree);
	expect(state, "/tls", "<h1>6 of 1,240 sessions failed</h1>", TRUE);
	expect(state, page, "certificate-expired", TRUE);
	expect(state, raw, "{}", TRUE);
}

static void
the_status_page_adds_up(void **state)
{
	json_t *tree = house_json(*state, "/status.json");
	const json_t *arrivals = json_object_get(tree, "arrivals");
	const json_t *causes = json_object_get(tree, "causes");
	gint64 sum = 0;
	static const char *const outcomes[] = { "stored",  "revision",    "duplicate",
						"ignored", "quarantined", "waiting" };

	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++)
		sum += number_of(arrivals, outcomes[i]);
	assert_int_equal(number_of(tree, "mails"), sum);
	assert_int_equal(sum, 13);
	assert_int_equal(json_array_size(causes), 3);
	assert_int_equal(json_array_size(json_object_get(row(tree, 4), "parts")), 2);
	json_decref(tree);
	expect(state, "/status", "13 in = 9 stored + 1 revisions", TRUE);
	expect(state, "/status", "line #: not XML", TRUE);
	expect(state, "/status", "<a href=\"/complaints\">", TRUE);
}

static void
a_report_says_whether_its_mail_was_authentic(void **state)
{
	json_t *tree = house_json(*state, "/reports/1.json");

	assert_string_equal(text_of(tree, "authenticated"), "unknown");
	json_decref(tree);
	expect(state, "/reports/1", "not known: no trusted server", TRUE);
}

static void
who_lacks_the_right_sees_numbers_alone(void **state)
{
	struct house *house = *state;
	gint64 failure = first_id(state, "/failures.json?source=203.0.113.45");
	gint64 bounce = first_id(state, "/bounces.json");
	gint64 kept = first_id(state, "/unreadable.json");
	g_autofree char *page = page_of("failures", failure, "");
	g_autofree char *twin = page_of("failures", failure, ".json");
	g_autofree char *bounce_twin = page_of("bounces", bounce, ".json");
	g_autofree char *raw = page_of("unreadable", kept, "");
	guint status;

	assert_true(store_edit_rights(house->store, "sato", 0, NULL));
	g_autofree char *refused = house_get(house, raw, &status);
	assert_int_equal(status, 403);
	json_t *tree = house_json(house, twin);
	json_t *bounced = house_json(house, bounce_twin);
	const json_t *recipient = json_array_get(json_object_get(bounced, "recipients"), 0);
	assert_string_equal(text_of(tree, "recipient_data"), "hidden");
	assert_true(json_is_null(json_object_get(tree, "original_headers")));
	assert_true(json_is_null(json_object_get(tree, "original_subject")));
	assert_true(json_is_null(json_object_get(tree, "original_rcpt_to")));
	assert_string_equal(text_of(tree, "source_ip"), "203.0.113.45");
	assert_true(json_is_null(json_object_get(recipient, "final_recipient")));
	assert_string_equal(text_of(recipient, "status"), "5.1.1");
	json_decref(tree);
	json_decref(bounced);
	expect(state, page, "Recipient data hidden (right ruf.read missing)", TRUE);
	expect(state, page, "Order", FALSE);
	expect(state, "/failures", "(hidden)", TRUE);
	expect(state, "/failures", "Your order", FALSE);
	expect(state, "/failures.csv", "Your order", FALSE);
	expect(state, "/bounces", "no such user", FALSE);
	expect(state, "/unreadable", "Raw mail", FALSE);
	assert_true(store_edit_rights(house->store, "sato", RIGHTS_ALL, NULL));
	expect(state, "/failures", "Your order", TRUE);
	assert_false(store_edit_rights(house->store, "nobody", RIGHTS_ALL, NULL));
}

static void
an_empty_list_says_why_and_what_to_do(void **state)
{
	void *empty;
	static const struct {
		const char *target;
		const char *part;
	} cases[] = {
		{ "/failures", "Most receivers never send them; this is normal." },
		{ "/complaints", "feedback loop" },
		{ "/bounces", "envelope sender" },
		{ "/tls", "_smtp._tls" },
	};

	(void)state;
	assert_int_equal(house_open_empty(&empty), 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(&empty, cases[i].target, cases[i].part, TRUE);
	house_close(&empty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_listed_newest_first),
		cmocka_unit_test(failures_are_found_by_domain_and_source),
		cmocka_unit_test(a_failure_shows_its_header_fields_with_tokens),
		cmocka_unit_test(what_is_not_there_is_said_to_be_so),
		cmocka_unit_test(complaints_and_bounces_have_their_lists),
		cmocka_unit_test(tls_sessions_are_counted_and_unknown_is_not_zero),
		cmocka_unit_test(the_status_page_adds_up),
		cmocka_unit_test(a_report_says_whether_its_mail_was_authentic),
		cmocka_unit_test(who_lacks_the_right_sees_numbers_alone),
		cmocka_unit_test(an_empty_list_says_why_and_what_to_do),
	};

	return cmocka_run_group_tests(tests, open_house, house_close);
}
