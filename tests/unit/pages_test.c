/* SPDX-License-Identifier: MIT */
/* The pages over a store of known reports: numbers, faces, links, and what hostile text becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"

/* --- Overview --- */

static void
the_overview_counts_by_class(void **state)
{
	json_t *tree = house_json(*state, "/summary.json");
	json_t *classes = json_object_get(tree, "classes");
	json_t *fix = row_of(classes, "class", "fix");
	json_t *spoof = row_of(classes, "class", "unauthorized");

	assert_int_equal(number_of(row_of(classes, "class", "authorized"), "messages"), 200);
	assert_int_equal(number_of(row_of(classes, "class", "authorized"), "pass"), 199);
	assert_int_equal(number_of(fix, "messages"), 20);
	assert_int_equal(number_of(fix, "pass"), 5);
	assert_int_equal(number_of(fix, "spf_pass"), 5);
	assert_int_equal(number_of(fix, "quarantined"), 3);
	assert_int_equal(number_of(row_of(classes, "class", "forwarder"), "messages"), 12);
	assert_int_equal(number_of(row_of(classes, "class", "review"), "messages"), 4);
	assert_int_equal(number_of(spoof, "sources"), 3);
	assert_int_equal(number_of(spoof, "messages"), 83);
	assert_int_equal(number_of(spoof, "delivered"), 27);
	assert_string_equal(text_of(tree, "last_day"), "2026-11-22");
	assert_int_equal(number_of(tree, "takedown_addresses"), 2);
	assert_int_equal(number_of(tree, "unreadable_mails"), 1);
	json_decref(tree);
}

static void
the_overview_lists_days_and_domains(void **state)
{
	json_t *tree = house_json(*state, "/summary.json");
	json_t *days = json_object_get(tree, "days");
	json_t *hinoki = row_of(json_object_get(tree, "data"), "domain", "hinoki.example");

	assert_int_equal(json_array_size(days), 2);
	assert_int_equal(number_of(row_of(days, "day", "2026-11-21"), "unauthorized"), 20);
	assert_int_equal(number_of(row_of(days, "day", "2026-11-22"), "unauthorized"), 63);
	assert_int_equal(number_of(row_of(days, "day", "2026-11-22"), "authorized"), 100);
	assert_string_equal(text_of(hinoki, "policy"), "quarantine");
	assert_int_equal(number_of(hinoki, "own_messages"), 220);
	assert_int_equal(number_of(hinoki, "own_pass"), 204);
	assert_int_equal(number_of(hinoki, "sources_unauthorized"), 3);
	json_decref(tree);
}

static void
the_overview_says_it_in_a_sentence(void **state)
{
	g_autofree char *body = house_page(*state, "/");

	expect_has(body,
		   "<h1>7.3 % of your mail fails. 1 source needs a fix, 2 addresses are worth "
		   "reporting.</h1>");
	expect_has(body, "92.7 % <small>authenticated</small>");
	expect_has(body, "204 of 220 messages");
	expect_has(body, "67.5 % <small>stopped by receivers</small>");
	expect_has(body, "27 delivered, 10 of them because <a href=\"/domains/shop.example\">"
			 "shop.example</a> is at p=none");
	expect_has(body, "1 mail could not be read");
	expect_has(body, "Showing <b>2 domains</b>");
	expect_has(body, "21 Nov: Yours, OK 100 · Forwarding 12 · Spoofing 20");
}

static void
a_filter_narrows_every_number(void **state)
{
	json_t *tree = house_json(*state, "/summary.json?domain=SHOP.example.&period=7d");
	json_t *classes = json_object_get(tree, "classes");

	assert_string_equal(text_of(json_object_get(tree, "filter"), "domain"), "shop.example");
	assert_string_equal(text_of(json_object_get(tree, "filter"), "period"), "7d");
	assert_int_equal(number_of(row_of(classes, "class", "unauthorized"), "messages"), 10);
	assert_int_equal(number_of(row_of(classes, "class", "authorized"), "messages"), 0);
	json_decref(tree);
}

