/* SPDX-License-Identifier: MIT */
/* Pages that explain whose a source is: verdicts, scores, what speaks against them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/export.h"
#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"
#include "web/verdict.h"

/* --- One source --- */

static void
a_source_shows_the_sum_of_its_score_line_by_line(void **state)
{
	json_t *tree = house_json(*state, "/sources/203.0.113.45.json");
	json_t *row = row_of(json_object_get(tree, "domains"), "domain", "hinoki.example");
	json_t *scores = json_object_get(row, "scores");
	json_t *counted = json_object_get(scores, "counted");
	json_t *terms = json_object_get(counted, "terms");
	gint64 sum = 0;
	size_t i;
	json_t *term;

	json_array_foreach(terms, i, term)
	{
		sum += number_of(term, "points");
	}
	assert_string_equal(text_of(row, "rule"), "R8");
	assert_int_equal(number_of(row, "score"), 88);
	assert_int_equal(number_of(row, "score_limit"), 60);
	assert_int_equal(number_of(counted, "value"), 88);
	assert_int_equal(sum, 88);
	assert_int_equal(number_of(row_of(terms, "term", "bare"), "points"), 25);
	assert_int_equal(number_of(row_of(terms, "term", "multi"), "points"), 10);
	json_decref(tree);
}

static void
a_source_has_a_verdict_for_each_domain(void **state)
{
	g_autofree char *body = house_page(*state, "/sources/203.0.113.45");

	expect_has(body, "<h2>Why: score 88 of 100</h2>");
	expect_has(body, "shop.example: score 63 of 100</h2>");
	expect_has(body, "<td class=\"n\">+25</td><th scope=\"row\">no authentication</th>");
	expect_has(body, "60 or more is spoofing, rule R8");
	expect_has(body, "<b>Against:</b> Nothing.");
	expect_has(body, "<b>What would change it:</b> Forwarding, if a receiver reports");
	expect_not(body, "{");
}

static void
reasons_are_told_to_programs_by_key_and_number(void **state)
{
	json_t *tree = house_json(*state, "/sources/203.0.113.45.json");
	json_t *row = row_of(json_object_get(tree, "domains"), "domain", "hinoki.example");
	json_t *bare = row_of(json_object_get(row, "because"), "key", "because.bare");
	json_t *nosig = row_of(json_object_get(row, "because"), "key", "because.nosig");
	json_t *share = json_object_get(json_object_get(nosig, "numbers"), "signed");
	json_t *facts = json_object_get(row, "facts");

	assert_int_equal(number_of(json_object_get(bare, "numbers"), "n"), 60);
	assert_string_equal(text_of(bare, "text"),
			    "60 of 60 had no valid SPF or DKIM result for any domain.");
	assert_int_equal(number_of(share, "part"), 199);
	assert_int_equal(number_of(share, "whole"), 204);
	row_of(json_object_get(row, "against"), "key", "against.none");
	row_of(json_object_get(row, "would_change"), "key", "change.override");
	assert_int_equal(number_of(json_object_get(facts, "counted"), "bare"), 60);
	assert_int_equal(number_of(facts, "counted_reporters"), 2);
	/* Nobody looked it up. */
	assert_true(json_is_null(json_object_get(facts, "blocklist_operators")));
	assert_true(json_is_null(json_object_get(facts, "in_own_spf")));
	json_decref(tree);
}

static void
a_source_of_yours_is_told_what_to_do(void **state)
{
	g_autofree char *fix = house_page(*state, "/sources/192.0.2.20");
	g_autofree char *forwarder = house_page(*state, "/sources/198.51.100.7");

	expect_has(fix, "<b>Fix:</b> Sign with DKIM for hinoki.example");
	expect_not(fix, "Points");
	expect_not(fix, "Do not add this address to your SPF record");
	expect_has(forwarder, "Do not add this address to your SPF record");
	expect_not(forwarder, "<b>Fix:</b>");
}

static void
a_reporter_tells_whether_its_mail_was_authenticated(void **state)
{
	json_t *tree = house_json(*state, "/sources/203.0.113.45.json");
	json_t *reporter =
		row_of(json_object_get(tree, "reporters"), "reporter", "bigmail.example");

	assert_string_equal(text_of(reporter, "authenticated"), "unknown");
	assert_int_equal(number_of(reporter, "counted_messages"), 20);
	json_decref(tree);
}

