/* SPDX-License-Identifier: MIT */
/* The page of changes, over changes that were put into the house's store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "store/change_store.h"
#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"

#define ALL     "?since=2020-01-01"
#define HOSTILE "\"><script>alert(1)</script>"

static const struct change changes[] = {
	{ .kind = CHANGE_SOURCE_NEW,
	  .day = HOUSE_DAY,
	  .domain = "hinoki.example",
	  .object = "203.0.113.45",
	  .is = "AS64500",
	  .class = CLASS_UNAUTHORIZED,
	  .numbers = { { 60, 0 } } },
	{ .kind = CHANGE_SOURCE_NEW,
	  .day = HOUSE_DAY,
	  .domain = "hinoki.example",
	  .object = "203.0.113.46",
	  .is = "AS64500",
	  .class = CLASS_UNAUTHORIZED,
	  .numbers = { { 11, 0 } } },
	{ .kind = CHANGE_PASS_RATE_FELL,
	  .day = HOUSE_DAY - 1,
	  .domain = "hinoki.example",
	  .object = "ticketdesk",
	  .numbers = { { 231, 0 }, { 100, 100 }, { 0, 231 }, { 1, 0 } } },
	{ .kind = CHANGE_SELECTOR_GONE,
	  .day = HOUSE_DAY - 2,
	  .domain = "shop.example",
	  .object = HOSTILE,
	  .part = "shop.example",
	  .numbers = { { 14, 0 }, { HOUSE_DAY - 16, 0 } } },
	{ .kind = CHANGE_REPORTER_SILENT,
	  .day = HOUSE_DAY - 3,
	  .object = "yonder.example",
	  .numbers = { { 4, 0 }, { HOUSE_DAY - 7, 0 }, { 30, 0 }, { 30, 0 } } },
};

static int
open_changed(void **state)
{
	g_autoptr(GPtrArray) looks = g_ptr_array_new();
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	struct change_findings findings = { .looks = looks, .changes = found };

	house_open(state);
	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++)
		g_ptr_array_add(found, change_copy(&changes[i]));
	struct house *house = *state;
	assert_true(store_edit_changes(house->store, &findings, NULL));
	return 0;
}

static gsize
n_rows(struct house *house, const char *target)
{
	json_t *tree = house_json(house, target);
	gsize n = json_array_size(json_object_get(tree, "data"));

	json_decref(tree);
	return n;
}

static void
each_change_has_its_sentence_and_its_evidence(void **state)
{
	json_t *tree = house_json(*state, "/changes.json" ALL);
	json_t *data = json_object_get(tree, "data");
	json_t *network = row_of(data, "kind", "network_new");
	json_t *silent = row_of(data, "kind", "reporter_silent");

	assert_int_equal(json_array_size(data), 4);
	assert_int_equal(number_of(tree, "changes"), 4);
	assert_string_equal(text_of(network, "rule"), "C1");
	assert_string_equal(text_of(network, "day"), "2026-11-22");
	assert_string_equal(
		text_of(network, "text"),
		"Spoofing: new network AS64500, 2 sources, 71 messages on hinoki.example");
	assert_string_equal(text_of(network, "evidence"),
			    "/sources?domain=hinoki.example&class=unauthorized");
	assert_int_equal(number_of(json_object_get(network, "numbers"), "n"), 71);
	assert_true(json_is_null(json_object_get(silent, "domain")));
	assert_string_equal(text_of(silent, "evidence"), "/reporters/yonder.example");
	assert_string_equal(text_of(row_of(data, "kind", "pass_rate_fell"), "evidence"),
			    "/sources?domain=hinoki.example&class=fix");
	json_decref(tree);
}

static void
evidence_is_there(void **state)
{
	json_t *tree = house_json(*state, "/changes.json" ALL);
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(tree, "data"), i, row)
	{
		g_autofree char *body = house_page(*state, text_of(row, "evidence"));
		assert_non_null(body);
	}
	json_decref(tree);
}

static void
the_list_can_be_narrowed(void **state)
{
	assert_int_equal(n_rows(*state, "/changes.json" ALL "&rule=C3"), 1);
	assert_int_equal(n_rows(*state, "/changes.json" ALL "&rule=c8"), 1);
	assert_int_equal(n_rows(*state, "/changes.json" ALL "&domain=hinoki.example"), 2);
	assert_int_equal(n_rows(*state, "/changes.json?since=2026-11-21"), 2);
	assert_int_equal(n_rows(*state, "/changes.json?since=2026-11-23"), 0);
}

static void
a_filter_that_makes_no_sense_is_400(void **state)
{
	static const char *const wrong[] = { "/changes?rule=C13", "/changes?since=yesterday",
					     "/changes?since=2026-02-30", "/changes?after=x" };

	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		guint status;
		g_autofree char *body = house_get(*state, wrong[i], &status);
		assert_int_equal(status, 400);
	}
}

static void
the_page_is_whole_and_harmless(void **state)
{
	g_autofree char *body = house_page(*state, "/changes" ALL);

	assert_null(strstr(body, "<script>alert"));
	assert_null(strchr(body, '{'));
	assert_null(strstr(body, "style="));
	assert_non_null(strstr(body, "4 things changed since 2020-01-01"));
	assert_non_null(strstr(body, "/takedown?domain=hinoki.example"));
	assert_non_null(strstr(body, "C3 Pass rate fell"));
	g_autofree char *csv = house_page(*state, "/changes.csv" ALL);
	assert_true(g_str_has_prefix(csv, "day,rule,kind,domain,class,object,part,before,after,"
					  "text,first_told,evidence\r\n"));
	assert_non_null(strstr(csv, "2026-11-21,C3,pass_rate_fell,hinoki.example,"));
}

/* The key of the first button of this name. */
static char *
key_of(struct house *house, const char *name)
{
	g_autofree char *body = house_page(house, "/changes" ALL);
	g_autofree char *start = g_strdup_printf("<button name=\"%s\" value=\"", name);
	const char *button = strstr(body, start);

	if (!button)
		fail_msg("there is no button %s", name);
	button += strlen(start);
	return g_strndup(button, strcspn(button, "\""));
}