static void
a_filter_that_makes_no_sense_is_400(void **state)
{
	static const char *const targets[] = {
		"/?period=3d",      "/sources?class=evil",   "/sources?sort=up",
		"/sources?after=x", "/sources/nonsense",     "/reports/0",
		"/reports/x",       "/reports/1?result=odd", "/unreadable/x",
		"/domains?after=x", "/takedown?after=x",     "/reports?after=x",
	};
	guint status;

	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *body = house_get(*state, targets[i], &status);
		if (status != 400)
			fail_msg("%s answers %u", targets[i], status);
	}
}

static void
what_is_not_there_is_404(void **state)
{
	static const char *const targets[] = {
		"/sources/192.0.2.99", "/domains/other.example", "/reports/4711",
		"/reports/4711.xml",   "/unreadable/4711",       "/help/nothing",
	};
	guint status;

	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *body = house_get(*state, targets[i], &status);
		if (status != 404)
			fail_msg("%s answers %u", targets[i], status);
	}
}

/* --- Sources --- */

static void
sources_come_in_the_order_of_their_classes(void **state)
{
	static const char *const order[] = { "fix",          "review",       "unauthorized",
					     "unauthorized", "unauthorized", "unauthorized",
					     "forwarder",    "authorized" };
	json_t *tree = house_json(*state, "/sources.json");
	json_t *data = json_object_get(tree, "data");

	assert_int_equal(json_array_size(data), G_N_ELEMENTS(order));
	for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
		assert_string_equal(text_of(json_array_get(data, i), "class"), order[i]);
	assert_true(json_is_null(json_object_get(tree, "next")));
	json_decref(tree);
}

static void
a_list_can_be_read_in_pieces(void **state)
{
	g_autoptr(GString) target = g_string_new("/sources.json?limit=1");
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < 8; i++) {
		json_t *tree = house_json(*state, target->str);
		json_t *row = json_array_get(json_object_get(tree, "data"), 0);
		const char *next = text_of(tree, "next");
		char *key =
			g_strconcat(text_of(row, "source_ip"), " ", text_of(row, "domain"), NULL);
		assert_true(g_hash_table_add(seen, key));
		assert_int_equal(next == NULL, i == 7);
		g_string_assign(target, "/sources.json?limit=1&after=");
		if (next)
			g_string_append_uri_escaped(target, next, NULL, FALSE);
		json_decref(tree);
	}
}

static void
sources_are_found_by_class_and_beginning(void **state)
{
	json_t *spoof = house_json(*state, "/sources.json?class=unauthorized&sort=messages");
	json_t *found = house_json(*state, "/sources.json?find=192.0.2.");
	json_t *nothing = house_json(*state, "/sources.json?find=%25");
	json_t *first = json_array_get(json_object_get(spoof, "data"), 0);

	assert_int_equal(json_array_size(json_object_get(spoof, "data")), 4);
	assert_string_equal(text_of(first, "source_ip"), "203.0.113.45");
	assert_string_equal(text_of(first, "rule"), "R8");
	assert_int_equal(number_of(first, "messages"), 60);
	assert_int_equal(number_of(first, "reporters"), 2);
	assert_string_equal(text_of(first, "first_seen"), "2026-11-21");
	assert_int_equal(json_array_size(json_object_get(found, "data")), 2);
	assert_int_equal(json_array_size(json_object_get(nothing, "data")), 0);
	json_decref(spoof);
	json_decref(found);
	json_decref(nothing);
}