/* --- Senders and networks --- */

static void
senders_are_listed_by_class(void **state)
{
	json_t *tree = house_json(*state, "/senders.json");
	json_t *data = json_object_get(tree, "data");
	json_t *own = row_of(data, "class", "authorized");
	json_t *spoof = row_of(data, "class", "unauthorized");

	assert_string_equal(text_of(json_array_get(data, 0), "class"), "fix");
	assert_string_equal(text_of(own, "sender"), "hinoki.example");
	assert_int_equal(number_of(own, "messages"), 200);
	assert_int_equal(number_of(own, "addresses"), 1);
	assert_true(json_is_null(json_object_get(spoof, "sender")));
	assert_int_equal(number_of(spoof, "addresses"), 3);
	assert_int_equal(number_of(spoof, "messages"), 83);
	json_decref(tree);
}

static void
a_sender_has_its_addresses_domains_and_selectors(void **state)
{
	json_t *tree = house_json(*state, "/senders/hinoki.example.json");
	g_autofree char *body = house_page(*state, "/senders/hinoki.example");
	guint status;
	g_autofree char *absent = house_get(*state, "/senders/nobody.example", &status);

	assert_int_equal(status, 404);
	row_of(json_object_get(tree, "data"), "source_ip", "192.0.2.10");
	row_of(json_object_get(tree, "classes"), "class", "authorized");
	row_of(json_object_get(tree, "domains"), "domain", "hinoki.example");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(tree, "selectors"), 0)),
		"s1._domainkey.hinoki.example");
	expect_has(body, "hinoki.example sends from ");
	expect_has(body, "<a href=\"/sources/192.0.2.10\">");
	json_decref(tree);
}

/* The frame has members of its own, which a template finds where a group has none of that name. */
static void
a_class_that_is_shown_whole_offers_no_more(void **state)
{
	static const char *const pages[] = { "/senders", "/networks", "/networks?by=as" };

	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autofree char *body = house_page(*state, pages[i]);
		expect_not(body, "Show all of this class");
	}
}

static void
networks_are_listed_and_shown(void **state)
{
	json_t *list = house_json(*state, "/networks.json?class=unauthorized");
	json_t *row = row_of(json_object_get(list, "data"), "network", "203.0.113.0/24");
	json_t *six = row_of(json_object_get(list, "data"), "network", "2001:db8:7::/48");
	json_t *one = house_json(*state, "/networks/203.0.113.99.json");
	g_autofree char *spoofers = house_page(*state, "/networks?class=unauthorized");
	g_autofree char *body = house_page(*state, "/networks/192.0.2.0");
	g_autofree char *none = house_page(*state, "/networks/198.18.0.0");

	assert_int_equal(number_of(row, "messages"), 70);
	assert_int_equal(number_of(row, "addresses"), 1);
	assert_int_equal(number_of(row, "sources"), 2);
	assert_int_equal(number_of(row, "highest_score"), 88);
	assert_int_equal(number_of(six, "messages"), 6);
	assert_string_equal(text_of(one, "network"), "203.0.113.0/24");
	assert_int_equal(json_array_size(json_object_get(one, "data")), 2);
	expect_has(spoofers, "<a href=\"/networks/203.0.113.0\">203.0.113.0/24</a>");
	expect_has(body, "<h1>2 addresses of 192.0.2.0/24 send in your name.</h1>");
	expect_has(none, "No mail came from 198.18.0.0/24 in this period.");
	/* Nothing tells where addresses are: all are one row, and the page says why. */
	g_autofree char *by_as = house_page(*state, "/networks?by=as&class=fix");
	expect_has(by_as, "geo_databases, which is not configured");
	expect_has(by_as, "</svg>AS not known</th>");
	expect_has(by_as, "<a href=\"/networks?by=as\">");
	json_decref(list);
	json_decref(one);
}