static void
a_muted_network_is_not_shown_until_it_is_unmuted(void **state)
{
	g_autofree char *key = key_of(*state, "mute_network");
	g_autofree char *mute =
		g_strdup_printf("mute_network=%s&next=%%2Fchanges%%3Frule%%3DC1", key);
	g_autofree char *to = house_location(*state, "/changes", mute);

	assert_string_equal(to, "/changes?rule=C1");
	assert_int_equal(n_rows(*state, "/changes.json" ALL), 3);
	g_autofree char *mute_key = key_of(*state, "unmute");
	g_autofree char *unmute = g_strdup_printf("unmute=%s&next=%%2Fchanges", mute_key);
	g_autofree char *back = house_location(*state, "/changes", unmute);
	assert_string_equal(back, "/changes");
	assert_int_equal(n_rows(*state, "/changes.json" ALL), 4);
}

static void
what_cannot_be_done_is_not_done(void **state)
{
	static const char *const forms[] = { "mute=nothing", "mute_network=nothing",
					     "unmute=nothing", "all=x" };

	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		guint status;
		g_autofree char *body = house_post(*state, "/changes", forms[i], &status);
		assert_int_equal(status, 400);
	}
	assert_int_equal(n_rows(*state, "/changes.json" ALL), 4);
}

static void
who_is_no_operator_mutes_nothing(void **state)
{
	struct house *house = *state;
	g_autofree char *key = key_of(house, "mute_network");
	g_autofree char *mute = g_strdup_printf("mute_network=%s", key);
	guint status;

	assert_true(store_edit_rights(house->store, "sato", RIGHT_UPLOAD, NULL));
	g_free(house_post(house, "/changes", mute, &status));
	assert_int_equal(status, 403);
	assert_int_equal(n_rows(house, "/changes.json" ALL), 4);
	g_autofree char *body = house_page(house, "/changes" ALL);
	assert_null(strstr(body, "<button name=\"mute"));
	assert_non_null(strstr(body, "<button name=\"seen\""));
	g_autofree char *to = house_location(house, "/changes", "seen=yes&next=%2Fchanges");
	assert_string_equal(to, "/changes");
}

