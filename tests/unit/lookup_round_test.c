/* SPDX-License-Identifier: MIT */
/* One round of look-ups: what is asked, and what counts as never asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/lookup_round.h"
#include "enrich/fact_age.h"
#include "tests/support/dns_house.h"

#define NOW 1700000000
#define GOOD_SCRIPT                                              \
	"1.2.0.192.in-addr.arpa 86400 PTR mail.hinoki.example\n" \
	"mail.hinoki.example 86400 A 192.0.2.1\n"                \
	"_dmarc.hinoki.example 3600 TXT v=DMARC1; p=none\n"

static void
what_was_maybe_never_asked_is_wanted_again(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open(GOOD_SCRIPT "2.2.0.192.in-addr.arpa ! servfail\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	struct lookup_means means = { .resolver = resolver, .budget = 4 };
	struct ip ip;

	(void)state;
	for (guint pass = 0; pass < 2; pass++) {
		g_autoptr(lookup_round_auto) round = lookup_round_new(NOW);
		round->does_rdns = TRUE;
		for (guint8 i = 1; i <= 2; i++) {
			assert_true(ip_parse("192.0.2.0", &ip));
			ip.bytes[15] = i;
			assert_true(lookup_round_add_address(round, &ip, TRUE, TRUE));
		}
		assert_true(lookup_round_ask(round, &means, NULL));
		/* Three questions in the first pass, six in both. */
		assert_int_equal(lookup_round_n_facts(round), pass == 0 ? 2 : 1);
		const struct lookup_address *failed =
			&g_array_index(round->addresses, struct lookup_address, 1);
		assert_int_equal(failed->rdns.state, RDNS_UNKNOWN);
		assert_int_equal(failed->rdns.good_until, NOW + FACT_FAILED_S);
	}
}

static void
a_tree_walk_that_was_maybe_cut_short_is_wanted_again(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open(GOOD_SCRIPT "_dmarc.bad.example ! servfail\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	struct lookup_means means = { .resolver = resolver, .budget = 4 };

	(void)state;
	for (guint pass = 0; pass < 2; pass++) {
		g_autoptr(lookup_round_auto) round = lookup_round_new(NOW);
		round->does_org_domain = TRUE;
		assert_true(lookup_round_add_domain(round, "hinoki.example", TRUE, TRUE));
		assert_true(lookup_round_add_domain(round, "bad.example", TRUE, TRUE));
		assert_true(lookup_round_ask(round, &means, NULL));
		/* Three questions in the first pass, six in both. */
		assert_int_equal(lookup_round_n_facts(round), pass == 0 ? 2 : 1);
		const struct lookup_domain *failed =
			&g_array_index(round->domains, struct lookup_domain, 1);
		assert_null(failed->spf);
		assert_int_equal(failed->org.state, OWN_ORG_UNKNOWN);
		assert_int_equal(failed->org.good_until, NOW + FACT_FAILED_S);
	}
}

static void
addresses_of_private_networks_are_not_asked_about(void **state)
{
	static const char *const private[] = { "10.0.0.1", "192.168.1.1", "fe80::1", "127.0.0.1" };
	g_autoptr(dns_house_auto) house = dns_house_open("");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	g_autoptr(lookup_round_auto) round = lookup_round_new(NOW);
	const struct lookup_means means = { .resolver = resolver, .budget = 100 };
	struct ip ip;

	(void)state;
	round->does_rdns = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(private); i++) {
		assert_true(ip_parse(private[i], &ip));
		lookup_round_add_address(round, &ip, TRUE, TRUE);
	}
	assert_true(lookup_round_ask(round, &means, NULL));
	assert_int_equal(resolver_n_asked(resolver), 0);
	assert_int_equal(lookup_round_n_facts(round), G_N_ELEMENTS(private));
	for (guint i = 0; i < round->addresses->len; i++)
		assert_int_equal(
			g_array_index(round->addresses, struct lookup_address, i).rdns.state,
			RDNS_UNKNOWN);
}

static void
a_round_is_bounded(void **state)
{
	g_autoptr(lookup_round_auto) round = lookup_round_new(NOW);
	struct ip ip;
	guint n = 0;

	(void)state;
	round->does_rdns = TRUE;
	round->does_own_spf = TRUE;
	assert_true(ip_parse("192.0.2.1", &ip));
	while (lookup_round_add_address(round, &ip, TRUE, FALSE))
		n++;
	assert_int_equal(n, LOOKUP_ADDRESSES_MAX);
	for (n = 0; lookup_round_add_domain(round, "a.example", TRUE, FALSE);)
		n++;
	assert_int_equal(n, LOOKUP_DOMAINS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_maybe_never_asked_is_wanted_again),
		cmocka_unit_test(a_tree_walk_that_was_maybe_cut_short_is_wanted_again),
		cmocka_unit_test(addresses_of_private_networks_are_not_asked_about),
		cmocka_unit_test(a_round_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