static void
sources_stand_in_groups_with_their_reasons(void **state)
{
	g_autofree char *body = house_page(*state, "/sources");

	expect_has(body, "<h1>3 sources spoof you, 1 needs a look, 1 of yours needs a fix.</h1>");
	expect_has(body, "Spoofing <small>3 sources · 83 messages</small>");
	expect_has(body, "<b>Fix:</b> Sign with DKIM for hinoki.example, or send with a bounce");
	expect_has(body, "<b>Unclear, score 42:</b> 4 failing messages on one day claimed to be");
	expect_has(body, "<b>Score 88:</b> 60 failing messages in 2 days claimed to be from");
	expect_has(body, "<a href=\"/sources/2001:db8:7::1\">2001:db8:7::1</a>");
}

static void
the_search_field_leads_to_what_it_names(void **state)
{
	static const char *const searches[][2] = {
		{ "/sources?q=203.0.113.45", "/sources/203.0.113.45" },
		{ "/sources?q=2001:DB8:7:0::1", "/sources/2001:db8:7::1" },
		{ "/sources?q=Shop.example", "/domains/shop.example" },
		{ "/sources?q=r3", "/reports?period=all&q=r3" },
		{ "/sources?q=192.0.2.", NULL },
		{ "/sources?q=nothing", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(searches); i++) {
		g_autofree char *location = house_location(*state, searches[i][0], NULL);
		if (g_strcmp0(location, searches[i][1]) != 0)
			fail_msg("%s leads to %s", searches[i][0], location);
	}
}

static void
one_source_tells_all_of_it(void **state)
{
	json_t *tree = house_json(*state, "/sources/203.0.113.45.json");
	json_t *days = json_object_get(tree, "data");
	json_t *domains = json_object_get(tree, "domains");
	json_t *reporters = json_object_get(tree, "reporters");

	assert_string_equal(text_of(tree, "source_ip"), "203.0.113.45");
	assert_string_equal(text_of(tree, "class"), "unauthorized");
	assert_int_equal(number_of(tree, "messages"), 70);
	assert_int_equal(number_of(tree, "delivered"), 20);
	assert_int_equal(number_of(row_of(days, "day", "2026-11-21"), "quarantined"), 20);
	assert_int_equal(number_of(row_of(days, "day", "2026-11-22"), "messages"), 50);
	assert_int_equal(json_array_size(domains), 2);
	assert_string_equal(text_of(json_array_get(domains, 0), "domain"), "hinoki.example");
	assert_int_equal(number_of(row_of(reporters, "reporter", "yonder.example"), "messages"),
			 10);
	assert_true(json_array_size(json_object_get(tree, "authentication")) >= 3);
	json_decref(tree);
}

static void
one_source_has_a_heading_and_a_reason(void **state)
{
	g_autofree char *body = house_page(*state, "/sources/203.0.113.45");

	expect_has(body, "203.0.113.45 is spoofing hinoki.example</h1>");
	expect_has(
		body,
		"60 failing messages in 2 days claimed to be from hinoki.example. 60 of 60 had no "
		"valid SPF or DKIM result for any domain. This address has never passed for any "
		"of your domains.");
	expect_has(body, "Rule R8 decided: nothing explains it, and its score is at the limit.");
	expect_has(body, "70 messages on 2 days in this period");
	expect_has(body, "This address is on the list of addresses to report.");
	expect_has(body, "22 Nov: 20 delivered, 0 to spam, 30 rejected");
	expect_has(body, "fail bad.example (mfrom)");
}

static void
a_source_without_mail_in_the_period_keeps_its_page(void **state)
{
	g_autofree char *body = house_page(*state, "/sources/203.0.113.45?domain=shop.example");

	expect_has(body, "203.0.113.45 is spoofing shop.example</h1>");
	expect_has(body, "<b>10</b> delivered");
}

/* --- Domains and reports --- */

static void
a_domain_shows_the_policy_that_was_seen(void **state)
{
	g_autofree char *body = house_page(*state, "/domains/shop.example");
	json_t *tree = house_json(*state, "/domains/Hinoki.example.json");

	expect_has(body, "Receivers saw <b>p=none</b>");
	expect_has(body, "No mail of yours from shop.example was reported in this period.");
	expect_has(body, "href=\"/sources?domain=shop.example&amp;class=unauthorized\"");
	assert_int_equal(number_of(tree, "messages"), 309);
	assert_int_equal(number_of(tree, "reports"), 2);
	json_decref(tree);
}

static void
reports_mark_what_contradicts(void **state)
{
	json_t *tree = house_json(*state, "/reports.json");
	json_t *data = json_object_get(tree, "data");
	size_t i, revisions = 0;
	json_t *row;

	assert_int_equal(json_array_size(data), 4);
	json_array_foreach(data, i, row)
	{
		revisions += json_is_integer(json_object_get(row, "revision_of"));
	}
	assert_int_equal(revisions, 1);
	assert_int_equal(number_of(row_of(data, "report_id", "r3"), "messages"), 10);
	assert_int_equal(number_of(row_of(data, "domain", "shop.example"), "fail"), 10);
	json_decref(tree);

	g_autofree char *body = house_page(*state, "/reports");
	expect_has(body, "contradicts report ");
}

static void
reports_are_found_by_reporter_and_id(void **state)
{
	json_t *by_reporter = house_json(*state, "/reports.json?reporter=yonder.example");
	json_t *by_id = house_json(*state, "/reports.json?q=r1");

	assert_int_equal(json_array_size(json_object_get(by_reporter, "data")), 1);
	assert_int_equal(json_array_size(json_object_get(by_id, "data")), 2);
	json_decref(by_reporter);
	json_decref(by_id);
}

static gint64
id_of(struct house *house, const char *report_id)
{
	json_t *tree = house_json(house, "/reports.json");
	gint64 id = number_of(row_of(json_object_get(tree, "data"), "report_id", report_id), "id");

	json_decref(tree);
	return id;
}

static void
one_report_has_policy_warnings_and_records(void **state)
{
	gint64 id = id_of(*state, "<r2>");
	g_autofree char *json = g_strdup_printf("/reports/%d.json", (int)id);
	g_autofree char *failing = g_strdup_printf("/reports/%d.json?result=failing", (int)id);
	json_t *tree = house_json(*state, json);
	json_t *fails = house_json(*state, failing);

	assert_string_equal(text_of(json_object_get(tree, "policy"), "p"), "quarantine");
	assert_int_equal(number_of(tree, "warnings"), 2);
	assert_int_equal(json_array_size(json_object_get(tree, "warning_list")), 2);
	assert_int_equal(json_array_size(json_object_get(tree, "data")), 9);
	assert_int_equal(json_array_size(json_object_get(fails, "data")), 7);
	assert_string_equal(
		text_of(json_array_get(json_object_get(tree, "data"), 0), "dkim_aligned"), "pass");
	json_decref(tree);
	json_decref(fails);
}

static void
the_raw_report_is_a_download(void **state)
{
	g_autofree char *target = g_strdup_printf("/reports/%d.xml", (int)id_of(*state, "r3"));
	g_autofree char *body = house_page(*state, target);

	assert_string_equal(body, "<feedback><!-- r3 --></feedback>");
}

/* --- Takedown --- */

static void
takedown_csv_has_the_columns_in_their_order(void **state)
{
	g_autofree char *csv = house_page(*state, "/takedown.csv");
	g_auto(GStrv) lines = g_strsplit(csv, "\r\n", -1);

	assert_string_equal(
		lines[0],
		"case_id,status,source_ip,ip_version,cidr,asn,as_name,country,network_org,"
		"abuse_email,abuse_source,abuse_checked_utc,form_url,rdns,rdns_confirmed,domain,"
		"subdomains,class,rule,score,why,messages,first_seen_utc,last_seen_utc,days_active,"
		"reporters_count,reporters,reporters_authenticated,dispositions,delivered_estimate,"
		"spf_results,spf_domains,dkim_results,dkim_domains,envelope_from_domains,"
		"override_reasons,dnsbl_spam,dnsbl_policy,ruf_samples,source_ports,guards_failed,"
		"note,report_ids");
	assert_true(g_str_has_prefix(lines[1], ",candidate,203.0.113.45,4,,,"));
	assert_true(g_str_has_prefix(lines[2], ",candidate,2001:db8:7::1,6,,,"));
	assert_string_equal(lines[3], "");
}

static void
takedown_sums_over_domains(void **state)
{
	json_t *tree = house_json(*state, "/takedown.json");
	json_t *row = json_array_get(json_object_get(tree, "data"), 0);

	assert_int_equal(json_array_size(json_object_get(tree, "data")), 2);
	assert_int_equal(number_of(tree, "addresses"), 2);
	assert_int_equal(number_of(row, "messages"), 70);
	assert_string_equal(text_of(row, "dispositions"), "none=20;quarantine=20;reject=30");
	assert_int_equal(number_of(row, "delivered_estimate"), 20);
	assert_string_equal(text_of(row, "domain"), "hinoki.example;shop.example");
	assert_string_equal(text_of(row, "first_seen_utc"), "2026-11-21T00:00:00Z");
	assert_string_equal(text_of(row, "last_seen_utc"), "2026-11-22T23:59:59Z");
	assert_int_equal(number_of(row, "days_active"), 2);
	assert_int_equal(number_of(row, "reporters_count"), 3);
	assert_int_equal(number_of(row, "reporters_authenticated"), 3);
	assert_string_equal(text_of(row, "rule"), "R8");
	assert_true(g_str_has_prefix(text_of(row, "why"),
				     "60 failing messages in 2 days claimed to be from "
				     "hinoki.example. 60 of 60 had no valid SPF or DKIM result"));
	assert_int_equal(json_array_size(json_object_get(row, "guards_failed")), 0);
	assert_int_equal(number_of(row, "ruf_samples"), 0);
	assert_true(json_is_null(json_object_get(row, "dnsbl_spam")));
	assert_true(json_is_null(json_object_get(row, "abuse_email")));
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(row, "subdomains"), 0)),
		"news.hinoki.example");
	assert_int_equal(number_of(row, "score"), 88);
	json_decref(tree);
}

