/* SPDX-License-Identifier: MIT */
/* Questions about failure reports, complaints, bounces and TLS reports, and their answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/error.h"
#include "store/query_documents.h"
#include "tests/support/kind_make.h"
#include "tests/support/store_place.h"

static const struct document_question all = {
	.kind = DOCUMENT_FAILURE,
	.scope = { NULL, WINDOW_ALL },
	.limit = 50,
};

static struct query_page *
ask(struct store_place *place, const struct document_question *question)
{
	g_autoptr(GError) error = NULL;
	struct query_page *page = query_documents(store_place_view(place), question, &error);

	if (!page)
		fail_msg("%s", error->message);
	return page;
}

static guint
count(struct store_place *place, const struct document_question *question)
{
	g_autoptr(query_page_auto) page = ask(place, question);
	struct query_document_totals totals;

	assert_true(query_document_totals(store_place_view(place), question, &totals, NULL));
	assert_int_equal(totals.documents, page->rows->len);
	return page->rows->len;
}

static void
a_document_is_as_it_was_but_for_its_recipients(void **state)
{
	struct store_place *place = *state;
	const struct make_feedback make = {
		.incidents = 3,
		.ip = "2001:db8::7",
		.recipient = "kei.sample@next.example",
		.headers = "To: kei.sample@next.example\nSubject: Hi",
	};
	struct document *made = make_feedback(&make);

	made->carrier.authenticated = AUTHENTICATED_YES;
	made->carrier.auth_domain = "host.example";
	document_warn(made, "odd", "what is this");
	store_place_submit(place, made);
	g_autoptr(query_page_auto) page = ask(place, &all);
	const struct query_document *row = g_ptr_array_index(page->rows, 0);
	const struct feedback *feedback = &row->document->feedback;
	struct ip ip;

	ip_parse("2001:db8::7", &ip);
	assert_string_equal(row->reporter, "host.example");
	assert_string_equal(row->domain, "shop.example");
	assert_int_equal(row->incidents, 3);
	assert_false(row->is_revision);
	assert_string_equal(row->intake, "drop");
	assert_int_equal(row->document->carrier.authenticated, AUTHENTICATED_YES);
	assert_string_equal(row->document->carrier.auth_domain, "host.example");
	assert_int_equal(row->document->warnings->len, 1);
	assert_true(ip_equal(&ip, &feedback->source_ip));
	assert_string_equal(feedback->original_message_id, "<m1@bad.example>");
	assert_true(feedback->arrived_at.is_known);
	assert_false(feedback->source_port.is_known);
	assert_true(feedback->original_present);
	assert_string_equal(g_ptr_array_index(feedback->reported_domain, 0), "shop.example");
	const char *recipient = g_ptr_array_index(feedback->original_rcpt_to, 0);
	assert_true(g_str_has_prefix(recipient, "rcpt-"));
	assert_true(g_str_has_suffix(recipient, "@next.example"));
	g_autofree char *to = g_strdup_printf("To: %s\nSubject: Hi", recipient);
	assert_string_equal(feedback->original_headers, to);

	g_autoptr(query_document_auto) one =
		query_document(store_place_view(place), DOCUMENT_FAILURE, row->id, NULL);
	assert_string_equal(one->document->feedback.original_headers, to);
	assert_null(query_document(store_place_view(place), DOCUMENT_BOUNCE, row->id, NULL));
	assert_null(query_document(store_place_view(place), DOCUMENT_FAILURE, 77, NULL));
}

static void
lists_are_found_by_domain_source_and_window(void **state)
{
	struct store_place *place = *state;
	gint64 now = PLACE_TODAY * DAY_S;
	const struct make_feedback makes[] = {
		{ .domain = "mail.shop.example", .arrived_at = now - 40 * DAY_S },
		{ .domain = "shop.example", .ip = "192.0.2.7", .arrived_at = now - 2 * DAY_S },
		{ .domain = "other.example", .ip = "192.0.2.7", .arrived_at = now - 3 * DAY_S },
		{ .domain = "other.example", .kind = DOCUMENT_COMPLAINT, .arrived_at = now },
	};
	struct ip ip;
	struct document_question question = all;

	/* Windows end at the last day with a report. */
	store_place_submit(place, make_document(&(struct make_report){ .day = PLACE_TODAY },
						&(struct make_record){ .count = 1 }));
	for (gsize i = 0; i < G_N_ELEMENTS(makes); i++)
		store_place_submit(place, make_feedback(&makes[i]));
	assert_int_equal(count(place, &question), 3);
	question.scope.domain = "shop.example";
	assert_int_equal(count(place, &question), 2);
	question.scope.domain = "mail.shop.example";
	assert_int_equal(count(place, &question), 1);
	question.scope.window = WINDOW_30D;
	assert_int_equal(count(place, &question), 0);
	question.scope.domain = NULL;
	assert_int_equal(count(place, &question), 2);
	question.scope.domain = "nobody.example";
	assert_int_equal(count(place, &question), 0);
	ip_parse("192.0.2.7", &ip);
	question = all;
	question.ip = &ip;
	assert_int_equal(count(place, &question), 2);
	question.scope.domain = "shop.example";
	assert_int_equal(count(place, &question), 1);
	question = all;
	question.kind = DOCUMENT_COMPLAINT;
	assert_int_equal(count(place, &question), 1);
}

