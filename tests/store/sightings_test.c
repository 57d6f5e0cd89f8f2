/* SPDX-License-Identifier: MIT */
/* What records show for the first time is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/sqlite_sightings.h"
#include "tests/support/store_make.h"
#include "tests/support/store_place.h"

static void
nobody_fills_the_store_with_names_that_he_invents(void **state)
{
	struct store_place *place = *state;
	struct outcomes outcomes = { { 0 } };

	for (guint part = 0; part < 3; part++) {
		g_autofree char *id = g_strdup_printf("flood-%u", part);
		struct make *make = make_start(
			&(struct make_report){ .report_id = id, .day = PLACE_TODAY - 1 });
		for (guint i = 0; i < FROM_NAMES_MAX; i++) {
			g_autofree char *from = g_strdup_printf("x%u-%u.shop.example", part, i);
			g_autofree char *auth = g_strdup_printf("dkim pass shop.example s%u", i);
			make_record(make, &(struct make_record){ .ip = "192.0.2.1",
								 .count = 1,
								 .dkim = ALIGNED_PASS,
								 .header_from = from,
								 .auth = auth });
		}
		store_place_send(place, make_end(make), &outcomes);
		store_place_flush(place);
	}
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM from_name"),
			 FROM_NAMES_MAX);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM signature_day"),
			 SIGNATURES_OF_DAY_MAX);
}

static void
foreign_names_take_no_place_of_own_ones(void **state)
{
	struct store_place *place = *state;
	struct outcomes outcomes = { { 0 } };
	struct make *make =
		make_start(&(struct make_report){ .report_id = "mixed", .day = PLACE_TODAY - 1 });

	for (guint i = 0; i <= FROM_NAMES_MAX; i++) {
		g_autofree char *from = g_strdup_printf("x%u.other.example", i);
		make_record(make, &(struct make_record){
					  .count = 1,
					  .header_from =
						  i < FROM_NAMES_MAX ? from : "new.shop.example" });
	}
	store_place_send(place, make_end(make), &outcomes);
	store_place_flush(place);
	assert_int_equal(
		store_place_number(place, "SELECT count(*) FROM from_name f JOIN name n ON n.id = "
					  "f.name WHERE n.text = 'new.shop.example'"),
		1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_fills_the_store_with_names_that_he_invents,
						store_place_open, store_place_close),
		cmocka_unit_test_setup_teardown(foreign_names_take_no_place_of_own_ones,
						store_place_open, store_place_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