static void
takedown_cells_are_no_formulas_and_columns_can_be_picked(void **state)
{
	g_autofree char *csv = house_page(
		*state, "/takedown.csv?columns=source_ip,reporters&domain=hinoki.example");

	expect_has(csv, "source_ip,reporters\r\n");
	expect_has(csv, "2001:db8:7::1,'=<script>");
}

static void
takedown_says_what_is_left_out(void **state)
{
	g_autofree char *body = house_page(*state, "/takedown");
	json_t *tree = house_json(*state, "/takedown.json");
	json_t *left_out = json_object_get(tree, "left_out");

	expect_has(body, "<h1>2 addresses to report: 76 messages in your name.</h1>");
	expect_has(body, "<b>shop.example is at p=none</b>");
	assert_int_equal(number_of(row_of(left_out, "name", "unreportable"), "sources"), 1);
	assert_int_equal(number_of(row_of(left_out, "name", "review"), "sources"), 1);
	assert_int_equal(number_of(row_of(left_out, "name", "forwarder"), "sources"), 1);
	json_decref(tree);
}

/* --- Status --- */

static void
status_reconciles_what_came_in(void **state)
{
	json_t *tree = house_json(*state, "/status.json");
	json_t *arrivals = json_object_get(tree, "arrivals");

	assert_int_equal(number_of(arrivals, "stored"), 3);
	assert_int_equal(number_of(arrivals, "revision"), 1);
	assert_int_equal(number_of(arrivals, "duplicate"), 1);
	assert_int_equal(number_of(arrivals, "ignored"), 1);
	assert_int_equal(number_of(arrivals, "quarantined"), 1);
	assert_int_equal(number_of(arrivals, "waiting"), 0);
	assert_int_equal(json_array_size(json_object_get(tree, "data")), 7);
	assert_int_equal(number_of(tree, "reports"), 3);
	json_decref(tree);

	g_autofree char *body = house_page(*state, "/status");
	expect_has(body, "7 mails came in: 3 stored, 1 revision, 1 duplicate, 1 without a report, "
			 "1 unreadable. 0 waiting.");
	expect_has(body, "<h1>Reports arrive. 1 mail could not be read.</h1>");
	expect_has(body, "part 1: not XML at line 1");
}

