/* SPDX-License-Identifier: MIT */
/* Block lists against a server on loopback: what counts, and what is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "enrich/fact_age.h"
#include "enrich/ip_dnsbl.h"
#include "tests/support/dns_house.h"

#define NOW 1700000000

static const char table_text[] =
	"zone\toperator\tsubject\tcodes\tmeaning\tweight\tneeds_key\tstatus\tnote\n"
	"one.list\tOne\tip\t127.0.0.2\tspam\tspam\tno\tactive\n"
	"one.list\tOne\tip\t127.0.0.4\tbot\texploit\tno\tactive\n"
	"one.list\tOne\tip\t127.0.0.10\tline\tpolicy\tno\tactive\n"
	"one.list\tOne\tip\t127.255.255.254\tresolver\terror\tno\tactive\n"
	"also.one.list\tOne\tip\t127.0.0.0/8\tall\tspam\tno\tactive\n"
	"KEY.two.list\tTwo\tip\t127.0.0.2\tspam\tspam\tyes\tactive\n"
	"near.list\tNear\tip\t127.0.0.2\tneighbours\tneighbourhood\tno\tactive\n"
	"welcome.list\tGood\tip\t127.0.*.1\tlow\twelcome\tno\tactive\n"
	"names.list\tNames\tdomain\t127.0.1.2\tname\tspam\tno\tactive\n"
	"gone.list\tGone\tip\t\t\terror\tno\tclosed 2024-06-05\tnever ask\n";

static const char *const all_zones[] = { "one.list", "also.one.list", "KEY.two.list", "near.list",
					 "welcome.list" };

struct heard {
	gint64 n_spam;
	gboolean is_certain;
	enum fact on_policy_list;
	gint64 good_until;
	guint n_heard;
	char *said; /* "one.list=spam,line near.list=? ..." */
};

static void
note(gpointer data, const struct ip *ip, const struct ip_dnsbl *dnsbl)
{
	struct heard *heard = data;
	g_autoptr(GString) text = g_string_new(NULL);

	assert_false(ip_is_none(ip));
	for (guint i = 0; i < dnsbl->said->len; i++) {
		const struct dnsbl_said *said = &g_array_index(dnsbl->said, struct dnsbl_said, i);
		g_string_append_printf(text, "%s%s=%s", i > 0 ? " " : "", said->zone,
				       said->is_known ? "" : "?");
		for (guint k = 0; k < said->n_listings; k++)
			g_string_append_printf(text, "%s%s", k > 0 ? "," : "",
					       said->listings[k]->meaning);
	}
	heard->n_heard++;
	heard->n_spam = dnsbl->n_spam;
	heard->is_certain = dnsbl->is_certain;
	heard->on_policy_list = dnsbl->on_policy_list;
	heard->good_until = dnsbl->good_until;
	g_free(heard->said);
	heard->said = g_string_free(g_steal_pointer(&text), FALSE);
}

