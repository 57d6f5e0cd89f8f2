/* SPDX-License-Identifier: MIT */
/* The pages of reporters, and of what the takedown list leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"
#include "tests/support/store_make.h"

/* One authentic report of somebody whom nobody knows yet. */
static void
send_fresh(struct house *house)
{
	g_autoptr(GError) error = NULL;
	struct document *document = make_document(
		&(struct make_report){ .domain = "shop.example",
				       .reporter = "Fresh/Host",
				       .report_id = "f1",
				       .day = HOUSE_DAY },
		&(struct make_record){ .ip = "203.0.113.99", .count = 5, .reason = "other" });

	document->carrier = (struct carrier){ .authenticated = AUTHENTICATED_YES,
					      .from_domain = "fresh.example",
					      .from = "d@fresh.example",
					      .message_id = "",
					      .auth_domain = "fresh.example" };
	house_submit(house, "fresh", document, NULL, (HOUSE_DAY + 1) * (gint64)DAY_S + 9 * 3600);
	assert_true(store_flush(house->store, &error));
}

static int
open_house(void **state)
{
	house_open(state);
	send_fresh(*state);
	return 0;
}

/* Where the list leads for the reporter of this name, as it stands in HTML. Caller frees. */
static char *
path_of(struct house *house, const char *name)
{
	g_autofree char *body = house_page(house, "/reporters");
	g_autofree char *end = g_strdup_printf("\">%s</a>", name);
	char *at = strstr(body, end);

	assert_non_null(at);
	*at = '\0';
	return g_strdup(strrchr(body, '"') + 1);
}

static void
reporters_are_listed_with_their_figures(void **state)
{
	json_t *tree = house_json(*state, "/reporters.json");
	json_t *data = json_object_get(tree, "data");
	json_t *fresh = row_of(data, "reporter", "fresh/host");

	assert_int_equal(json_array_size(data), 4);
	assert_int_equal(number_of(tree, "reporters"), 4);
	assert_int_equal(number_of(tree, "silent"), 0);
	assert_int_equal(number_of(fresh, "reports"), 1);
	assert_int_equal(number_of(fresh, "messages"), 5);
	assert_in_range(number_of(fresh, "usual_delay_s"), 9 * 3600, 9 * 3600 + 1);
	assert_int_equal(number_of(fresh, "authenticated_reports"), 1);
	assert_int_equal(number_of(fresh, "counted_reports"), 0);
	assert_string_equal(text_of(fresh, "last_day"), "2026-11-22");
	assert_true(json_is_null(json_object_get(fresh, "usual_gap_days")));
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(fresh, "overrides"), 0)),
		"other:5");
	json_decref(tree);

	g_autofree char *body = house_page(*state, "/reporters");
	expect_has(body, "<h1>4 reporters.</h1>");
	expect_has(body, "9 hours");
	expect_has(body, "&lt;script&gt;alert(1)&lt;/script&gt;");
	assert_null(strstr(body, "<script>alert"));
}

static void
the_csv_of_reporters_defuses_their_names(void **state)
{
	g_autofree char *csv = house_page(*state, "/reporters.csv?columns=reporter,faults");

	expect_has(csv, "'=<script>alert(1)</script>,count-missing:1;no-such-code:1\r\n");
}

static void
a_reporter_has_a_page_whatever_its_name(void **state)
{
	guint status;
	g_autofree char *path = path_of(*state, "fresh/host");
	g_autofree char *hostile = path_of(*state, "=&lt;script&gt;alert(1)&lt;/script&gt;");
	g_autofree char *by_number = house_page(*state, path);
	g_autofree char *escaped = house_page(*state, hostile);
	g_autofree char *by_name = house_page(*state, "/reporters/BigMail.example");

	assert_true(g_str_has_prefix(path, "/reporters/~"));
	expect_has(by_number, "fresh/host: 1 report</h1>");
	expect_has(escaped, "count-missing");
	assert_null(strstr(escaped, "<script>alert"));
	expect_has(by_name, "bigmail.example: 1 report</h1>");
	g_autofree char *absent = house_get(*state, "/reporters/nobody", &status);
	assert_int_equal(status, 404);
	g_autofree char *no_number = house_get(*state, "/reporters/~99999999", &status);
	assert_int_equal(status, 404);
}

