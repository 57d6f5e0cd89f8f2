/* SPDX-License-Identifier: MIT */
/* Reverse names against a server on loopback: what confirms one, and what is no sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/fact_age.h"
#include "enrich/ip_rdns.h"
#include "tests/support/dns_house.h"

#define NOW 1700000000

static void
note(gpointer data, const struct ip *ip, const struct ip_rdns *rdns)
{
	struct ip_rdns *heard = data;

	assert_false(ip_is_none(ip));
	assert_int_equal(heard->good_until, 0);
	*heard = *rdns;
}

static struct ip_rdns
look_up(struct resolver *resolver, const char *address)
{
	struct ip_rdns rdns = { 0 };
	struct ip ip;

	assert_true(ip_parse(address, &ip));
	ip_rdns_ask(resolver, &ip, NOW, note, &rdns);
	resolver_run(resolver, NULL, NULL);
	return rdns;
}

static void
expect(struct resolver *resolver, const char *address, enum rdns_state state, const char *name)
{
	struct ip_rdns rdns = look_up(resolver, address);

	assert_string_equal(rdns.name, name);
	assert_int_equal(rdns.state, state);
}

static void
a_name_counts_where_it_leads_back(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(
		"1.2.0.192.in-addr.arpa 86400 PTR Mail.Hinoki.example\n"
		"mail.hinoki.example 300 A 192.0.2.9\n"
		"mail.hinoki.example 300 A 192.0.2.1\n"
		"2.2.0.192.in-addr.arpa 86400 PTR mail.bank.example\n"
		"mail.bank.example 300 A 198.51.100.1\n"
		"3.2.0.192.in-addr.arpa 86400 PTR gone.example\n"
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa 9 PTR "
		"six.hinoki.example\n"
		"six.hinoki.example 300 A 192.0.2.1\n"
		"six.hinoki.example 300 AAAA 2001:db8:7::1\n"
		"4.2.0.192.in-addr.arpa 300 CNAME 4.0-25.2.0.192.in-addr.arpa\n"
		"4.0-25.2.0.192.in-addr.arpa 300 PTR four.example\n"
		"four.example 300 CNAME five.example\n"
		"five.example 300 A 192.0.2.4\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, "192.0.2.1", RDNS_CONFIRMED, "mail.hinoki.example");
	expect(resolver, "192.0.2.2", RDNS_UNKNOWN, "mail.bank.example");
	expect(resolver, "192.0.2.3", RDNS_UNKNOWN, "gone.example");
	expect(resolver, "2001:db8:7::1", RDNS_CONFIRMED, "six.hinoki.example");
	expect(resolver, "192.0.2.4", RDNS_CONFIRMED, "four.example");
}

static void
a_generic_name_is_told_and_a_chosen_one_comes_first(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open("1.2.0.192.in-addr.arpa 300 PTR 192-0-2-1.isp.example\n"
			       "192-0-2-1.isp.example 300 A 192.0.2.1\n"
			       "2.2.0.192.in-addr.arpa 300 PTR 192-0-2-2.isp.example\n"
			       "2.2.0.192.in-addr.arpa 300 PTR chosen.example\n"
			       "192-0-2-2.isp.example 300 A 192.0.2.2\n"
			       "chosen.example 300 A 192.0.2.2\n"
			       "3.2.0.192.in-addr.arpa 300 PTR 192-0-2-3.isp.example\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, "192.0.2.1", RDNS_GENERIC, "192-0-2-1.isp.example");
	expect(resolver, "192.0.2.2", RDNS_CONFIRMED, "chosen.example");
	expect(resolver, "192.0.2.3", RDNS_UNKNOWN, "192-0-2-3.isp.example");
}

static void
no_name_is_not_an_unknown_name(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open("2.2.0.192.in-addr.arpa ! servfail\n"
			       "3.2.0.192.in-addr.arpa ! silence\n"
			       "4.2.0.192.in-addr.arpa 300 PTR b\\007d.example\n"
			       "5.2.0.192.in-addr.arpa 300 PTR mute.example\n"
			       "mute.example ! servfail\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, "192.0.2.1", RDNS_NONE, "");
	expect(resolver, "192.0.2.2", RDNS_UNKNOWN, "");
	expect(resolver, "192.0.2.3", RDNS_UNKNOWN, "");
	expect(resolver, "192.0.2.4", RDNS_UNKNOWN, "");
	expect(resolver, "192.0.2.5", RDNS_UNKNOWN, "mute.example");
}

static void
of_200_names_a_few_are_looked_at(void **state)
{
	g_autoptr(GString) script = g_string_new(NULL);

	(void)state;
	for (guint i = 0; i < 200; i++)
		g_string_append_printf(script,
				       "1.2.0.192.in-addr.arpa 300 PTR n%03u.example\n"
				       "n%03u.example 300 A 192.0.2.%u\n",
				       i, i, i == 3 || i == 100 ? 1U : 2U);
	g_autoptr(dns_house_auto) house = dns_house_open(script->str);
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	expect(resolver, "192.0.2.1", RDNS_CONFIRMED, "n003.example");
	assert_int_equal(resolver_n_asked(resolver), 1 + IP_RDNS_NAMES_MAX);
}

static void
what_is_known_is_good_for_longer_than_what_failed(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open("1.2.0.192.in-addr.arpa 86400 PTR a.example\n"
			       "a.example 90000 A 192.0.2.1\n"
			       "2.2.0.192.in-addr.arpa 60 PTR b.example\n"
			       "b.example 86400 A 192.0.2.2\n"
			       "3.2.0.192.in-addr.arpa 999999999 PTR c.example\n"
			       "c.example 999999999 A 192.0.2.3\n"
			       "5.2.0.192.in-addr.arpa ! servfail\n"
			       "6.2.0.192.in-addr.arpa 86400 PTR mute.example\n"
			       "mute.example ! servfail\n"
			       "7.2.0.192.in-addr.arpa 86400 PTR gone.example\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	static const struct {
		const char *address;
		gint64 seconds;
	} cases[] = {
		{ "192.0.2.1", 86400 },
		{ "192.0.2.2", IP_RDNS_GOOD_MIN_S },
		{ "192.0.2.3", IP_RDNS_GOOD_MAX_S },
		{ "192.0.2.4", IP_RDNS_GOOD_MIN_S },
		{ "192.0.2.5", FACT_FAILED_S },
		{ "192.0.2.6", FACT_FAILED_S },
		{ "192.0.2.7", 86400 },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(look_up(resolver, cases[i].address).good_until,
				 NOW + cases[i].seconds);
}

static void
a_resolver_that_ends_early_answers_unknown(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("");
	struct ip_rdns rdns = { .state = RDNS_NONE };
	struct ip ip;

	(void)state;
	assert_true(ip_parse("192.0.2.1", &ip));
	struct resolver *resolver = dns_house_resolver(house);
	ip_rdns_ask(resolver, &ip, NOW, note, &rdns);
	resolver_free(resolver);
	assert_int_equal(rdns.state, RDNS_UNKNOWN);
	assert_int_equal(rdns.good_until, NOW + FACT_FAILED_S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_counts_where_it_leads_back),
		cmocka_unit_test(a_generic_name_is_told_and_a_chosen_one_comes_first),
		cmocka_unit_test(no_name_is_not_an_unknown_name),
		cmocka_unit_test(of_200_names_a_few_are_looked_at),
		cmocka_unit_test(what_is_known_is_good_for_longer_than_what_failed),
		cmocka_unit_test(a_resolver_that_ends_early_answers_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