static void
sources_are_grouped_by_what_was_asked_for(void **state)
{
	static const char *const targets[][2] = {
		{ "/sources?group=sender&period=7d", "/senders?period=7d" },
		{ "/sources.json?group=network", "/networks.json" },
		{ "/senders?group=source&class=fix", "/sources?class=fix" },
		{ "/networks?group=network", NULL },
		{ "/networks.csv?group=as&period=7d", "/networks.csv?period=7d&by=as" },
		{ "/networks?by=as&group=as", NULL },
		{ "/networks?by=as&class=fix&group=network", "/networks?class=fix" },
	};
	guint status;
	g_autofree char *wrong = house_get(*state, "/sources?group=colour", &status);

	assert_int_equal(status, 400);
	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *location = house_location(*state, targets[i][0], NULL);
		if (g_strcmp0(location, targets[i][1]) != 0)
			fail_msg("%s leads to %s", targets[i][0], location);
	}
}

/* --- Export --- */

static json_t *
export_of(struct house *house, const char *name)
{
	const struct weights weights = house->site->context.weights;
	struct export export = {
		.store = house->store,
		.view = house->view,
		.weights = &weights,
		.allow_documentation = TRUE,
	};
	g_autoptr(GError) error = NULL;

	for (gsize i = 0; i < n_export_kinds; i++) {
		if (!g_str_equal(export_kinds[i].name, name))
			continue;
		json_t *root = export_rows(&export, &export_kinds[i], NULL, &error);
		if (!root)
			fail_msg("%s", error->message);
		return root;
	}
	fail_msg("%s are not exported", name);
	return NULL;
}

static void
an_exported_address_has_the_verdict_that_says_most(void **state)
{
	json_t *root = export_of(*state, "sources");
	json_t *data = json_object_get(root, "data");
	json_t *spoof = row_of(data, "source_ip", "203.0.113.45");
	json_t *own = row_of(data, "source_ip", "192.0.2.10");

	assert_int_equal(json_array_size(json_object_get(spoof, "domain")), 2);
	assert_int_equal(number_of(spoof, "messages"), 70);
	assert_string_equal(text_of(spoof, "class"), "unauthorized");
	assert_string_equal(text_of(spoof, "rule"), "R8");
	/* That of the domain with the highest one. */
	assert_int_equal(number_of(spoof, "score"), 88);
	expect_has(text_of(spoof, "why"),
		   "60 failing messages in 2 days claimed to be from hinoki");
	assert_true(json_is_null(json_object_get(spoof, "asn")));
	assert_string_equal(text_of(own, "class"), "authorized");
	assert_string_equal(text_of(own, "sender"), "hinoki.example");
	assert_true(json_is_null(json_object_get(own, "score")));
	json_decref(root);
}

static void
an_exported_spoofer_is_judged_as_the_page_judges_it(void **state)
{
	struct house *house = *state;
	const struct weights before = house->site->context.weights;

	/* What explains the verdict is another term than by default. */
	house->site->context.weights.bare = 0;
	json_t *root = export_of(house, "takedown");
	json_t *page = house_json(*state, "/takedown.json");
	json_t *data = json_object_get(page, "data");
	json_t *row;
	size_t i;

	assert_int_equal(json_array_size(data), 2);
	json_array_foreach(json_object_get(root, "data"), i, row)
	{
		const char *ip = text_of(row, "source_ip");
		assert_string_equal(text_of(row, "why"),
				    text_of(row_of(data, "source_ip", ip), "why"));
	}
	house->site->context.weights = before;
	json_decref(page);
	json_decref(root);
}

/* --- What the store has not: rules, senders, reports that do not count --- */

static const struct sender known = {
	.id = "other.example",
	.name = "Other & Sons",
	.kind = SENDER_SAAS,
	.fix = "Turn on DKIM.",
};

static const struct sender *
find_sender(gpointer cookie, const char *id)
{
	(void)cookie;
	return g_str_equal(id, known.id) ? &known : NULL;
}

static json_t *
explain(struct house *house, const struct query_source *source)
{
	struct web_hooks hooks = { .find_sender = find_sender };
	struct page_context context = house->site->context;
	g_autoptr(GError) error = NULL;
	struct explained explained;

	context.hooks = &hooks;
	const struct page page = { .context = &context, .view = house->view };
	if (!why_read(&explained, &page, source, &error))
		fail_msg("%s", error->message);
	json_t *row = json_object();
	verdict_fill(row, &explained, &page);
	return row;
}