static gint64
kept_id(struct house *house)
{
	json_t *tree = house_json(house, "/unreadable.json");
	gint64 id = number_of(json_array_get(json_object_get(tree, "data"), 0), "id");

	json_decref(tree);
	return id;
}

static void
an_unreadable_mail_can_be_fetched(void **state)
{
	g_autofree char *target = g_strdup_printf("/unreadable/%d", (int)kept_id(*state));
	g_autofree char *body = house_page(*state, target);

	assert_string_equal(body, "=broken<mail>");
}

static void
an_unreadable_mail_can_be_tried_again(void **state)
{
	struct house *house = *state;
	gint64 id = kept_id(house);
	g_autofree char *form = g_strdup_printf("id=%d", (int)id);

	house->retry_fails = TRUE;
	g_autofree char *nowhere = house_location(house, "/unreadable", form);
	assert_null(nowhere);
	assert_int_equal(house->retried, id);
	house->retry_fails = FALSE;
	g_autofree char *location = house_location(house, "/unreadable", form);
	assert_string_equal(location, "/status");
}

/* --- All of them --- */

static const char *const all_pages[] = {
	"/",
	"/?period=7d",
	"/?period=90d",
	"/?period=all",
	"/?domain=shop.example",
	"/?domain=nothing.example",
	"/days",
	"/sources",
	"/sources?sort=messages",
	"/sources?class=unauthorized",
	"/sources?class=forwarder&domain=hinoki.example&find=198.",
	"/sources?find=nothing",
	"/sources?print=1",
	"/domains",
	"/reports",
	"/reports?reporter=nobody",
	"/takedown",
	"/takedown?domain=shop.example",
	"/takedown?left=unreportable",
	"/senders",
	"/senders?class=unauthorized",
	"/senders/hinoki.example",
	"/networks",
	"/networks?by=as",
	"/networks/203.0.113.0",
	"/reporters",
	"/changes",
	"/rules",
	"/sources?tick=1",
	"/domains/hinoki.example/readiness",
	"/status",
	"/unreadable",
	"/help",
	"/help/classes",
};

