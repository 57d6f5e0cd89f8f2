/* SPDX-License-Identifier: MIT */
/* The tree walk against a server on loopback: what is asked, and when nobody knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/fact_age.h"
#include "enrich/own_org.h"
#include "tests/support/dns_house.h"

#define NOW 1700000000

struct desk {
	struct own_org org;
	guint n_heard;
};

static void
take(gpointer data, const struct own_org *org)
{
	struct desk *desk = data;

	own_org_clear(&desk->org);
	desk->org = *org;
	desk->n_heard++;
}

static void
expect(const char *script, const char *name, const struct own_org *wanted, guint n_asked)
{
	g_autoptr(dns_house_auto) house = dns_house_open(script);
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	struct desk desk = { 0 };

	own_org_ask(resolver, name, NOW, take, &desk);
	resolver_run(resolver, NULL, NULL);
	assert_int_equal(desk.n_heard, 1);
	assert_int_equal(desk.org.state, wanted->state);
	assert_string_equal(desk.org.domain, wanted->domain);
	assert_int_equal(desk.org.good_until, wanted->good_until);
	assert_int_equal(resolver_n_asked(resolver), n_asked);
	own_org_clear(&desk.org);
}

static struct own_org
org(enum own_org_state state, const char *domain, gint64 good_s)
{
	/* Of a text that nobody frees. */
	return (struct own_org){ state, (char *)(guintptr)domain, NOW + good_s };
}

static void
each_name_up_to_the_top_is_asked(void **state)
{
	const struct own_org found = org(OWN_ORG_FOUND, "hinoki.example", DNS_TTL_DEFAULT_S);

	(void)state;
	expect("_dmarc.hinoki.example 9000 TXT v=DMARC1; p=none\n"
	       "_dmarc.example 7200 TXT not a record\n",
	       "News.Hinoki.example", &found, 3);
}

static void
a_record_that_says_so_ends_the_walk(void **state)
{
	const struct own_org own = org(OWN_ORG_FOUND, "news.hinoki.example", OWN_ORG_GOOD_MIN_S);
	const struct own_org below = org(OWN_ORG_FOUND, "hinoki.example", 7200);

	(void)state;
	expect("_dmarc.news.hinoki.example 60 TXT v=DMARC1; p=none; psd=n\n"
	       "_dmarc.hinoki.example ! servfail\n",
	       "news.hinoki.example", &own, 1);
	expect("_dmarc.news.hinoki.example 7200 TXT v=DMARC1; p=none\n"
	       "_dmarc.hinoki.example 7200 TXT v=DMARC1; p=none\n"
	       "_dmarc.example 7200 TXT v=DMARC1; p=none; psd=y\n",
	       "news.hinoki.example", &below, 3);
}

static void
a_name_without_any_record_stands_for_itself(void **state)
{
	const struct own_org none = org(OWN_ORG_NONE, "hinoki.example", OWN_ORG_GOOD_MAX_S);

	(void)state;
	expect("_dmarc.hinoki.example 999999 TXT v=spf1 -all\n"
	       "_dmarc.example 999999 TXT v=spf1 -all\n",
	       "hinoki.example", &none, 2);
}

static void
what_could_not_be_asked_is_unknown_and_not_none(void **state)
{
	const struct own_org unknown = org(OWN_ORG_UNKNOWN, "", FACT_FAILED_S);

	(void)state;
	expect("_dmarc.news.hinoki.example 7200 TXT v=DMARC1; p=none\n"
	       "_dmarc.hinoki.example ! servfail\n",
	       "news.hinoki.example", &unknown, 2);
	/* A part of it is missing, and may say psd=n. */
	expect("_dmarc.hinoki.example 7200 TXT v=DMARC1; p=none;{400}\n", "hinoki.example",
	       &unknown, 1);
	expect("", "hinoki..example", &unknown, 0);
}

static void
a_resolver_that_ends_before_leaves_it_unknown(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("");
	struct resolver *resolver = dns_house_resolver(house);
	struct desk desk = { 0 };

	(void)state;
	own_org_ask(resolver, "hinoki.example", NOW, take, &desk);
	resolver_free(resolver);
	assert_int_equal(desk.n_heard, 1);
	assert_int_equal(desk.org.state, OWN_ORG_UNKNOWN);
	own_org_clear(&desk.org);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_up_to_the_top_is_asked),
		cmocka_unit_test(a_record_that_says_so_ends_the_walk),
		cmocka_unit_test(a_name_without_any_record_stands_for_itself),
		cmocka_unit_test(what_could_not_be_asked_is_unknown_and_not_none),
		cmocka_unit_test(a_resolver_that_ends_before_leaves_it_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