static void
a_list_goes_on_where_it_ended(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	static const char *const domains[] = { NULL, "shop.example" };

	for (guint i = 0; i < 25; i++) {
		g_autofree char *id = g_strdup_printf("<%u@bad.example>", i);
		const struct make_feedback make = { .message_id = id,
						    .arrived_at = 1767225600 + i % 3 * DAY_S };
		store_place_submit(place, make_feedback(&make));
	}
	for (gsize d = 0; d < G_N_ELEMENTS(domains); d++) {
		struct document_question question = all;
		g_autofree char *after = NULL;
		g_hash_table_remove_all(seen);
		question.scope.domain = domains[d];
		question.limit = 7;
		do {
			question.after = after;
			g_autoptr(query_page_auto) page = ask(place, &question);
			for (guint i = 0; i < page->rows->len; i++) {
				const struct query_document *row = g_ptr_array_index(page->rows, i);
				assert_true(g_hash_table_add(seen, GINT_TO_POINTER(row->id)));
			}
			g_free(after);
			after = g_steal_pointer(&page->next);
		} while (after);
		assert_int_equal(g_hash_table_size(seen), 25);
	}
	g_autoptr(GError) error = NULL;
	struct document_question wrong = all;
	wrong.after = "nonsense";
	assert_null(query_documents(store_place_view(place), &wrong, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
}

static void
a_date_that_cannot_be_true_counts_on_the_day_of_its_mail(void **state)
{
	struct store_place *place = *state;
	const struct make_feedback future = { .arrived_at = G_GINT64_CONSTANT(253402300799) };
	const struct make_feedback none = { .arrived_at = -1, .message_id = "<2@bad.example>" };

	store_place_submit(place, make_feedback(&future));
	store_place_submit(place, make_feedback(&none));
	assert_int_equal(store_place_number(place, "SELECT min(day) FROM document"), PLACE_TODAY);
	assert_int_equal(store_place_number(place, "SELECT max(day) FROM document"), PLACE_TODAY);
}

static void
tls_sessions_are_summed_by_domain_and_result(void **state)
{
	struct store_place *place = *state;
	struct store_view *view = store_place_view(place);
	const struct make_tls makes[] = {
		{ .report_id = "1",
		  .success = 100,
		  .failure = 4,
		  .result = "starttls-not-supported" },
		{ .report_id = "2",
		  .success = 50,
		  .failure = 2,
		  .result = "starttls-not-supported" },
		{ .report_id = "3", .domain = "other.example", .success = 7, .failure = -1 },
	};
	const struct scope everywhere = { NULL, WINDOW_ALL };
	const struct scope shop = { "shop.example", WINDOW_ALL };
	struct query_tls_totals totals;

	for (gsize i = 0; i < G_N_ELEMENTS(makes); i++)
		store_place_submit(place, make_tls(&makes[i]));
	assert_true(query_tls_totals(view, &everywhere, &totals, NULL));
	assert_int_equal(totals.policies, 3);
	assert_int_equal(totals.success, 157);
	assert_int_equal(totals.failure, 6);
	assert_int_equal(totals.without_counts, 1);
	assert_true(query_tls_totals(view, &shop, &totals, NULL));
	assert_int_equal(totals.success, 150);

	g_autoptr(GPtrArray) results = query_tls_results(view, &everywhere, NULL);
	assert_int_equal(results->len, 1);
	const struct query_tls_result *result = g_ptr_array_index(results, 0);
	assert_string_equal(result->result, "starttls-not-supported");
	assert_string_equal(result->mx, "mx1.shop.example");
	assert_int_equal(result->sessions, 6);
	assert_int_equal(result->details, 2);

	struct tls_question question = { everywhere, NULL, 2 };
	g_autoptr(query_page_auto) page = query_tls_policies(view, &question, NULL);
	assert_int_equal(page->rows->len, 2);
	const struct query_tls_policy *newest = g_ptr_array_index(page->rows, 0);
	assert_string_equal(newest->domain, "other.example");
	assert_string_equal(newest->org_name, "Mail Host");
	assert_string_equal(newest->report_id, "3");
	assert_false(newest->failure.is_known);
	assert_string_equal(newest->results, "");
	const struct query_tls_policy *second = g_ptr_array_index(page->rows, 1);
	assert_string_equal(second->results, "starttls-not-supported 2");
	question.after = page->next;
	g_autoptr(query_page_auto) rest = query_tls_policies(view, &question, NULL);
	assert_int_equal(rest->rows->len, 1);
	assert_null(rest->next);

	g_autoptr(GBytes) raw = query_document_raw(view, newest->document, NULL);
	assert_int_equal(g_bytes_get_size(raw), 2);
}

static void
reasons_are_listed_with_their_counts(void **state)
{
	struct store_place *place = *state;

	for (guint i = 0; i < 3; i++) {
		struct parsed *parsed = parsed_new();
		g_autofree char *bytes = g_strdup_printf("%u", i);
		parsed_add_fault(parsed, FAULT_LIMIT, g_strdup("part 1"),
				 g_strdup_printf("%u entries", i));
		store_place_submit_parsed(place, parsed, bytes, NULL);
	}
	g_autoptr(GPtrArray) causes = query_causes(store_place_view(place), 10, NULL);
	assert_int_equal(causes->len, 1);
	const struct query_cause *cause = g_ptr_array_index(causes, 0);
	assert_string_equal(cause->code, FAULT_LIMIT);
	assert_string_equal(cause->pattern, "part #: # entries");
	assert_int_equal(cause->arrivals, 3);
	assert_int_equal(cause->outcome, OUTCOME_QUARANTINED);
	g_autoptr(query_page_auto) page = query_arrivals(store_place_view(place), NULL, 10, NULL);
	const struct query_arrival *arrival = g_ptr_array_index(page->rows, 0);
	assert_string_equal(arrival->code, FAULT_LIMIT);
	assert_int_equal(arrival->parts->len, 1);
	const struct query_part *part = g_ptr_array_index(arrival->parts, 0);
	assert_string_equal(part->part, "part 1");
	assert_false(part->is_document);
}

static void
order_and_repetition_change_no_table(void **state)
{
	struct store_place *place = *state;
	const struct make_feedback makes[] = {
		{ .incidents = 2 },
		{ .message_id = "<2@bad.example>", .domain = "a.shop.example" },
		{ .kind = DOCUMENT_COMPLAINT, .ip = "192.0.2.1" },
	};
	const gsize n = G_N_ELEMENTS(makes);

	for (gsize i = 0; i < n; i++)
		store_place_submit(place, make_feedback(&makes[i]));
	store_place_submit(place, make_tls(&(struct make_tls){ .success = 3 }));
	g_autofree char *forward = store_place_dump(place);
	void *other_state;
	assert_int_equal(store_place_open(&other_state), 0);
	struct store_place *other = other_state;
	store_place_submit(other, make_tls(&(struct make_tls){ .success = 3 }));
	for (gsize i = n; i-- > 0;)
		store_place_submit(other, make_feedback(&makes[i]));
	for (gsize i = 0; i < n; i++)
		store_place_submit(other, make_feedback(&makes[i]));
	g_autofree char *backward = store_place_dump(other);
	store_place_close(&other_state);
	assert_string_equal(forward, backward);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_document_is_as_it_was_but_for_its_recipients),
		TEST(lists_are_found_by_domain_source_and_window),
		TEST(a_list_goes_on_where_it_ended),
		TEST(a_date_that_cannot_be_true_counts_on_the_day_of_its_mail),
		TEST(tls_sessions_are_summed_by_domain_and_result),
		TEST(reasons_are_listed_with_their_counts),
		TEST(order_and_repetition_change_no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
