/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "core/error.h"
#include "web/request_private.h"

static void
expect_path(const char *target, const char *path, enum page_face face)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(request_auto) request = request_new(target, &error);

	if (!request)
		fail_msg("%s: %s", target, error->message);
	assert_string_equal(request_path(request), path);
	assert_int_equal(request_face(request), face);
}

static void
a_suffix_picks_the_face(void **state)
{
	(void)state;
	expect_path("/", "/", PAGE_HTML);
	expect_path("/sources", "/sources", PAGE_HTML);
	expect_path("/sources.json", "/sources", PAGE_JSON);
	expect_path("/sources.csv?a=b", "/sources", PAGE_CSV);
	expect_path("/reports/17.xml", "/reports/17", PAGE_XML);
	expect_path("/sources/192.0.2.1", "/sources/192.0.2.1", PAGE_HTML);
	expect_path("/sources/192.0.2.1.json", "/sources/192.0.2.1", PAGE_JSON);
	expect_path("/sources/2001:db8::1", "/sources/2001:db8::1", PAGE_HTML);
	expect_path("/sources/2001%3Adb8%3a%3A1", "/sources/2001:db8::1", PAGE_HTML);
	expect_path("/api/v1/sources", "/sources", PAGE_JSON);
	expect_path("/api/v1/sources.csv", "/sources", PAGE_CSV);
	expect_path("/api/v1/reports/17.json", "/reports/17", PAGE_JSON);
	expect_path("/.json", "/.json", PAGE_HTML);
	expect_path("/api/v1", "/api/v1", PAGE_HTML);
}

static void
expect_refused(const char *target, enum dmarcd_error code, const char *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(request_auto) request = request_new(target, &error);

	if (request)
		fail_msg("\"%s\" was not refused", target);
	assert_true(g_error_matches(error, DMARCD_ERROR, (int)code));
	if (!strstr(error->message, message))
		fail_msg("expected \"%s\", got \"%s\"", message, error->message);
}

static void
hostile_targets_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "", "does not begin with \"/\"" },
		{ "*", "does not begin with \"/\"" },
		{ "http://x/", "does not begin with \"/\"" },
		{ "//x", "empty or dotted segment" },
		{ "/a//b", "empty or dotted segment" },
		{ "/a/", "empty or dotted segment" },
		{ "/..", "empty or dotted segment" },
		{ "/a/../b", "empty or dotted segment" },
		{ "/a/%2e%2e/b", "empty or dotted segment" },
		{ "/a%2f..%2fb", "empty or dotted segment" },
		{ "/%", "percent sign" },
		{ "/%4", "percent sign" },
		{ "/%4g", "percent sign" },
		{ "/?a=%", "percent sign" },
		{ "/a%00b", "control characters" },
		{ "/?a=%0d%0aSet-Cookie:x", "control characters" },
		{ "/?a=%7f", "control characters" },
		{ "/?a=%c2%85", "control characters" },
		{ "/?a=%e2%80%ae", "control characters" },
		{ "/?a=%e2%80%8b", "control characters" },
		{ "/?a=%e2%80%a8", "control characters" },
		{ "/?a=%c0%af", "not UTF-8" },
		{ "/?a=%ed%a0%80", "not UTF-8" },
		{ "/\xff", "not UTF-8" },
		{ "/?%ff=1", "not UTF-8" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		expect_refused(cases[i][0], DMARCD_ERROR_INVALID, cases[i][1]);
}

static void
every_limit_is_named(void **state)
{
	g_autofree char *text = g_strnfill(9000, 'a');
	g_autofree char *path = g_strdup_printf("/%.512s", text);
	g_autofree char *path_fits = g_strdup_printf("/%.511s", text);
	g_autofree char *value = g_strdup_printf("/?a=%.1025s", text);
	g_autofree char *value_fits = g_strdup_printf("/?a=%.1024s", text);
	g_autofree char *name = g_strdup_printf("/?%.1025s=1", text);
	g_autofree char *target = g_strdup_printf("/?a=%s", text);
	GString *params = g_string_new("/?0");

	(void)state;
	for (guint i = 1; i < 64; i++)
		g_string_append_printf(params, "&%u", i);
	expect_path(params->str, "/", PAGE_HTML);
	g_string_append(params, "&64");
	expect_refused(params->str, DMARCD_ERROR_LIMIT, "max_request_params (64)");
	g_string_free(params, TRUE);
	expect_refused(path, DMARCD_ERROR_LIMIT, "max_path_bytes (512)");
	expect_path(path_fits, path_fits, PAGE_HTML);
	expect_refused(value, DMARCD_ERROR_LIMIT, "max_param_bytes (1024)");
	expect_path(value_fits, "/", PAGE_HTML);
	expect_refused(name, DMARCD_ERROR_LIMIT, "max_param_bytes (1024)");
	expect_refused(target, DMARCD_ERROR_LIMIT, "max_target_bytes (8192)");
}

