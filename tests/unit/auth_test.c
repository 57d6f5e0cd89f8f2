/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "core/error.h"
#include "web/auth.h"
#include "web/session.h"
#include "web/web.h"

static void
a_password_is_checked_against_its_hash(void **state)
{
	struct auth auth = { 0 };
	g_autofree char *hash = web_password_hash("correct horse", NULL);
	g_autofree char *again = web_password_hash("correct horse", NULL);

	(void)state;
	assert_true(g_str_has_prefix(hash, "$argon2id$"));
	assert_string_not_equal(hash, again);
	assert_int_equal(auth_check(&auth, hash, "correct horse"), AUTH_RIGHT);
	assert_int_equal(auth_check(&auth, hash, "correct horsf"), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, hash, ""), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, "", ""), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, NULL, "correct horse"), AUTH_WRONG);
	assert_int_equal(auth_check(&auth, "no hash", "correct horse"), AUTH_WRONG);
	assert_int_equal(auth.n_running, 0);
}

static void
an_unknown_user_takes_as_long_as_a_wrong_password(void **state)
{
	struct auth auth = { 0 };
	g_autofree char *hash = web_password_hash("correct horse", NULL);
	gint64 begin = g_get_monotonic_time();

	(void)state;
	auth_check(&auth, hash, "wrong");
	gint64 wrong = g_get_monotonic_time() - begin;
	begin = g_get_monotonic_time();
	auth_check(&auth, NULL, "wrong");
	gint64 unknown = g_get_monotonic_time() - begin;
	/* Without the work it would be some thousand times less. */
	assert_true(unknown * 10 > wrong);
}

static void
more_than_two_at_once_are_asked_to_wait(void **state)
{
	struct auth auth = { .n_running = AUTH_MAX_HASHES };

	(void)state;
	assert_int_equal(auth_check(&auth, NULL, "x"), AUTH_BUSY);
	assert_int_equal(auth.n_running, AUTH_MAX_HASHES);
}

static void
a_short_password_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(web_password_hash("seven77", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	assert_string_equal(error->message, "a password needs at least 8 characters");
}

static void
tokens_are_long_and_never_the_same(void **state)
{
	g_autofree char *token = session_new_token();
	g_autofree char *other = session_new_token();
	g_autofree char *digest = session_digest(token);

	(void)state;
	assert_int_equal(strlen(token), 43);
	assert_string_not_equal(token, other);
	assert_int_equal(strlen(digest), 64);
	assert_null(strstr(digest, token));
}

static void
the_cookie_stays_with_the_browser_and_this_site(void **state)
{
	g_autofree char *cookie = session_cookie("TOKEN");
	g_autofree char *gone = session_cookie(NULL);

	(void)state;
	assert_string_equal(cookie, "dmarcd_session=TOKEN; Path=/; Max-Age=1209600; HttpOnly; "
				    "SameSite=Strict");
	assert_string_equal(gone, "dmarcd_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_checked_against_its_hash),
		cmocka_unit_test(an_unknown_user_takes_as_long_as_a_wrong_password),
		cmocka_unit_test(more_than_two_at_once_are_asked_to_wait),
		cmocka_unit_test(a_short_password_is_refused),
		cmocka_unit_test(tokens_are_long_and_never_the_same),
		cmocka_unit_test(the_cookie_stays_with_the_browser_and_this_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