static struct query_page *
find(struct house *house, const char *ip)
{
	const struct source_question question = {
		.scope = { "hinoki.example", WINDOW_30D },
		.find = ip,
		.limit = 1,
	};
	struct query_page *found = query_sources(house->view, &question, NULL);

	assert_non_null(found);
	assert_int_equal(found->rows->len, 1);
	return found;
}

static void
a_rule_of_a_user_shows_what_would_be_without_it(void **state)
{
	g_autoptr(query_page_auto) found = find(*state, "198.51.100.8");
	struct query_source *source = g_ptr_array_index(found->rows, 0);

	source->verdict.user_rule = 12;
	source->class = source->verdict.class = CLASS_FORWARDER;
	json_t *row = explain(*state, source);
	json_t *unruled = json_object_get(row, "unruled");
	assert_string_equal(text_of(unruled, "class"), "review");
	assert_string_equal(text_of(unruled, "rule"), "R9");
	assert_int_equal(number_of(unruled, "score"), 42);
	assert_string_equal(text_of(row, "_decided"),
			    "Rule R0 decided: a rule of yours. Judged on 30 days.");
	assert_string_equal(text_of(row, "_unruled"),
			    "Without rule #12 it would be Needs review, by R9 "
			    "with a score of 42.");
	assert_true(json_is_null(json_object_get(row, "suspicion")));
	json_decref(row);
}

static void
a_known_sender_says_how_to_fix_it(void **state)
{
	g_autoptr(query_page_auto) found = find(*state, "192.0.2.20");
	struct query_source *source = g_ptr_array_index(found->rows, 0);

	g_free(source->sender);
	source->sender = g_strdup(known.id);
	json_t *row = explain(*state, source);
	assert_string_equal(text_of(row, "fix"), "Other & Sons: Turn on DKIM.");
	assert_string_equal(text_of(row, "sender_name"), "Other & Sons");
	assert_string_equal(text_of(row, "sender_kind"), "saas");
	json_decref(row);
}

static void
what_is_to_be_reviewed_says_how_suspicious_it_is(void **state)
{
	g_autoptr(query_page_auto) found = find(*state, "198.51.100.8");
	json_t *row = explain(*state, g_ptr_array_index(found->rows, 0));

	assert_string_equal(text_of(row, "suspicion"), "unclear");
	row_of(json_object_get(row, "against"), "key", "against.none");
	row_of(json_object_get(row, "would_change"), "key", "change.points");
	json_decref(row);
}

static void
a_source_that_is_gone_is_unknown_and_not_judged(void **state)
{
	g_autoptr(query_page_auto) found = find(*state, "198.51.100.8");
	struct query_source *source = g_ptr_array_index(found->rows, 0);

	source->ip.bytes[15] ^= 0x40;
	json_t *row = explain(*state, source);
	assert_true(json_is_null(json_object_get(row, "facts")));
	assert_true(json_is_null(json_object_get(row, "because")));
	assert_string_equal(text_of(row, "_because"), "It was not judged yet.");
	json_decref(row);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_shows_the_sum_of_its_score_line_by_line),
		cmocka_unit_test(a_source_has_a_verdict_for_each_domain),
		cmocka_unit_test(reasons_are_told_to_programs_by_key_and_number),
		cmocka_unit_test(a_source_of_yours_is_told_what_to_do),
		cmocka_unit_test(a_reporter_tells_whether_its_mail_was_authenticated),
		cmocka_unit_test(senders_are_listed_by_class),
		cmocka_unit_test(a_sender_has_its_addresses_domains_and_selectors),
		cmocka_unit_test(a_class_that_is_shown_whole_offers_no_more),
		cmocka_unit_test(networks_are_listed_and_shown),
		cmocka_unit_test(sources_are_grouped_by_what_was_asked_for),
		cmocka_unit_test(an_exported_address_has_the_verdict_that_says_most),
		cmocka_unit_test(an_exported_spoofer_is_judged_as_the_page_judges_it),
		cmocka_unit_test(a_rule_of_a_user_shows_what_would_be_without_it),
		cmocka_unit_test(a_known_sender_says_how_to_fix_it),
		cmocka_unit_test(what_is_to_be_reviewed_says_how_suspicious_it_is),
		cmocka_unit_test(a_source_that_is_gone_is_unknown_and_not_judged),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
