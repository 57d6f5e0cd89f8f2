/* SPDX-License-Identifier: MIT */
/* Rules by their page, by the page of a source, by ticked rows and by programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "store/rules.h"
#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"

#define SPOOFER "kind=ip&match=203.0.113.45&domain=hinoki.example&class=forwarder&note=alumni"

static char *
post(struct house *house, const char *target, const char *form, guint expected)
{
	guint status;
	char *body = house_post(house, target, form, &status);

	if (status != expected)
		fail_msg("%s answers %u: %s", target, status, body);
	return body;
}

static json_t *
post_json(struct house *house, const char *target, const char *form)
{
	g_autofree char *body = post(house, target, form, 200);
	json_t *tree = json_loads(body, 0, NULL);

	assert_non_null(tree);
	return tree;
}

static void
without_rules_the_page_says_so_and_has_a_form(void **state)
{
	g_autofree char *body = house_page(*state, "/rules");

	expect_has(body, "No rule is in force.");
	expect_has(body, "<option value=\"cidr\">Network</option>");
	expect_has(body, "action=\"/rules/preview\"");
}

static void
a_preview_says_what_saving_does_and_saving_does_it(void **state)
{
	struct house *house = *state;
	g_autofree char *shown = post(house, "/rules/preview", SPOOFER, 200);

	expect_has(shown, "<b>ip 203.0.113.45, hinoki.example: Forwards my mail</b>");
	expect_has(shown, "60 messages of 1 source: Spoofing becomes Forwarding");
	expect_has(shown, "<input type=\"hidden\" name=\"match\" value=\"203.0.113.45\">");
	g_autofree char *before = house_page(house, "/sources.csv");
	expect_has(before, "203.0.113.45,hinoki.example,unauthorized,R8");
	g_autofree char *location = house_location(house, "/rules", SPOOFER "&next=%2Fsources");
	assert_string_equal(location, "/sources");
	g_autofree char *after = house_page(house, "/sources.csv");
	expect_has(after, "203.0.113.45,hinoki.example,forwarder,R0");
	expect_has(after, "203.0.113.45,shop.example,unauthorized,R8");
	g_autofree char *list = house_page(house, "/rules");
	expect_has(list, "#1 ip 203.0.113.45");
	expect_has(list, "sato, 2026-11-23");
	expect_has(list, ">60</td>");
}

static void
a_rule_is_changed_and_ended_and_stays_in_the_audit(void **state)
{
	struct house *house = *state;

	g_free(house_location(house, "/rules", SPOOFER));
	g_autofree char *form = house_page(house, "/rules?ends=1");
	expect_has(form, "Change rule 1");
	expect_has(form, "value=\"alumni\"");
	expect_has(form, "<option value=\"forwarder\" selected>");
	g_autofree char *shown = post(house, "/rules/preview", SPOOFER "&class=x&ends=1", 200);
	expect_has(shown, "60 messages of 1 source: stays Forwarding");
	g_free(house_location(house, "/rules",
			      "ends=1&kind=cidr&match=203.0.113.0/24&class=ignore&expires=2027-01-"
			      "02"));
	json_t *all = house_json(house, "/rules.json?ended=yes");
	json_t *data = json_object_get(all, "data");
	assert_int_equal(json_array_size(data), 2);
	assert_string_equal(text_of(json_array_get(data, 0), "expires"), "2027-01-02");
	assert_string_equal(text_of(json_array_get(data, 0), "class"), "ignore");
	assert_string_equal(text_of(json_array_get(data, 1), "ended_by"), "sato");
	json_decref(all);
	g_autofree char *end = post(house, "/rules/preview", "ends=2", 200);
	expect_has(end, "Rule #2 ends.");
	expect_has(end, "70 messages of 2 sources: Ignored becomes Spoofing");
	g_free(house_location(house, "/rules", "ends=2"));
	g_autofree char *csv = house_page(house, "/sources.csv");
	expect_has(csv, "203.0.113.45,hinoki.example,unauthorized,R8");
	guint status;
	g_autofree char *gone = house_get(house, "/rules?ends=1", &status);
	assert_int_equal(status, 404);
}

static void
what_is_ignored_is_in_no_headline_and_called_so(void **state)
{
	struct house *house = *state;

	g_free(house_location(house, "/rules", "kind=ip&match=203.0.113.45&class=ignore"));
	g_free(house_location(house, "/rules", "kind=ip&match=198.51.100.8&class=ignore"));
	g_autofree char *csv = house_page(house, "/sources.csv");
	expect_has(csv, "203.0.113.45,hinoki.example,ignored,R0");
	g_autofree char *overview = house_page(house, "/");
	expect_not(overview, "source to review");
	expect_has(overview, "1 address is worth reporting");
	g_autofree char *takedown = house_page(house, "/takedown.csv");
	expect_not(takedown, "203.0.113.45");
	g_autofree char *left_out = house_page(house, "/takedown");
	expect_has(left_out, "a rule of yours says so");
	g_autofree char *sources = house_page(house, "/sources");
	expect_has(sources, "By a rule of yours. They are in no headline and in no chart.");
	json_t *domains = house_json(house, "/domains.json?domain=hinoki.example");
	const json_t *row = json_array_get(json_object_get(domains, "data"), 0);
	assert_int_equal(number_of(row, "sources_ignored"), 2);
	json_decref(domains);
}

static void
ticked_sources_become_rules_of_one_change(void **state)
{
	struct house *house = *state;
	g_autofree char *plain = house_page(house, "/sources");
	g_autofree char *sources = house_page(house, "/sources?tick=1");
	const char *form = "class=mine&pick3=192.0.2.20+hinoki.example&pick7=198.51.100.8+hinoki."
			   "example&note=ours";

	expect_has(sources, "name=\"pick1\"");
	expect_has(sources, "form=\"ticks\"");
	expect_has(sources, "id=\"ticks\"");
	expect_has(plain, "<a href=\"/sources?tick=1\">");
	expect_not(plain, "type=\"checkbox\"");
	g_autofree char *shown = post(house, "/rules/preview", form, 200);
	expect_has(shown, "20 messages of 1 source: Yours, fix needed becomes Yours, OK");
	expect_has(shown, "4 messages of 1 source: Needs review becomes Yours, OK");
	json_t *saved = post_json(house, "/api/v1/rules", form);
	assert_int_equal(json_array_size(json_object_get(saved, "data")), 2);
	json_decref(saved);
	/* One that makes no sense, and none is saved. */
	g_free(post(house, "/rules", "class=mine&pick1=192.0.2.1+a.example&pick2=nonsense", 400));
	json_t *list = house_json(house, "/rules.json");
	assert_int_equal(json_array_size(json_object_get(list, "data")), 2);
	json_decref(list);
}

