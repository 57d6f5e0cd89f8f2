/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>
#include <jansson.h>

#include "core/csv.h"
#include "core/error.h"
#include "web/render.h"

static void
expect_cell(const char *text, const char *expected)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct csv csv = { .out = out };

	csv_add_text(&csv, text);
	assert_string_equal(out->str, expected);
}

static void
a_cell_is_quoted_only_where_it_must_be(void **state)
{
	(void)state;
	expect_cell("plain text", "plain text");
	expect_cell("a,b", "\"a,b\"");
	expect_cell("say \"x\"", "\"say \"\"x\"\"\"");
	expect_cell("two\r\nlines", "\"two\r\nlines\"");
	expect_cell("two\nlines", "\"two\nlines\"");
	expect_cell("", "");
	expect_cell(NULL, "");
	expect_cell("\xc3\xa9", "\xc3\xa9");
}

static void
a_formula_is_made_text(void **state)
{
	(void)state;
	expect_cell("=1+1", "'=1+1");
	expect_cell("+1", "'+1");
	expect_cell("-1", "'-1");
	expect_cell("@SUM(A1)", "'@SUM(A1)");
	expect_cell("\t=1", "'\t=1");
	expect_cell("\r=1", "\"'\r=1\"");
	expect_cell("=cmd|' /C calc'!A0,x", "\"'=cmd|' /C calc'!A0,x\"");
	expect_cell("a=1", "a=1");
}

static void
numbers_stay_numbers_and_lines_end_in_cr_lf(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct csv csv = { .out = out };

	(void)state;
	csv_add_number(&csv, -5);
	csv_add_number(&csv, G_MAXINT64);
	csv_end_line(&csv);
	csv_add_text(&csv, "");
	csv_add_text(&csv, "");
	csv_end_line(&csv);
	assert_string_equal(out->str, "-5,9223372036854775807\r\n,\r\n");
}

static const char *const columns[] = { "ip", "n", "list", "seen", "share", NULL };

static void
rows_come_from_the_data_of_the_page(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	json_t *root = json_loads("{\"data\": [{\"ip\": \"192.0.2.1\", \"n\": -3, \"seen\": true,"
				  "\"list\": [\"a\", \"b\"], \"share\": 99.4, \"more\": 1},"
				  "{\"ip\": null, \"list\": [\"=x\", \"y\"]}]}",
				  0, NULL);

	(void)state;
	render_csv_header(columns, out);
	render_csv_rows(columns, root, out);
	assert_string_equal(out->str, "ip,n,list,seen,share\r\n"
				      "192.0.2.1,-3,a;b,true,99.4\r\n"
				      ",,'=x;y,,\r\n");
	json_decref(root);
}

static void
columns_can_be_picked_and_wrong_ones_are_named(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) all = render_csv_columns(columns, NULL, NULL);
	g_auto(GStrv) some = render_csv_columns(columns, "n,ip", NULL);

	(void)state;
	assert_int_equal(g_strv_length(all), 5);
	assert_string_equal(some[0], "n");
	assert_string_equal(some[1], "ip");
	assert_null(some[2]);
	assert_null(render_csv_columns(columns, "n,x", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	assert_string_equal(error->message,
			    "there is no column \"x\"; the columns are: ip,n,list,seen,share");
}

static void
json_leaves_out_what_is_for_html_only(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	json_t *root = json_loads("{\"_t\": 1, \"data\": [{\"_x\": 1, \"a\": \"\\u0001<\"}], "
				  "\"next\": null, \"empty\": {}, \"list\": [1, [], {\"_y\": 2}]}",
				  0, NULL);

	(void)state;
	render_json(root, 0, out);
	assert_string_equal(out->str, "{\"data\":[{\"a\":\"\\u0001<\"}],\"next\":null,"
				      "\"empty\":{},\"list\":[1,[],{}]}\n");
	g_string_truncate(out, 0);
	json_object_clear(root);
	render_json(root, 1732424400, out);
	assert_string_equal(out->str, "{\"generated\":\"2024-11-24T05:00:00Z\"}\n");
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_is_quoted_only_where_it_must_be),
		cmocka_unit_test(a_formula_is_made_text),
		cmocka_unit_test(numbers_stay_numbers_and_lines_end_in_cr_lf),
		cmocka_unit_test(rows_come_from_the_data_of_the_page),
		cmocka_unit_test(columns_can_be_picked_and_wrong_ones_are_named),
		cmocka_unit_test(json_leaves_out_what_is_for_html_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