static void
what_was_seen_is_not_counted_any_more(void **state)
{
	struct house *house = *state;
	const struct change fresh = { .kind = CHANGE_REPORTS_STOPPED,
				      .day = g_get_real_time() / G_USEC_PER_SEC / 86400 - 1,
				      .numbers = { { 4, 0 }, { 3, 0 }, { 5, 0 } } };
	g_autoptr(GPtrArray) looks = g_ptr_array_new();
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	struct change_findings findings = { .looks = looks, .changes = found };

	g_ptr_array_add(found, change_copy(&fresh));
	assert_true(store_edit_changes(house->store, &findings, NULL));
	g_autofree char *before = house_page(house, "/help");
	assert_non_null(strstr(before, "<span class=\"vh\"> new</span>"));
	g_autofree char *to = house_location(house, "/changes", "seen=yes&next=%2Fchanges");
	assert_string_equal(to, "/changes");
	g_autofree char *after = house_page(house, "/help");
	assert_null(strstr(after, "<span class=\"vh\"> new</span>"));
	g_autofree char *page = house_page(house, "/changes");
	assert_non_null(strstr(page, "Nothing changed since 2026-11-23"));
	/* A program is told of all lines, whoever has seen them. */
	json_t *tree = house_json(house, "/changes.json");
	assert_int_equal(json_integer_value(json_object_get(tree, "changes")),
			 json_array_size(json_object_get(tree, "data")));
	json_decref(tree);
	assert_non_null(strstr(page, "No reports of 4 days"));
}

static void
an_empty_store_has_no_changes(void **state)
{
	g_autofree char *body = house_page(*state, "/changes");
	json_t *tree = house_json(*state, "/changes.json");

	assert_non_null(strstr(body, "v=DMARC1; p=none; rua=mailto:"));
	assert_int_equal(json_array_size(json_object_get(tree, "data")), 0);
	json_decref(tree);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_changed, house_close)

static void
a_count_that_ended_early_says_so(void **state)
{
	struct house *house = *state;
	g_autoptr(GPtrArray) looks = g_ptr_array_new();
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	struct change_findings findings = { .looks = looks, .changes = found };

	for (guint i = 0; i < CHANGE_COUNT_MAX; i++) {
		g_autofree char *name = g_strdup_printf("m%u.hinoki.example", i);
		const struct change change = { .kind = CHANGE_SUBDOMAIN_NEW,
					       .day = HOUSE_DAY,
					       .domain = "hinoki.example",
					       .object = name,
					       .numbers = { { 1, 0 } } };
		g_ptr_array_add(found, change_copy(&change));
	}
	assert_true(store_edit_changes(house->store, &findings, NULL));
	g_autofree char *body = house_page(house, "/changes" ALL);
	expect_has(body, "1,000 or more things changed since 2020-01-01");
	expect_has(body, "1,000+<span");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_change_has_its_sentence_and_its_evidence),
		TEST(evidence_is_there),
		TEST(the_list_can_be_narrowed),
		TEST(a_filter_that_makes_no_sense_is_400),
		TEST(the_page_is_whole_and_harmless),
		TEST(a_muted_network_is_not_shown_until_it_is_unmuted),
		TEST(what_cannot_be_done_is_not_done),
		TEST(who_is_no_operator_mutes_nothing),
		TEST(what_was_seen_is_not_counted_any_more),
		TEST(a_count_that_ended_early_says_so),
		cmocka_unit_test_setup_teardown(an_empty_store_has_no_changes, house_open_empty,
						house_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