/* Ask the zones about address, on a server with that script. The caller frees said. */
static struct heard
look_up(const char *script, const char *const *names, gsize n, const char *address)
{
	g_autoptr(dns_house_auto) house = dns_house_open(script);
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	g_autoptr(blocklists_auto) lists = blocklists_read(table_text, strlen(table_text), NULL);
	g_autoptr(dnsbl_zones_auto) zones = dnsbl_zones_new(lists);
	struct ip_dnsbl_question question = { .zones = zones, .now = NOW };
	struct heard heard = { .n_spam = -7 };

	for (gsize i = 0; i < n; i++)
		assert_true(dnsbl_zones_add(zones, names[i], "k3y", NULL));
	assert_true(ip_parse(address, &question.ip));
	ip_dnsbl_ask(resolver, &question, note, &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_int_equal(heard.n_heard, 1);
	return heard;
}

static void
an_operator_counts_once_and_neighbours_do_not(void **state)
{
	struct heard heard = look_up("9.2.0.192.one.list 300 A 127.0.0.2\n"
				     "9.2.0.192.one.list 300 A 127.0.0.4\n"
				     "9.2.0.192.also.one.list 300 A 127.0.0.77\n"
				     "9.2.0.192.k3y.two.list 300 A 127.0.0.2\n"
				     "9.2.0.192.near.list 300 A 127.0.0.2\n"
				     "9.2.0.192.welcome.list 300 A 127.0.9.1\n",
				     all_zones, G_N_ELEMENTS(all_zones), "192.0.2.9");

	(void)state;
	assert_int_equal(heard.n_spam, 2);
	assert_true(heard.is_certain);
	assert_int_equal(heard.on_policy_list, FACT_NO);
	assert_string_equal(heard.said, "one.list=spam,bot also.one.list=all KEY.two.list=spam "
					"near.list=neighbours welcome.list=low");
	assert_int_equal(heard.good_until, NOW + IP_DNSBL_GOOD_MIN_S);
	g_free(heard.said);
}

static void
not_listed_is_said_where_all_answered(void **state)
{
	struct heard heard = look_up("", all_zones, G_N_ELEMENTS(all_zones), "192.0.2.9");

	(void)state;
	assert_int_equal(heard.n_spam, 0);
	assert_true(heard.is_certain);
	assert_int_equal(heard.on_policy_list, FACT_NO);
	g_free(heard.said);
	/* near.list and welcome.list have no say in this. */
	heard = look_up("9.2.0.192.near.list ! servfail\n9.2.0.192.welcome.list ! servfail\n",
			all_zones, G_N_ELEMENTS(all_zones), "192.0.2.9");
	assert_int_equal(heard.n_spam, 0);
	assert_true(heard.is_certain);
	assert_int_equal(heard.good_until, NOW + FACT_FAILED_S);
	g_free(heard.said);
	/* Nobody was asked who could know. */
	heard = look_up("", all_zones + 3, 2, "192.0.2.9");
	assert_int_equal(heard.n_spam, FACT_N_UNKNOWN);
	assert_int_equal(heard.on_policy_list, FACT_UNKNOWN);
	g_free(heard.said);
}

static void
a_zone_that_was_not_heard_makes_absence_unknown(void **state)
{
	struct heard heard = look_up("9.2.0.192.k3y.two.list ! servfail\n", all_zones,
				     G_N_ELEMENTS(all_zones), "192.0.2.9");

	(void)state;
	assert_int_equal(heard.n_spam, FACT_N_UNKNOWN);
	assert_false(heard.is_certain);
	assert_int_equal(heard.on_policy_list, FACT_NO);
	g_free(heard.said);
	heard = look_up("9.2.0.192.k3y.two.list ! silence\n9.2.0.192.one.list 9 A 127.0.0.10\n"
			"9.2.0.192.also.one.list 9 A 127.9.9.9\n",
			all_zones, G_N_ELEMENTS(all_zones), "192.0.2.9");
	assert_int_equal(heard.n_spam, 1);
	assert_false(heard.is_certain);
	assert_int_equal(heard.on_policy_list, FACT_YES);
	g_free(heard.said);
}

static void
errors_and_lies_are_unknown(void **state)
{
	static const char *const zones[] = { "one.list", "also.one.list" };
	static const char *const answers[] = {
		"127.255.255.254", "127.255.255.1", "127.0.0.1", "203.0.113.1", "0.0.0.0",
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
		/* Even beside an answer that would be a listing. */
		g_autofree char *script =
			g_strdup_printf("9.2.0.192.one.list 300 A %s\n"
					"9.2.0.192.one.list 300 A 127.0.0.2\n"
					"9.2.0.192.also.one.list 300 A 127.0.0.2\n"
					"9.2.0.192.also.one.list 300 A %s\n",
					answers[i], answers[i]);
		struct heard heard = look_up(script, zones, 2, "192.0.2.9");
		assert_string_equal(heard.said, "one.list=? also.one.list=?");
		assert_int_equal(heard.n_spam, FACT_N_UNKNOWN);
		assert_int_equal(heard.on_policy_list, FACT_UNKNOWN);
		g_free(heard.said);
	}
	/* A code that the table does not have takes nothing from the one that it has. */
	struct heard heard = look_up("9.2.0.192.one.list 300 A 127.0.0.2\n"
				     "9.2.0.192.one.list 300 A 127.0.0.99\n",
				     zones, 1, "192.0.2.9");
	assert_string_equal(heard.said, "one.list=?spam");
	assert_int_equal(heard.n_spam, 1);
	assert_false(heard.is_certain);
	assert_int_equal(heard.on_policy_list, FACT_UNKNOWN);
	g_free(heard.said);
}

static void
ipv6_is_asked_by_nibbles(void **state)
{
	struct heard heard = look_up("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.0.0.0.8.b.d.0.1.0."
				     "0.2.one.list 99999 A 127.0.0.4\n",
				     all_zones, 1, "2001:db8:7::1");

	(void)state;
	assert_string_equal(heard.said, "one.list=bot");
	assert_int_equal(heard.n_spam, 1);
	assert_int_equal(heard.good_until, NOW + IP_DNSBL_GOOD_MAX_S);
	g_free(heard.said);
}

static void
zones_that_must_not_be_asked_are_refused(void **state)
{
	g_autoptr(blocklists_auto) lists = blocklists_read(table_text, strlen(table_text), NULL);
	g_autoptr(dnsbl_zones_auto) zones = dnsbl_zones_new(lists);
	static const struct {
		const char *zone;
		const char *key;
	} cases[] = {
		{ "gone.list", NULL },       { "names.list", NULL }, { "other.list", NULL },
		{ "KEY.two.list", NULL },    { "KEY.two.list", "" }, { "KEY.two.list", "a.b" },
		{ "KEY.two.list", "a b\n" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(dnsbl_zones_add(zones, cases[i].zone, cases[i].key, &error));
		assert_int_equal(error->code, DMARCD_ERROR_DENIED);
		assert_true(!cases[i].key || !*cases[i].key ||
			    !strstr(error->message, cases[i].key));
	}
	assert_int_equal(dnsbl_zones_n(zones), 0);
	for (guint i = 0; i < IP_DNSBL_ZONES_MAX; i++)
		assert_true(dnsbl_zones_add(zones, "one.list", NULL, NULL));
	assert_false(dnsbl_zones_add(zones, "one.list", NULL, NULL));
}

static void
a_zone_that_fails_its_test_is_unknown(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("2.0.0.127.one.list 300 A 127.0.0.2\n"
							 "9.2.0.192.one.list 300 A 127.0.0.2\n"
							 "*.also.one.list 300 A 127.0.0.2\n"
							 "2.0.0.127.near.list ! servfail\n"
							 "9.2.0.192.near.list 300 A 127.0.0.2\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	g_autoptr(blocklists_auto) lists = blocklists_read(table_text, strlen(table_text), NULL);
	g_autoptr(dnsbl_zones_auto) zones = dnsbl_zones_new(lists);
	struct ip_dnsbl_question question = { .zones = zones, .now = NOW };
	struct heard heard = { 0 };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(all_zones); i++)
		assert_true(dnsbl_zones_add(zones, all_zones[i], "wr0ng", NULL));
	dnsbl_zones_check(zones, resolver);
	assert_true(resolver_run(resolver, NULL, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(all_zones); i++) {
		const char *zone;
		assert_int_equal(dnsbl_zones_is_sound(zones, i, &zone), i == 0);
		assert_string_equal(zone, all_zones[i]);
	}
	assert_true(ip_parse("192.0.2.9", &question.ip));
	ip_dnsbl_ask(resolver, &question, note, &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_string_equal(heard.said, "one.list=spam also.one.list=? KEY.two.list=? "
					"near.list=? welcome.list=?");
	assert_int_equal(heard.n_spam, 1);
	assert_false(heard.is_certain);
	g_free(heard.said);
}

static void
without_zones_nothing_is_known(void **state)
{
	struct heard heard = look_up("", NULL, 0, "192.0.2.9");

	(void)state;
	assert_int_equal(heard.n_spam, FACT_N_UNKNOWN);
	assert_int_equal(heard.on_policy_list, FACT_UNKNOWN);
	assert_string_equal(heard.said, "");
	g_free(heard.said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operator_counts_once_and_neighbours_do_not),
		cmocka_unit_test(not_listed_is_said_where_all_answered),
		cmocka_unit_test(a_zone_that_was_not_heard_makes_absence_unknown),
		cmocka_unit_test(errors_and_lies_are_unknown),
		cmocka_unit_test(ipv6_is_asked_by_nibbles),
		cmocka_unit_test(zones_that_must_not_be_asked_are_refused),
		cmocka_unit_test(a_zone_that_fails_its_test_is_unknown),
		cmocka_unit_test(without_zones_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
