/* SPDX-License-Identifier: MIT */
/* Tokens of programs: made once, found by name, compared as a whole, revoked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/error.h"
#include "tests/support/store_place.h"
#include "web/auth_token.h"
#include "web/web.h"

static char *
find(struct store_place *place, const char *authorization, guint *ret_rights)
{
	g_autoptr(GError) error = NULL;
	char *name = auth_token_name(store_place_view(place), authorization, ret_rights, &error);

	assert_null(error);
	return name;
}

static void
a_token_is_known_by_the_whole_of_it(void **state)
{
	struct store_place *place = *state;
	g_autofree char *token = web_token_make(place->store, "nightly", RIGHT_UPLOAD, NULL);
	g_autofree char *other = web_token_make(place->store, "other", RIGHT_METRICS, NULL);
	g_autofree char *swapped = g_strconcat("Bearer nightly", strchr(other, '.'), NULL);
	g_autofree char *good = g_strconcat("bearer ", token, NULL);
	g_autofree char *longer = g_strconcat("Bearer ", token, "x", NULL);
	guint rights = 0;

	g_autofree char *name = find(place, good, &rights);
	assert_string_equal(name, "nightly");
	assert_int_equal(rights, RIGHT_UPLOAD);
	const char *const wrong[] = {
		swapped,
		longer,
		token,
		"",
		"Bearer",
		"Bearer ",
		"Bearer nightly",
		"Bearer nightly.",
		"Bearer .x",
		"Basic bmlnaHRseTp4",
		"Bearer Nightly.x",
		"Bearer nobody.x",
	};
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
		assert_null(find(place, wrong[i], &rights));
	good[strlen(good) - 1] ^= 1;
	assert_null(find(place, good, &rights));
}

static void
a_name_is_taken_until_it_is_revoked(void **state)
{
	struct store_place *place = *state;
	g_autofree char *token = web_token_make(place->store, "nightly", RIGHT_UPLOAD, NULL);
	g_autofree char *sent = g_strconcat("Bearer ", token, NULL);
	g_autoptr(GError) taken = NULL;
	g_autoptr(GError) absent = NULL;
	guint rights;

	assert_null(web_token_make(place->store, "nightly", RIGHTS_TOKEN, &taken));
	assert_true(g_error_matches(taken, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	assert_true(store_edit_token_revoke(place->store, "nightly", NULL));
	assert_null(find(place, sent, &rights));
	assert_false(store_edit_token_revoke(place->store, "nightly", &absent));
	assert_true(g_error_matches(absent, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	g_autofree char *second = web_token_make(place->store, "nightly", RIGHTS_TOKEN, NULL);
	assert_string_not_equal(second, token);
	assert_null(find(place, sent, &rights));
}

static void
the_list_has_names_and_rights(void **state)
{
	struct store_place *place = *state;
	g_autofree char *b = web_token_make(place->store, "b", RIGHTS_TOKEN, NULL);
	g_autofree char *a = web_token_make(place->store, "a-1_x", RIGHT_METRICS, NULL);
	g_autoptr(GPtrArray) tokens = query_tokens(store_place_view(place), NULL);

	assert_int_equal(tokens->len, 2);
	const struct query_token *first = tokens->pdata[0];
	const struct query_token *second = tokens->pdata[1];
	g_autofree char *rights = rights_text(second->rights);
	assert_string_equal(first->name, "a-1_x");
	assert_int_equal(first->made_at / 86400, PLACE_TODAY);
	assert_string_equal(rights, "upload,metrics,operator");
	const char *const wrong[] = { "", "A", "a.b", "a b", "123456789012345678901234567890123" };
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
		assert_null(web_token_make(place->store, wrong[i], RIGHT_UPLOAD, NULL));
}

static void
rights_have_names(void **state)
{
	g_autoptr(GError) error = NULL;
	guint right = 0;

	(void)state;
	assert_true(right_find("metrics", RIGHTS_TOKEN, &right, NULL));
	assert_int_equal(right, RIGHT_METRICS);
	assert_false(right_find("ruf.read", RIGHTS_TOKEN, &right, &error));
	assert_non_null(strstr(error->message, "upload,metrics"));
}

/* What an arrival brought, for whoever handed it in. */
static void
an_arrival_is_found_by_its_number(void **state)
{
	struct store_place *place = *state;
	struct parsed *parsed = parsed_new();

	parsed_add_fault(parsed, FAULT_DAMAGED, g_strdup("part 1"), g_strdup("not XML"));
	store_place_submit_parsed(place, parsed, "unreadable", NULL);
	gint64 id = store_place_number(place, "SELECT max(id) FROM arrival");
	g_autoptr(query_arrival_auto) arrival = query_arrival(store_place_view(place), id, NULL);
	assert_non_null(arrival);
	assert_int_equal(arrival->parts->len, 1);
	assert_null(query_arrival(store_place_view(place), id + 1, NULL));
	assert_null(query_arrival(store_place_view(place), 0, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_known_by_the_whole_of_it),
		TEST(a_name_is_taken_until_it_is_revoked),
		TEST(the_list_has_names_and_rights),
		TEST(rights_have_names),
		TEST(an_arrival_is_found_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
