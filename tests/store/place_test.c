/* SPDX-License-Identifier: MIT */
/* The network and the country of an address are those that the databases name now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/judging.h"
#include "tests/support/store_place.h"

static guint32 asn_of_all; /* 0 = the databases have nothing */

static gboolean
know_place(gpointer cookie, const struct ip *ip, struct source_place *place)
{
	(void)cookie;
	(void)ip;
	place->asn = asn_of_all;
	g_strlcpy(place->as_name, "Network", sizeof(place->as_name));
	g_strlcpy(place->country, "JP", sizeof(place->country));
	return asn_of_all != 0;
}

/* Judge all sources anew with a database that has this number for each address. */
static void
settle(struct store_place *place, gboolean has_database, guint32 asn)
{
	struct store_judge judge = *judging_default();
	const struct store_options options = { .judge = &judge, .now = place->today * DAY_S };
	g_autoptr(GError) error = NULL;

	asn_of_all = asn;
	judge.know_place = has_database ? know_place : NULL;
	store_place_shut(place);
	place->store = store_open(place->url, &options, &error);
	assert_null(error);
	assert_true(store_edit_rejudge(place->store, NULL));
	store_place_flush(place);
	store_place_shut(place);
}

static gint64
n_places(struct store_place *place, const char *where)
{
	g_autofree char *sql =
		g_strconcat("SELECT count(*) FROM address_place WHERE ", where, NULL);

	return store_place_number(place, sql);
}

static void
a_place_goes_when_the_databases_know_it_no_more(void **state)
{
	struct store_place *place = *state;

	store_place_submit(place,
			   make_document(&(struct make_report){ .day = place->today },
					 &(struct make_record){ .ip = "192.0.2.1", .count = 1 }));
	settle(place, TRUE, 64500);
	assert_int_equal(n_places(place, "asn = 64500"), 1);
	settle(place, TRUE, 64501);
	assert_int_equal(n_places(place, "asn = 64501"), 1);
	settle(place, TRUE, 0);
	assert_int_equal(n_places(place, "true"), 0);
	settle(place, TRUE, 64501);
	settle(place, FALSE, 0);
	assert_int_equal(n_places(place, "true"), 0);
	store_place_reopen(place, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_place_goes_when_the_databases_know_it_no_more,
						store_place_open, store_place_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
