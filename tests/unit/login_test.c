/* SPDX-License-Identifier: MIT */
/* Signing in and out, and what only a session may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

#include "core/error.h"
#include "tests/support/expect.h"
#include "tests/support/talk.h"

static void
who_is_not_signed_in_is_sent_to_the_login(void **state)
{
	g_autofree char *html = talk_ask(*state, "GET /list?a=b%26c", "", NULL);
	g_autofree char *json = talk_ask(*state, "GET /list.json", "", NULL);
	g_autofree char *csv = talk_ask(*state, "GET /list.csv", "", NULL);
	g_autofree char *api = talk_ask(*state, "GET /api/v1/list", "", NULL);
	g_autofree char *post = talk_ask(*state, "POST /list", "", "a=b");

	expect_start(html, "HTTP/1.1 303 ");
	expect_has(html, "Location: /login?next=/list%3Fa%3Db%2526c\r\n");
	expect_start(json, "HTTP/1.1 401 ");
	expect_has(json, "Content-Type: application/problem+json\r\n");
	expect_has(json, "\"status\":401");
	expect_start(csv, "HTTP/1.1 401 ");
	expect_start(api, "HTTP/1.1 401 ");
	expect_start(post, "HTTP/1.1 303 ");
	assert_int_equal(talk_runs, 0);
}

static void
a_link_signs_in_once(void **state)
{
	struct place *place = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *link = web_login_link(place->store, "", "admin", 900, &error);
	g_autofree char *get = g_strdup_printf("GET %s", link);
	g_autofree char *head = g_strdup_printf("HEAD %s", link);
	g_autofree char *looked = talk_ask(place, head, "", NULL);
	g_autofree char *first = talk_ask(place, get, "", NULL);
	g_autofree char *second = talk_ask(place, get, "", NULL);
	g_autofree char *cookie = talk_field(first, "Set-Cookie");

	expect_start(looked, "HTTP/1.1 200 ");
	expect_not(looked, "Set-Cookie");
	expect_start(first, "HTTP/1.1 303 ");
	expect_has(first, "Location: /\r\n");
	expect_has(cookie, "; Path=/; Max-Age=1209600; HttpOnly; SameSite=Strict");
	expect_start(second, "HTTP/1.1 403 ");
	expect_has(second, "This link was used before, or its time is over.");
	expect_not(second, "Set-Cookie");
}

static void
a_link_followed_from_elsewhere_goes_on_by_a_page_of_ours(void **state)
{
	struct place *place = *state;
	g_autofree char *link = web_login_link(place->store, "", "admin", 900, NULL);
	g_autofree char *get = g_strdup_printf("GET %s", link);
	g_autofree char *answer = talk_ask(place, get, "Sec-Fetch-Site: cross-site\r\n", NULL);
	g_autofree char *page =
		talk_ask(place, "GET /login?next=/list", "Sec-Fetch-Site: cross-site\r\n", NULL);

	expect_start(answer, "HTTP/1.1 200 ");
	expect_has(answer, "<meta http-equiv=\"refresh\" content=\"0; url=/\">");
	expect_has(answer, "Set-Cookie: dmarcd_session=");
	expect_has(page, "<meta http-equiv=\"refresh\" content=\"0; url=/list\">");
}

static void
a_password_signs_in_and_a_wrong_one_does_not(void **state)
{
	struct place *place = *state;
	g_autofree char *hash = web_password_hash("correct horse", NULL);

	assert_true(store_edit_user(place->store, "sato", hash, NULL));
	g_autofree char *right = talk_ask(place, "POST /login", "",
					  "username=sato&password=correct+horse&next=%2Flist");
	g_autofree char *wrong = talk_ask(place, "POST /login", "", "username=sato&password=wrong");
	g_autofree char *nobody =
		talk_ask(place, "POST /login", "", "username=x&password=correct+horse");
	g_autofree char *away =
		talk_ask(place, "POST /login", "",
			 "username=sato&password=correct+horse&next=//evil.example");
	g_autofree char *foreign = talk_ask(place, "POST /login", "Sec-Fetch-Site: cross-site\r\n",
					    "username=sato&password=correct+horse");
	g_autofree char *origin = talk_ask(place, "POST /login", "Origin: http://evil.example\r\n",
					   "username=sato&password=correct+horse");

	expect_start(right, "HTTP/1.1 303 ");
	expect_has(right, "Location: /list\r\n");
	expect_has(right, "Set-Cookie: dmarcd_session=");
	expect_start(wrong, "HTTP/1.1 403 ");
	expect_has(wrong, "Name or password is wrong.");
	expect_start(nobody, "HTTP/1.1 403 ");
	expect_has(nobody, "Name or password is wrong.");
	expect_has(away, "Location: /\r\n");
	expect_start(foreign, "HTTP/1.1 403 ");
	expect_not(foreign, "Set-Cookie");
	expect_start(origin, "HTTP/1.1 403 ");
}

static void
a_user_without_a_password_cannot_use_one(void **state)
{
	struct place *place = *state;
	g_autofree char *link = web_login_link(place->store, "", "admin", 900, NULL);
	g_autofree char *empty = talk_ask(place, "POST /login", "", "username=admin&password=");
	g_autofree char *some = talk_ask(place, "POST /login", "", "username=admin&password=x");

	assert_non_null(link);
	expect_start(empty, "HTTP/1.1 403 ");
	expect_start(some, "HTTP/1.1 403 ");
}

static void
too_many_tries_are_told_when_to_come_again(void **state)
{
	struct place *place = *state;

	for (guint i = 0; i < 10; i++) {
		g_autofree char *answer =
			talk_ask(place, "POST /login", "", "username=sato&password=wrong");
		expect_start(answer, "HTTP/1.1 403 ");
	}
	g_autofree char *answer =
		talk_ask(place, "POST /login", "", "username=sato&password=wrong");
	g_autofree char *other = talk_ask(place, "POST /login", "X-Forwarded-For: 192.0.2.7\r\n",
					  "username=mori&password=wrong");
	g_autofree char *same_user =
		talk_ask(place, "POST /login", "X-Forwarded-For: 192.0.2.7\r\n",
			 "username=sato&password=wrong");

	expect_start(answer, "HTTP/1.1 429 ");
	expect_has(answer, "Retry-After: ");
	expect_has(answer, "There were too many tries. The next one is possible at ");
	expect_start(other, "HTTP/1.1 403 ");
	expect_start(same_user, "HTTP/1.1 429 ");
}

static void
a_form_without_its_token_changes_nothing(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *token = talk_token(place);
	g_autofree char *right = g_strdup_printf("_csrf=%s", token);
	g_autofree char *none = talk_ask(place, "POST /list", "", "a=b");
	g_autofree char *wrong = talk_ask(place, "POST /list", "", "_csrf=0123");
	g_autofree char *foreign =
		talk_ask(place, "POST /list", "Sec-Fetch-Site: same-site\r\n", right);

	expect_start(none, "HTTP/1.1 403 ");
	expect_start(wrong, "HTTP/1.1 403 ");
	expect_start(foreign, "HTTP/1.1 403 ");
	assert_int_equal(talk_runs, 0);

	g_autofree char *changed =
		talk_ask(place, "POST /list", "Sec-Fetch-Site: same-origin\r\n", right);
	expect_start(changed, "HTTP/1.1 303 ");
	expect_has(changed, "Location: /list\r\n");
	assert_int_equal(talk_runs, 1);
}

static void
signing_out_ends_the_session_in_the_store(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *token = talk_token(place);
	g_autofree char *body = g_strdup_printf("_csrf=%s", token);
	g_autofree char *before = talk_ask(place, "GET /list", "", NULL);
	g_autofree char *out = talk_ask(place, "POST /logout", "", body);
	g_autofree char *after = talk_ask(place, "GET /list", "", NULL);

	expect_start(before, "HTTP/1.1 200 ");
	expect_start(out, "HTTP/1.1 303 ");
	expect_has(out, "Set-Cookie: dmarcd_session=; Path=/; Max-Age=0;");
	expect_start(after, "HTTP/1.1 303 ");
}

static void
the_theme_is_a_cookie(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *token = talk_token(place);
	g_autofree char *body = g_strdup_printf("_csrf=%s&theme=dark&next=/list", token);
	g_autofree char *chosen = talk_ask(place, "POST /appearance", "", body);
	g_autofree char *cookie = talk_field(chosen, "Set-Cookie");
	g_autofree char *plain = talk_ask(place, "GET /list", "", NULL);

	assert_true(g_str_has_prefix(cookie, "theme=dark; "));
	expect_has(chosen, "Location: /list\r\n");
	expect_has(plain, "<html lang=\"en\">");
	g_autofree char *with = g_strdup_printf("%.*s; theme=dark\r\n",
						(int)strlen(place->cookie) - 2, place->cookie);
	g_free(place->cookie);
	place->cookie = g_steal_pointer(&with);
	g_autofree char *dark = talk_ask(place, "GET /list", "", NULL);
	expect_has(dark, "<html lang=\"en\" data-theme=\"dark\">");
}

#define TALK_TEST(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(who_is_not_signed_in_is_sent_to_the_login),
		TALK_TEST(a_link_signs_in_once),
		TALK_TEST(a_link_followed_from_elsewhere_goes_on_by_a_page_of_ours),
		TALK_TEST(a_password_signs_in_and_a_wrong_one_does_not),
		TALK_TEST(a_user_without_a_password_cannot_use_one),
		TALK_TEST(too_many_tries_are_told_when_to_come_again),
		TALK_TEST(a_form_without_its_token_changes_nothing),
		TALK_TEST(signing_out_ends_the_session_in_the_store),
		TALK_TEST(the_theme_is_a_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