static void
the_first_value_counts_and_an_empty_one_is_none(void **state)
{
	g_autoptr(request_auto) request =
		request_new("/x?a=1&a=2&b=&c&d=a+b%2B&&e=%3D%26&=f&g=1=2", NULL);

	(void)state;
	assert_string_equal(request_param(request, "a"), "1");
	assert_null(request_param(request, "b"));
	assert_null(request_param(request, "c"));
	assert_string_equal(request_param(request, "d"), "a b+");
	assert_string_equal(request_param(request, "e"), "=&");
	assert_string_equal(request_param(request, "g"), "1=2");
	assert_null(request_param(request, "h"));
	assert_null(request_field(request, "a"));
}

static void
expect_query(const char *target, const char *name, const char *value, const char *expected)
{
	g_autoptr(request_auto) request = request_new(target, NULL);
	g_autofree char *query = request_query_with(request, name, value);

	assert_string_equal(query, expected);
}

static void
links_keep_the_filter_and_drop_the_cursor(void **state)
{
	(void)state;
	expect_query("/x?a=1&after=9&b=2", "b", "3", "?a=1&b=3");
	expect_query("/x?a=1&b=2", "a", NULL, "?b=2");
	expect_query("/x?a=1", "a", NULL, "");
	expect_query("/x", "c", "x y&z", "?c=x%20y%26z");
	expect_query("/x?after=9", NULL, NULL, "");
	expect_query("/x?b=&a=%22%3Cx", NULL, NULL, "?a=%22%3Cx");
	expect_query("/x?b=&a=1", "b", "2", "?b=2&a=1");
	expect_query("/x?a=1&a=2", "a", "3", "?a=3");
}

static void
a_body_has_fields_of_the_same_limits(void **state)
{
	g_autoptr(request_auto) request = request_new("/x?a=query", NULL);
	g_autoptr(GError) error = NULL;
	static const char body[] = "a=body&name=J%C3%BCrgen+M";

	(void)state;
	assert_true(request_set_body(request, body, sizeof(body) - 1, NULL));
	assert_string_equal(request_field(request, "a"), "body");
	assert_string_equal(request_field(request, "name"), "J\xc3\xbcrgen M");
	assert_string_equal(request_param(request, "a"), "query");
	assert_false(request_set_body(request, "b=\0", 3, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
}

static void
a_cookie_is_found_by_its_whole_name(void **state)
{
	g_autoptr(request_auto) request = request_new("/", NULL);

	(void)state;
	assert_null(request_cookie(request, "a"));
	request_set_header(request, REQUEST_COOKIE, "aa=1; a=2;b=3 ; c; d=x=y");
	g_autofree char *a = request_cookie(request, "a");
	g_autofree char *b = request_cookie(request, "b");
	g_autofree char *d = request_cookie(request, "d");
	assert_string_equal(a, "2");
	assert_string_equal(b, "3");
	assert_string_equal(d, "x=y");
	assert_null(request_cookie(request, "c"));
}

static void
a_form_only_leads_to_this_site(void **state)
{
	static const char *const elsewhere[] = {
		NULL,
		"",
		"x",
		"//evil.example",
		"/\\evil.example",
		"http://evil.example/",
		"/login?next=/",
		"/logout",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(elsewhere); i++)
		assert_string_equal(request_local_path(elsewhere[i]), "/");
	assert_string_equal(request_local_path("/sources?a=b"), "/sources?a=b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_suffix_picks_the_face),
		cmocka_unit_test(hostile_targets_are_refused),
		cmocka_unit_test(every_limit_is_named),
		cmocka_unit_test(the_first_value_counts_and_an_empty_one_is_none),
		cmocka_unit_test(links_keep_the_filter_and_drop_the_cursor),
		cmocka_unit_test(a_body_has_fields_of_the_same_limits),
		cmocka_unit_test(a_form_only_leads_to_this_site),
		cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