static void
a_user_approves_a_reporter(void **state)
{
	g_autofree char *path = path_of(*state, "fresh/host");
	g_autofree char *json_path = g_strconcat(path, ".json", NULL);
	g_autofree char *body = house_page(*state, path);

	expect_has(body, "authenticated, but no known receiver");
	expect_has(body, "<button>Approve</button>");
	g_autofree char *location = house_location(*state, path, "voice=fresh.example&approve=yes");
	assert_string_equal(location, path);
	json_t *tree = house_json(*state, json_path);
	json_t *mail = json_array_get(json_object_get(tree, "mails"), 0);
	assert_true(json_is_true(json_object_get(mail, "is_counted")));
	assert_string_equal(text_of(mail, "reason"), "approved");
	json_decref(tree);
	g_autofree char *after = house_page(*state, path);
	expect_has(after, "<button>Withdraw approval</button>");
	assert_null(house_location(*state, path, "voice=nobody.example&approve=yes"));
	assert_null(house_location(*state, path, "approve=yes"));
}

static void
what_a_guard_leaves_out_has_its_own_list(void **state)
{
	json_t *tree = house_json(*state, "/takedown.json?left=unreportable");
	json_t *row = json_array_get(json_object_get(tree, "data"), 0);
	guint status;

	assert_int_equal(json_array_size(json_object_get(tree, "data")), 1);
	assert_string_equal(text_of(row, "source_ip"), "10.0.0.1");
	assert_true(json_is_null(json_object_get(row, "status")));
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(row, "guards_failed"), 0)), "G8");
	json_decref(tree);
	g_autofree char *body = house_page(*state, "/takedown?left=unreportable");
	expect_has(body, "Left out: Private and reserved addresses");
	expect_has(body, "✗ fails: public address");
	g_autofree char *list = house_page(*state, "/takedown");
	expect_has(list, "/takedown?left=unreportable");
	assert_null(strstr(list, "trusted_authserv"));
	expect_has(list, "✓ 7 checks hold · ? not known: not yours, contact");
	g_autofree char *wrong = house_get(*state, "/takedown?left=G8", &status);
	assert_int_equal(status, 400);
}

static void
a_source_shows_its_checks(void **state)
{
	json_t *tree = house_json(*state, "/sources/198.51.100.7.json");
	json_t *checks = json_array_get(json_object_get(tree, "takedown_checks"), 0);
	json_t *guards = json_object_get(checks, "guards");

	assert_string_equal(text_of(checks, "domain"), "hinoki.example");
	assert_true(json_is_false(json_object_get(checks, "is_listed")));
	assert_int_equal(json_array_size(guards), 10);
	assert_string_equal(text_of(row_of(guards, "guard", "G3"), "state"), "fails");
	assert_string_equal(text_of(row_of(guards, "guard", "G7"), "state"), "unknown");
	assert_string_equal(text_of(row_of(guards, "guard", "G10"), "state"), "holds");
	json_decref(tree);
	g_autofree char *body = house_page(*state, "/sources/198.51.100.7");
	expect_has(body, "Takedown checks");
	expect_has(body, "No receiver called its mail forwarded. <small>fails</small>");
}

/* --- Where nothing counts --- */

static void
a_store_in_which_nothing_counts_says_how_to_mend_it(void **state)
{
	send_fresh(*state);
	g_autofree char *body = house_page(*state, "/reporters");
	g_autofree char *takedown = house_page(*state, "/takedown");
	json_t *tree = house_json(*state, "/reporters.json");

	expect_has(body, "trusted_authserv");
	expect_has(takedown, "trusted_authserv");
	assert_true(json_is_false(json_object_get(tree, "any_counted")));
	json_decref(tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reporters_are_listed_with_their_figures),
		cmocka_unit_test(the_csv_of_reporters_defuses_their_names),
		cmocka_unit_test(a_reporter_has_a_page_whatever_its_name),
		cmocka_unit_test(a_user_approves_a_reporter),
		cmocka_unit_test(what_a_guard_leaves_out_has_its_own_list),
		cmocka_unit_test(a_source_shows_its_checks),
	};
	const struct CMUnitTest empty[] = {
		cmocka_unit_test(a_store_in_which_nothing_counts_says_how_to_mend_it),
	};

	return cmocka_run_group_tests(tests, open_house, house_close) +
	       cmocka_run_group_tests(empty, house_open_empty, house_close);
}