static void
check_page(struct house *house, const char *target)
{
	g_autofree char *body = house_page(house, target);

	expect_not(body, "<script>alert");
	expect_not(body, "{{");
	expect_not(body, "style=");
	if (strlen(body) > 45000)
		fail_msg("%s is %zu bytes", target, strlen(body));
	/* Exactly one heading, and no place of a sentence is left open. */
	const char *heading = strstr(body, "<h1");
	assert_non_null(heading);
	assert_null(strstr(heading + 1, "<h1"));
	for (const char *p = strchr(body, '{'); p; p = strchr(p + 1, '{'))
		fail_msg("%s has an open place: %.40s", target, p);
}

static void
every_page_is_whole_and_harmless(void **state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(all_pages); i++)
		check_page(*state, all_pages[i]);
	check_page(*state, "/sources/203.0.113.45");
	check_page(*state, "/sources/192.0.2.20?period=all");
	check_page(*state, "/domains/hinoki.example");
	g_autofree char *report = g_strdup_printf("/reports/%d", (int)id_of(*state, "<r2>"));
	check_page(*state, report);
}

static void
every_list_has_its_twins(void **state)
{
	static const char *const lists[] = { "/summary",
					     "/days",
					     "/sources",
					     "/sources/192.0.2.10",
					     "/domains",
					     "/domains/shop.example",
					     "/reports",
					     "/reports/1",
					     "/takedown",
					     "/status",
					     "/unreadable",
					     "/senders",
					     "/senders/hinoki.example",
					     "/networks",
					     "/networks/192.0.2.0",
					     "/reporters",
					     "/changes",
					     "/rules",
					     "/domains/hinoki.example/readiness" };

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autofree char *csv = g_strconcat(lists[i], ".csv", NULL);
		g_autofree char *json = g_strconcat(lists[i], ".json", NULL);
		g_autofree char *table = house_page(*state, csv);
		json_t *tree = house_json(*state, json);
		g_auto(GStrv) lines = g_strsplit(table, "\r\n", -1);
		json_t *data = json_object_get(tree, "data");
		assert_int_equal(g_strv_length(lines), json_array_size(data) + 2);
		json_decref(tree);
	}
}