static void
a_source_has_a_form_that_says_whose_it_is(void **state)
{
	g_autofree char *body = house_page(*state, "/sources/203.0.113.45");

	expect_has(body, "<button name=\"class\" value=\"forwarder\">It forwards my mail</button>");
	expect_has(body, "<option>hinoki.example</option><option>shop.example</option>");
	expect_has(body, "<input type=\"hidden\" name=\"match\" value=\"203.0.113.45\">");
}

static void
what_makes_no_sense_comes_back_in_the_form(void **state)
{
	static const char *const forms[][2] = {
		{ "kind=cidr&match=1.2.3.4/99&class=mine", "is not a network" },
		{ "kind=odd&match=1.2.3.4&class=mine", "is not one of ip, cidr" },
		{ "kind=ip&match=1.2.3.4&class=theirs", "is not one of mine" },
		{ "kind=ip&match=1.2.3.4&class=mine&expires=soon", "is not a day" },
		{ "kind=ip&match=1.2.3.4&class=mine&expires=2026-11-23", "after today" },
		{ "kind=ip&match=1.2.3.4&class=mine&domain=%3Cb%3E", "is not a domain" },
		{ "kind=ip&match=1.2.3.4&class=mine&ends=9", "no rule of number 9" },
		{ "ends=x", "no number" },
		{ "class=mine", "tick a source" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autofree char *seen = post(*state, "/rules/preview", forms[i][0], 400);
		g_autofree char *saved = post(*state, "/rules", forms[i][0], 400);
		g_autofree char *json = post(*state, "/api/v1/rules/preview", forms[i][0], 400);
		expect_has(seen, forms[i][1]);
		expect_has(saved, forms[i][1]);
		expect_has(json, "\"status\":400");
	}
	g_autofree char *list = house_page(*state, "/rules");
	expect_has(list, "No rule is in force.");
}

static void
hostile_text_is_text(void **state)
{
	g_autofree char *shown =
		post(*state, "/rules/preview",
		     "kind=sender&match=%22%3E%3Cscript%3E&class=mine&note=%3Cscript%3E", 200);

	expect_not(shown, "<script>");
	g_free(house_location(*state, "/rules",
			      "kind=sender&match=%22%3E%3Cscript%3E&class=mine&note=%3Cscript%3E"));
	g_autofree char *list = house_page(*state, "/rules");
	expect_not(list, "<script>");
	expect_has(list, "&lt;script&gt;");
	/* Nor does a form send anybody away. */
	g_autofree char *location =
		house_location(*state, "/rules", SPOOFER "&next=//evil.example");
	assert_string_equal(location, "/");
}

static void
who_is_no_operator_sees_rules_and_changes_none(void **state)
{
	struct house *house = *state;

	g_free(house_location(house, "/rules", SPOOFER));
	assert_true(store_edit_rights(house->store, "sato", RIGHT_UPLOAD, NULL));
	g_free(post(house, "/rules", SPOOFER, 403));
	g_free(post(house, "/rules/preview", "ends=1", 403));
	g_autofree char *list = house_page(house, "/rules");
	expect_has(list, "203.0.113.45");
	expect_not(list, "action=\"/rules/preview\"");
	g_autofree char *source = house_page(house, "/sources/203.0.113.45");
	expect_not(source, "It forwards my mail");
	g_autofree char *sources = house_page(house, "/sources?tick=1");
	expect_not(sources, "checkbox");
	expect_not(sources, "Set class of several");
}

static void
a_program_sees_moves_and_what_was_saved(void **state)
{
	struct house *house = *state;
	json_t *seen = post_json(house, "/api/v1/rules/preview", SPOOFER);
	const json_t *move = json_array_get(json_object_get(seen, "moves"), 0);

	assert_int_equal(number_of(seen, "sources"), 1);
	assert_int_equal(number_of(seen, "messages"), 60);
	assert_true(json_is_false(json_object_get(seen, "is_at_least")));
	assert_string_equal(text_of(move, "from"), "unauthorized");
	assert_string_equal(text_of(move, "to"), "forwarder");
	json_decref(seen);
	json_t *saved = post_json(house, "/api/v1/rules", SPOOFER);
	const json_t *rule = json_array_get(json_object_get(saved, "data"), 0);
	assert_int_equal(number_of(rule, "id"), 1);
	assert_int_equal(number_of(rule, "messages"), 60);
	json_decref(saved);
	json_t *rivals = post_json(house, "/api/v1/rules/preview",
				   "kind=cidr&match=203.0.113.0/24&class=mine");
	assert_int_equal(number_of(json_array_get(json_object_get(rivals, "rivals"), 0), "rule"),
			 1);
	json_decref(rivals);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_rules_the_page_says_so_and_has_a_form),
		TEST(a_preview_says_what_saving_does_and_saving_does_it),
		TEST(a_rule_is_changed_and_ended_and_stays_in_the_audit),
		TEST(what_is_ignored_is_in_no_headline_and_called_so),
		TEST(ticked_sources_become_rules_of_one_change),
		TEST(a_source_has_a_form_that_says_whose_it_is),
		TEST(what_makes_no_sense_comes_back_in_the_form),
		TEST(hostile_text_is_text),
		TEST(who_is_no_operator_sees_rules_and_changes_none),
		TEST(a_program_sees_moves_and_what_was_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
