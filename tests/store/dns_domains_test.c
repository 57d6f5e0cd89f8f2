/* SPDX-License-Identifier: MIT */
/* Facts from the DNS about owned domains: what is due, and what is kept of the organisational one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/dns_facts.h"
#include "tests/support/store_make.h"
#include "tests/support/store_place.h"

#define NOW   (PLACE_TODAY * 86400 + 43200)
#define LATER (NOW + 7200)

static void
send_mail(struct store_place *place)
{
	struct document *document = make_document(
		&(struct make_report){ .domain = "hinoki.example", .day = place->today - 1 },
		&(struct make_record){ .ip = "192.0.2.1", .count = 3 });

	assert_int_equal(store_place_submit(place, document), OUTCOME_STORED);
	store_place_flush(place);
}

static void
keep_domain_at(struct store_place *place, const struct dns_domain *facts, gint64 now)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	const struct dns_found found = { now, addresses, domains };

	g_array_append_vals(domains, facts, 1);
	assert_true(store_edit_lookups(place->store, &found, NULL));
	store_place_flush(place);
	store_place_check(place);
}

/* --- The organisational domain --- */

static const struct dns_domain org_found = {
	.domain = "hinoki.example",
	.has_org = TRUE,
	.is_org_known = TRUE,
	.has_record = TRUE,
	.org = "example",
	.org_until = LATER + 60,
};

static void
expect_org(struct store_place *place, const struct query_org *wanted)
{
	g_auto(query_org_auto) org = { 0 };

	assert_true(query_org(store_place_view(place), "hinoki.example", &org, NULL));
	assert_int_equal(org.was_asked, wanted->was_asked);
	assert_int_equal(org.is_known, wanted->is_known);
	assert_int_equal(org.has_record, wanted->has_record);
	assert_string_equal(org.domain, wanted->domain);
	assert_int_equal(org.known_at, wanted->known_at);
}

static void
an_organisational_domain_is_unknown_until_it_was_found_out(void **state)
{
	struct store_place *place = *state;
	const struct dns_domain failed = {
		.domain = "hinoki.example",
		.has_org = TRUE,
		.org = "",
		.org_until = NOW + 1,
	};
	struct dns_domain none = org_found;
	char nothing[] = "";
	char above[] = "example";
	char itself[] = "hinoki.example";

	send_mail(place);
	expect_org(place, &(struct query_org){ .domain = nothing });
	keep_domain_at(place, &failed, NOW);
	expect_org(place, &(struct query_org){ .was_asked = TRUE, .domain = nothing });
	keep_domain_at(place, &org_found, NOW + 1);
	expect_org(place, &(struct query_org){ TRUE, TRUE, TRUE, above, NOW + 1 });
	none.has_record = FALSE;
	none.org = itself;
	keep_domain_at(place, &none, NOW + 2);
	expect_org(place, &(struct query_org){ TRUE, TRUE, FALSE, itself, NOW + 2 });
}

static void
a_failed_tree_walk_leaves_what_was_known(void **state)
{
	struct store_place *place = *state;
	struct dns_domain failed = org_found;
	char above[] = "example";

	send_mail(place);
	keep_domain_at(place, &org_found, NOW);
	failed.is_org_known = FALSE;
	failed.org = "";
	failed.org_until = LATER + 1;
	keep_domain_at(place, &failed, NOW + 9);
	expect_org(place, &(struct query_org){ TRUE, TRUE, TRUE, above, NOW });
	assert_int_equal(store_place_number(place, "SELECT good_until FROM domain_org"), LATER + 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM domain_spf"), 0);
}

static void
an_old_organisational_domain_is_forgotten(void **state)
{
	struct store_place *place = *state;
	char above[] = "example";
	char nothing[] = "";

	send_mail(place);
	keep_domain_at(place, &org_found, NOW);
	assert_true(store_edit_lookups_expire(place->store, NOW, NULL));
	store_place_flush(place);
	expect_org(place, &(struct query_org){ TRUE, TRUE, TRUE, above, NOW });
	assert_true(store_edit_lookups_expire(place->store, NOW + 1, NULL));
	store_place_flush(place);
	expect_org(place, &(struct query_org){ .domain = nothing });
}

/* --- What is due --- */

/* "NAME wants_spf wants_org " of each. */
static char *
due_domains_of(struct store_place *place, gboolean does_spf, gboolean does_org, gint64 now)
{
	const struct dns_due_domains_question question = { now, does_spf, does_org, 10 };
	g_autoptr(GArray) due = query_dns_due_domains(store_place_view(place), &question, NULL);
	GString *out = g_string_new(NULL);

	assert_non_null(due);
	for (guint i = 0; i < due->len; i++) {
		const struct dns_due_domain *one = &g_array_index(due, struct dns_due_domain, i);
		g_string_append_printf(out, "%s %d%d ", one->name, one->wants_spf, one->wants_org);
	}
	return g_string_free(out, FALSE);
}

#define assert_due_domains(place, does_spf, does_org, now, wanted)                        \
	do {                                                                              \
		g_autofree char *due_is = due_domains_of(place, does_spf, does_org, now); \
		assert_string_equal(due_is, wanted);                                      \
	} while (0)

static void
owned_domains_with_mail_are_due_until_their_records_are_known(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GByteArray) networks = g_byte_array_new();
	const struct dns_domain spf = {
		.domain = "hinoki.example",
		.has_spf = TRUE,
		.is_spf_known = TRUE,
		.networks = networks,
		.services = "",
		.spf_until = LATER,
	};

	send_mail(place);
	assert_due_domains(place, FALSE, FALSE, NOW, "");
	assert_due_domains(place, TRUE, FALSE, NOW, "hinoki.example 10 ");
	assert_due_domains(place, TRUE, TRUE, NOW, "hinoki.example 11 ");
	keep_domain_at(place, &spf, NOW);
	assert_due_domains(place, TRUE, FALSE, NOW, "");
	assert_due_domains(place, TRUE, TRUE, NOW, "hinoki.example 01 ");
	keep_domain_at(place, &org_found, NOW);
	assert_due_domains(place, TRUE, TRUE, NOW, "");
	assert_due_domains(place, TRUE, TRUE, LATER, "hinoki.example 10 ");
	assert_due_domains(place, TRUE, TRUE, LATER + 60, "hinoki.example 11 ");
}

#define test(function) \
	cmocka_unit_test_setup_teardown(function, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_organisational_domain_is_unknown_until_it_was_found_out),
		test(a_failed_tree_walk_leaves_what_was_known),
		test(an_old_organisational_domain_is_forgotten),
		test(owned_domains_with_mail_are_due_until_their_records_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