static void
an_empty_store_says_what_to_do(void **state)
{
	static const char *const pages[] = { "/", "/sources", "/domains", "/reports", "/takedown" };

	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autofree char *body = house_page(*state, pages[i]);
		expect_has(body, "v=DMARC1; p=none; rua=mailto:");
		check_page(*state, pages[i]);
	}
	g_autofree char *status = house_page(*state, "/status");
	expect_has(status, "No mail has arrived yet.");
	json_t *tree = house_json(*state, "/summary.json");
	assert_true(json_is_null(json_object_get(tree, "last_day")));
	json_decref(tree);
	g_autofree char *csv = house_page(*state, "/takedown.csv");
	assert_true(g_str_has_suffix(csv, "report_ids\r\n"));
}

int
main(void)
{
	const struct CMUnitTest full[] = {
		cmocka_unit_test(the_overview_counts_by_class),
		cmocka_unit_test(the_overview_lists_days_and_domains),
		cmocka_unit_test(the_overview_says_it_in_a_sentence),
		cmocka_unit_test(a_filter_narrows_every_number),
		cmocka_unit_test(a_filter_that_makes_no_sense_is_400),
		cmocka_unit_test(what_is_not_there_is_404),
		cmocka_unit_test(sources_come_in_the_order_of_their_classes),
		cmocka_unit_test(a_list_can_be_read_in_pieces),
		cmocka_unit_test(sources_are_found_by_class_and_beginning),
		cmocka_unit_test(sources_stand_in_groups_with_their_reasons),
		cmocka_unit_test(the_search_field_leads_to_what_it_names),
		cmocka_unit_test(one_source_tells_all_of_it),
		cmocka_unit_test(one_source_has_a_heading_and_a_reason),
		cmocka_unit_test(a_source_without_mail_in_the_period_keeps_its_page),
		cmocka_unit_test(a_domain_shows_the_policy_that_was_seen),
		cmocka_unit_test(reports_mark_what_contradicts),
		cmocka_unit_test(reports_are_found_by_reporter_and_id),
		cmocka_unit_test(one_report_has_policy_warnings_and_records),
		cmocka_unit_test(the_raw_report_is_a_download),
		cmocka_unit_test(takedown_csv_has_the_columns_in_their_order),
		cmocka_unit_test(takedown_sums_over_domains),
		cmocka_unit_test(takedown_cells_are_no_formulas_and_columns_can_be_picked),
		cmocka_unit_test(takedown_says_what_is_left_out),
		cmocka_unit_test(status_reconciles_what_came_in),
		cmocka_unit_test(an_unreadable_mail_can_be_fetched),
		cmocka_unit_test(an_unreadable_mail_can_be_tried_again),
		cmocka_unit_test(every_page_is_whole_and_harmless),
		cmocka_unit_test(every_list_has_its_twins),
	};
	const struct CMUnitTest empty[] = {
		cmocka_unit_test(an_empty_store_says_what_to_do),
	};
	int failed = cmocka_run_group_tests(full, house_open, house_close);

	return failed + cmocka_run_group_tests(empty, house_open_empty, house_close);
}
