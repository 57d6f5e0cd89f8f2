/* SPDX-License-Identifier: MIT */
/*
 * The mustache specification decides what a template means: every case of it must come out to the
 * byte. Its folder is looked for in MUSTACHE_SPEC and at ../shared/spec/mustache.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>
#include <jansson.h>

#include "core/error.h"
#include "web/template.h"

static const char *
spec_folder(void)
{
	const char *folder = g_getenv("MUSTACHE_SPEC");

	return folder ? folder : "../shared/spec/mustache";
}

static char *
render_with(struct template_set *set, const char *template, json_t *data,
	    const struct template_options *options)
{
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);

	if (!template_set_add(set, "main", template, strlen(template), &error) ||
	    !template_render(set, options, data, out, &error))
		g_string_assign(out, error->message);
	return g_string_free(out, FALSE);
}

static char *
render(const char *template, const char *json, gboolean group_digits)
{
	g_autoptr(template_set_auto) set = template_set_new();
	const struct template_options options = { .name = "main", .group_digits = group_digits };
	json_t *data = json_loads(json, JSON_DECODE_ANY, NULL);

	assert_non_null(data);
	char *text = render_with(set, template, data, &options);
	json_decref(data);
	return text;
}

static void
expect(const char *template, const char *json, const char *expected)
{
	g_autofree char *text = render(template, json, TRUE);

	assert_string_equal(text, expected);
}

static void
run_case(const char *module, json_t *test)
{
	g_autoptr(template_set_auto) set = template_set_new();
	const struct template_options options = { .name = "main" };
	const char *name;
	json_t *partial;

	json_object_foreach(json_object_get(test, "partials"), name, partial)
	{
		assert_true(template_set_add(set, name, json_string_value(partial),
					     json_string_length(partial), NULL));
	}
	g_autofree char *text =
		render_with(set, json_string_value(json_object_get(test, "template")),
			    json_object_get(test, "data"), &options);
	const char *expected = json_string_value(json_object_get(test, "expected"));
	if (!g_str_equal(text, expected))
		fail_msg("%s: %s:\nexpected \"%s\"\ngot      \"%s\"", module,
			 json_string_value(json_object_get(test, "name")), expected, text);
}

static void
every_case_of_the_specification_comes_out_to_the_byte(void **state)
{
	static const char *const modules[] = { "comments", "delimiters", "interpolation",
					       "inverted", "partials",   "sections" };
	guint n_cases = 0;

	(void)state;
	if (!g_file_test(spec_folder(), G_FILE_TEST_IS_DIR)) {
		print_message("NOT TESTED: no mustache specification in %s\n", spec_folder());
		skip();
	}
	for (guint i = 0; i < G_N_ELEMENTS(modules); i++) {
		g_autofree char *path = g_strdup_printf("%s/%s.json", spec_folder(), modules[i]);
		json_t *module = json_load_file(path, 0, NULL);
		size_t index;
		json_t *test;

		assert_non_null(module);
		json_array_foreach(json_object_get(module, "tests"), index, test)
		{
			run_case(modules[i], test);
			n_cases++;
		}
		json_decref(module);
	}
	assert_true(n_cases >= 136);
}

static void
integers_are_grouped_for_people_and_bare_when_raw(void **state)
{
	(void)state;
	expect("{{n}} {{&n}} {{{n}}}", "{\"n\": 28914}", "28,914 28914 28914");
	expect("{{.}}", "0", "0");
	expect("{{.}}", "999", "999");
	expect("{{.}}", "1000", "1,000");
	expect("{{.}}", "-100", "-100");
	expect("{{.}}", "-1234567", "-1,234,567");
	expect("{{.}}", "9223372036854775807", "9,223,372,036,854,775,807");
	expect("{{.}}", "99.4", "99.4");
}

static void
hostile_text_is_escaped_in_every_place(void **state)
{
	(void)state;
	expect("<a title='{{t}}'>{{t}}</a>", "{\"t\": \"'\\\"><script>&\"}",
	       "<a title='&#39;&quot;&gt;&lt;script&gt;&amp;'>"
	       "&#39;&quot;&gt;&lt;script&gt;&amp;</a>");
	/* What looks like a tag in a value is a value. */
	expect("{{t}}", "{\"t\": \"{{secret}}\", \"secret\": \"x\"}", "{{secret}}");
}

