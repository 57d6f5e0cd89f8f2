/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "web/csrf.h"

static void
a_token_belongs_to_one_session(void **state)
{
	g_autofree char *token = csrf_token("session-a");
	g_autofree char *same = csrf_token("session-a");
	g_autofree char *other = csrf_token("session-b");

	(void)state;
	assert_string_equal(token, same);
	assert_string_not_equal(token, other);
	assert_true(csrf_token_is_right("session-a", token));
	assert_false(csrf_token_is_right("session-b", token));
	assert_false(csrf_token_is_right("session-a", NULL));
	assert_false(csrf_token_is_right("session-a", ""));
	assert_false(csrf_token_is_right("session-a", "session-a"));

	token[0] = token[0] == '0' ? '1' : '0';
	assert_false(csrf_token_is_right("session-a", token));
}

static void
the_browser_says_where_a_form_stands(void **state)
{
	(void)state;
	assert_false(csrf_is_foreign("same-origin", NULL, "a:8080"));
	assert_false(csrf_is_foreign("none", NULL, "a:8080"));
	assert_true(csrf_is_foreign("same-site", NULL, "a:8080"));
	assert_true(csrf_is_foreign("cross-site", NULL, "a:8080"));
	assert_true(csrf_is_foreign("", NULL, "a:8080"));
	/* Behind a proxy Host may be another name than the one the browser knows. */
	assert_false(csrf_is_foreign("same-origin", "https://dmarc.example", "127.0.0.1:8080"));
	assert_false(csrf_is_foreign(NULL, "http://a:8080", "A:8080"));
	assert_true(csrf_is_foreign(NULL, "http://b:8080", "a:8080"));
	assert_true(csrf_is_foreign(NULL, "http://a:8080.evil.example", "a:8080"));
	assert_true(csrf_is_foreign(NULL, "null", "a:8080"));
	assert_true(csrf_is_foreign(NULL, "http://a", NULL));
	assert_false(csrf_is_foreign(NULL, NULL, "a:8080"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_belongs_to_one_session),
		cmocka_unit_test(the_browser_says_where_a_form_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