static void
unknown_is_empty_and_zero_is_a_number(void **state)
{
	(void)state;
	expect("[{{n}}]{{#n}}some{{/n}}{{^n}}unknown{{/n}}", "{\"n\": 0}", "[0]some");
	expect("[{{n}}]{{#n}}some{{/n}}{{^n}}unknown{{/n}}", "{\"n\": null}", "[]unknown");
	expect("[{{n}}]{{#n}}some{{/n}}{{^n}}unknown{{/n}}", "{}", "[]unknown");
	expect("[{{n}}]{{#n}}some{{/n}}{{^n}}unknown{{/n}}", "{\"n\": \"\"}", "[]unknown");
}

static void
content_stands_for_the_page_in_the_frame(void **state)
{
	g_autoptr(template_set_auto) set = template_set_new();
	const struct template_options options = { .name = "main", .content = "page" };
	json_t *root = json_pack("{s:s}", "name", "A&B");

	(void)state;
	assert_true(template_set_add(set, "page", "<p>{{name}}</p>", 15, NULL));
	g_autofree char *text = render_with(set, "<main>{{>content}}</main>", root, &options);
	assert_string_equal(text, "<main><p>A&amp;B</p></main>");
	json_decref(root);
}

static void
a_broken_template_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
		{ "a\n{{#b}}\n", "template \"main\": line 3: a section is not closed" },
		{ "a\n{{/b}}", "template \"main\": line 2: a section is closed that is not open" },
		{ "{{#a}}{{#b}}\n{{/a}}{{/b}}",
		  "template \"main\": line 2: another section is open than is closed" },
		{ "\n\n{{name", "template \"main\": line 3: a tag is not closed" },
		{ "{{{name}}", "template \"main\": line 1: a tag is not closed" },
		{ "{{}}", "template \"main\": line 1: a name must be one word" },
		{ "{{a b}}", "template \"main\": line 1: a name must be one word" },
		{ "{{a..b}}", "template \"main\": line 1: a dotted name has an empty part" },
		{ "{{>}}", "template \"main\": line 1: a partial needs a name" },
		{ "{{=<%=}}", "template \"main\": line 1: delimiters are two words without \"=\"" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(cases[i].text, "{}", cases[i].error);
}

static void
a_missing_partial_is_found_before_the_first_page(void **state)
{
	g_autoptr(template_set_auto) set = template_set_new();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(template_set_add(set, "frame", "{{>content}}{{>foot}}", 21, NULL));
	assert_false(template_set_check(set, &error));
	assert_string_equal(error->message, "template \"frame\": there is no template \"foot\"");
	assert_true(template_set_add(set, "foot", "", 0, NULL));
	assert_true(template_set_check(set, NULL));
	assert_true(template_set_has(set, "foot"));
	assert_false(template_set_has(set, "head"));
}

static void
rendering_ends_at_its_limits(void **state)
{
	GString *many = g_string_new("{\"a\":[1");

	(void)state;
	for (guint i = 0; i < 400; i++)
		g_string_append(many, ",1");
	g_string_append(many, "]}");
	expect("{{>main}}", "{}", "rendering goes over TEMPLATE_MAX_DEPTH");
	expect("{{#.}}{{>main}}{{/.}}", "{\"x\":1}", "rendering goes over TEMPLATE_MAX_DEPTH");
	expect("{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}", many->str, "");
	expect("{{#a}}{{#a}}{{#a}}{{b}}{{/a}}{{/a}}{{/a}}", many->str,
	       "rendering goes over TEMPLATE_MAX_STEPS");
	expect("{{#a}}{{#a}}"
	       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	       "{{/a}}{{/a}}",
	       many->str, "rendering goes over TEMPLATE_MAX_BYTES");
	g_string_free(many, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_specification_comes_out_to_the_byte),
		cmocka_unit_test(integers_are_grouped_for_people_and_bare_when_raw),
		cmocka_unit_test(hostile_text_is_escaped_in_every_place),
		cmocka_unit_test(unknown_is_empty_and_zero_is_a_number),
		cmocka_unit_test(content_stands_for_the_page_in_the_frame),
		cmocka_unit_test(a_broken_template_is_refused_with_its_line),
		cmocka_unit_test(a_missing_partial_is_found_before_the_first_page),
		cmocka_unit_test(rendering_ends_at_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
