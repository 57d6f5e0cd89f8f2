/* SPDX-License-Identifier: MIT */
/* Published SPF, read and walked: whose addresses it names, and what stays unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "enrich/fact_age.h"
#include "enrich/own_spf.h"
#include "enrich/spf_record.h"
#include "tests/support/dns_house.h"

#define NOW 1700000000

/* --- The record --- */

static void
terms_are_read_as_they_stand(void **state)
{
	g_auto(spf_record_auto) record = { 0 };
	static const struct {
		enum spf_kind kind;
		gboolean is_pass;
		const char *domain;
		guint v4_bits;
		guint v6_bits;
	} terms[] = {
		{ SPF_A, TRUE, "", 32, 128 },
		{ SPF_A, TRUE, "", 24, 128 },
		{ SPF_A, FALSE, "mail.example", 24, 64 },
		{ SPF_MX, FALSE, "", 32, 96 },
		{ SPF_IP4, TRUE, "", 28, 128 },
		{ SPF_IP6, TRUE, "", 32, 32 },
		{ SPF_INCLUDE, FALSE, "_spf.other.example", 32, 128 },
		{ SPF_PTR, TRUE, "", 32, 128 },
		{ SPF_EXISTS, TRUE, "%{i}._spf.example", 32, 128 },
		{ SPF_ALL, FALSE, "", 32, 128 },
	};

	(void)state;
	assert_true(spf_record_read(
		"V=SPF1 a  A/24 -a:Mail.example/24//64 ~mx//96 +ip4:192.0.2.16/28 "
		"ip6:2001:db8::/32 ?include:_spf.other.example ptr "
		"exists:%{i}._spf.example exp=why.example x-new=1 ~all a:late.example",
		&record, NULL));
	assert_int_equal(record.terms->len, G_N_ELEMENTS(terms));
	for (guint i = 0; i < record.terms->len; i++) {
		const struct spf_term *term = &g_array_index(record.terms, struct spf_term, i);
		assert_int_equal(term->kind, terms[i].kind);
		assert_int_equal(term->is_pass, terms[i].is_pass);
		assert_string_equal(term->domain, terms[i].domain);
		assert_int_equal(term->has_macro, term->kind == SPF_EXISTS);
		assert_int_equal(term->v4_bits, terms[i].v4_bits);
		assert_int_equal(term->v6_bits, terms[i].v6_bits);
	}
	assert_string_equal(record.redirect.domain, "");
}

static void
a_redirect_counts_without_all(void **state)
{
	g_auto(spf_record_auto) one = { 0 };
	g_auto(spf_record_auto) other = { 0 };

	(void)state;
	assert_true(spf_record_read("v=spf1 redirect=_spf.example mx", &one, NULL));
	assert_string_equal(one.redirect.domain, "_spf.example");
	assert_int_equal(one.terms->len, 1);
	assert_true(spf_record_read("v=spf1 redirect=_spf.example -all", &other, NULL));
	assert_string_equal(other.redirect.domain, "");
}

static void
one_bad_term_spoils_the_record(void **state)
{
	static const char *const cases[] = {
		"",
		"v=spf10 -all",
		"v=spf2 -all",
		"v=spf1 ipv4:192.0.2.1",
		"v=spf1 ip4:192.0.2",
		"v=spf1 ip4:192.0.2.1/33",
		"v=spf1 ip4:192.0.2.1/08",
		"v=spf1 ip4:2001:db8::1",
		"v=spf1 ip6:192.0.2.1",
		"v=spf1 ip4",
		"v=spf1 ip4:[192.0.2.1]",
		"v=spf1 include:",
		"v=spf1 include",
		"v=spf1 include:a",
		"v=spf1 all:x.example",
		"v=spf1 -",
		"v=spf1 a:b..example",
		"v=spf1 a/24/24",
		"v=spf1 a///24",
		"v=spf1 a/",
		"v=spf1 redirect:a.example",
		"v=spf1 -redirect=a.example",
		"v=spf1 redirect=a.example redirect=b.example",
		"v=spf1 \tall",
		"v=spf1 =x",
		"v=spf1 ip4:192.0.2.1,192.0.2.2",
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(spf_record_auto) record = { 0 };
		if (spf_record_read(cases[i], &record, NULL))
			fail_msg("\"%s\" was read", cases[i]);
	}
}

/* --- The walk --- */

static gboolean
is_service(gpointer data, const char *domain)
{
	(void)data;
	return g_str_has_suffix(domain, "esp.example");
}

static void
take(gpointer data, const char *domain, struct own_spf *spf)
{
	struct own_spf **taken = data;

	assert_string_equal(domain, "own.example");
	assert_null(*taken);
	*taken = spf;
}

static struct own_spf *
walk(const char *script)
{
	g_autoptr(dns_house_auto) house = dns_house_open(script);
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	const struct own_spf_question question = {
		.domain = "Own.example",
		.now = NOW,
		.is_service = is_service,
	};
	struct own_spf *spf = NULL;

	own_spf_ask(resolver, &question, take, &spf);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_non_null(spf);
	return spf;
}

static void
expect(const struct own_spf *spf, const char *address, enum fact fact)
{
	struct ip ip;

	assert_true(ip_parse(address, &ip));
	g_autoptr(GByteArray) packed = g_byte_array_new();
	own_spf_pack(spf, packed);
	enum fact found = own_spf_packed_names(packed->data, packed->len, &ip);
	if (found != fact)
		fail_msg("%s is %d", address, found);
}

static void
addresses_hosts_and_includes_are_the_domains_own(void **state)
{
	g_autoptr(own_spf_auto) spf =
		walk("own.example 7200 TXT some other text\n"
		     "own.example 7200 TXT v=spf1 ip4:192.0.2.0/28 ip6:2001:db8:1::/48 a mx/30 "
		     "a:web.example include:_spf.own.example redirect=_more.own.example\n"
		     "own.example 7200 A 198.51.100.1\n"
		     "own.example 7200 AAAA 2001:db8:2::1\n"
		     "own.example 7200 MX 10 mx.example\n"
		     "mx.example 7200 A 198.51.100.17\n"
		     "web.example 7200 CNAME host.example\n"
		     "host.example 7200 A 203.0.113.1\n"
		     "_spf.own.example 7200 TXT v=spf1 ip4:203.0.113.32/27 ?all\n"
		     "_more.own.example 7100 TXT v=spf1 ip4:203.0.113.64 -all\n");

	(void)state;
	assert_int_equal(spf->state, OWN_SPF_KNOWN);
	assert_int_equal(spf->notes, 0);
	assert_int_equal(spf->services->len, 0);
	assert_int_equal(spf->good_until, NOW + 3600);
	expect(spf, "192.0.2.15", FACT_YES);
	expect(spf, "192.0.2.16", FACT_NO);
	expect(spf, "2001:db8:1:2::3", FACT_YES);
	expect(spf, "2001:db8:3::1", FACT_NO);
	expect(spf, "198.51.100.1", FACT_YES);
	expect(spf, "198.51.100.2", FACT_NO);
	expect(spf, "2001:db8:2::1", FACT_YES);
	expect(spf, "198.51.100.19", FACT_YES);
	expect(spf, "203.0.113.1", FACT_YES);
	expect(spf, "203.0.113.63", FACT_YES);
	expect(spf, "203.0.113.64", FACT_YES);
	expect(spf, "203.0.113.65", FACT_NO);
}

static void
a_service_is_told_and_its_addresses_are_not_ours(void **state)
{
	g_autoptr(own_spf_auto) spf =
		walk("own.example 7200 TXT v=spf1 include:_spf.esp.example include:our.example "
		     "-include:spf2.esp.example redirect=last.esp.example\n"
		     "_spf.esp.example 300 TXT v=spf1 ip4:192.0.2.0/24 -all\n"
		     "our.example 300 TXT v=spf1 include:in.esp.example ip4:203.0.113.1 -all\n");

	(void)state;
	assert_int_equal(spf->services->len, 3);
	assert_string_equal(spf->services->pdata[0], "_spf.esp.example");
	assert_string_equal(spf->services->pdata[1], "in.esp.example");
	assert_string_equal(spf->services->pdata[2], "last.esp.example");
	expect(spf, "192.0.2.1", FACT_NO);
	expect(spf, "203.0.113.1", FACT_YES);
}

static void
no_record_is_not_an_unreadable_one(void **state)
{
	static const struct {
		const char *script;
		enum own_spf_state state;
		guint notes;
		enum fact fact;
		gint64 seconds;
	} cases[] = {
		{ "", OWN_SPF_NONE, 0, FACT_NO, OWN_SPF_GOOD_MIN_S },
		{ "own.example 90000 TXT other\n", OWN_SPF_NONE, 0, FACT_NO, OWN_SPF_GOOD_MAX_S },
		{ "own.example ! servfail\n", OWN_SPF_UNKNOWN, OWN_SPF_LOOK_UP_FAILED, FACT_UNKNOWN,
		  FACT_FAILED_S },
		{ "own.example ! silence\n", OWN_SPF_UNKNOWN, OWN_SPF_LOOK_UP_FAILED, FACT_UNKNOWN,
		  FACT_FAILED_S },
		{ "own.example 90000 TXT v=spf1 -all\nown.example 90000 TXT v=spf1 mx -all\n",
		  OWN_SPF_UNKNOWN, OWN_SPF_IS_INVALID, FACT_UNKNOWN, OWN_SPF_GOOD_MAX_S },
		{ "own.example 90000 TXT v=spf1 ipv4:192.0.2.1 -all\n", OWN_SPF_UNKNOWN,
		  OWN_SPF_IS_INVALID, FACT_UNKNOWN, OWN_SPF_GOOD_MAX_S },
		{ "own.example 90000 TXT v=spf1 -all\n", OWN_SPF_KNOWN, 0, FACT_NO,
		  OWN_SPF_GOOD_MAX_S },
		{ "own.example 90000 TXT v=spf1 exp=a.b{4200}\n", OWN_SPF_UNKNOWN,
		  OWN_SPF_IS_INVALID, FACT_UNKNOWN, OWN_SPF_GOOD_MAX_S },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(own_spf_auto) spf = walk(cases[i].script);
		assert_int_equal(spf->state, cases[i].state);
		assert_int_equal(spf->notes, cases[i].notes);
		assert_int_equal(spf->good_until, NOW + cases[i].seconds);
		expect(spf, "192.0.2.1", cases[i].fact);
	}
}

static void
what_is_too_wide_names_nobody(void **state)
{
	static const char *const records[] = {
		"+all",          "all",           "ip4:0.0.0.0/0",        "ip4:192.0.0.0/7",
		"ip6:2001::/18", "a:h.example/7", "include:wide.example",
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(records); i++) {
		g_autofree char *script = g_strdup_printf("own.example 300 TXT v=spf1 %s\n"
							  "h.example 300 A 192.0.2.1\n"
							  "wide.example 300 TXT v=spf1 +all\n",
							  records[i]);
		g_autoptr(own_spf_auto) spf = walk(script);
		assert_int_equal(spf->notes, OWN_SPF_IS_WIDE);
		assert_int_equal(spf->networks->len, 0);
		expect(spf, "192.0.2.1", FACT_NO);
		expect(spf, "2001:db8::1", FACT_NO);
	}
	g_autoptr(own_spf_auto) spf =
		walk("own.example 300 TXT v=spf1 ip4:192.0.0.0/8 ip6:2001::/19 -all\n");
	assert_int_equal(spf->notes, 0);
	expect(spf, "192.0.2.1", FACT_YES);
	expect(spf, "2001:db8::1", FACT_YES);
}

static void
what_the_walk_cannot_see_is_unknown(void **state)
{
	static const struct {
		const char *term;
		guint notes;
	} cases[] = {
		{ "exists:%{i}.list.example", OWN_SPF_HAS_MACRO | OWN_SPF_HAS_EXISTS },
		{ "exists:plain.example", OWN_SPF_HAS_EXISTS },
		{ "include:%{d}.example", OWN_SPF_HAS_MACRO },
		{ "a:%{h}/24", OWN_SPF_HAS_MACRO },
		{ "ptr", OWN_SPF_HAS_PTR },
		{ "ptr:own.example", OWN_SPF_HAS_PTR },
		{ "include:mute.example", OWN_SPF_LOOK_UP_FAILED },
		{ "a:mute.example", OWN_SPF_LOOK_UP_FAILED },
		{ "mx:mute.example", OWN_SPF_LOOK_UP_FAILED },
		{ "include:absent.example", OWN_SPF_IS_INVALID },
		{ "include:broken.example", OWN_SPF_IS_INVALID },
		{ "include:own.example", OWN_SPF_LOOPS },
		{ "include:ring.example", OWN_SPF_LOOPS },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *script =
			g_strdup_printf("own.example 300 TXT v=spf1 %s ip4:192.0.2.1 -all\n"
					"mute.example ! servfail\n"
					"broken.example 300 TXT v=spf1 whatever -all\n"
					"ring.example 300 TXT v=spf1 include:rong.example -all\n"
					"rong.example 300 TXT v=spf1 include:ring.example -all\n",
					cases[i].term);
		g_autoptr(own_spf_auto) spf = walk(script);
		assert_int_equal(spf->state, OWN_SPF_KNOWN);
		assert_int_equal(spf->notes, cases[i].notes);
		expect(spf, "192.0.2.1", FACT_YES);
		expect(spf, "192.0.2.2", FACT_UNKNOWN);
	}
}

static void
an_address_that_is_refused_too_is_unknown(void **state)
{
	g_autoptr(own_spf_auto) spf = walk(
		"own.example 300 TXT v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 ~include:a.example "
		"?mx include:b.example -all\n"
		"a.example 300 TXT v=spf1 ip4:203.0.113.0/24 -all\n"
		"b.example 300 TXT v=spf1 -ip4:192.0.2.9 ip4:198.51.100.1 -all\n"
		"own.example 300 MX 5 mx.example\n"
		"mx.example 300 A 198.51.100.25\n");

	(void)state;
	assert_int_equal(spf->notes, 0);
	expect(spf, "192.0.2.1", FACT_YES);
	expect(spf, "192.0.2.7", FACT_UNKNOWN);
	expect(spf, "192.0.2.9", FACT_UNKNOWN);
	expect(spf, "203.0.113.1", FACT_NO);
	expect(spf, "198.51.100.25", FACT_NO);
	expect(spf, "198.51.100.1", FACT_YES);
}

static void
the_same_set_is_the_same_bytes_and_damaged_ones_are_unknown(void **state)
{
	g_autoptr(own_spf_auto) one = walk("own.example 300 TXT v=spf1 a -ip4:192.0.2.7 -all\n"
					   "own.example 300 A 192.0.2.1\n"
					   "own.example 300 A 203.0.113.1\n");
	g_autoptr(own_spf_auto) other = walk("own.example 300 TXT v=spf1 -ip4:192.0.2.7 a -all\n"
					     "own.example 300 A 203.0.113.1\n"
					     "own.example 300 A 192.0.2.1\n");
	g_autoptr(GByteArray) packed = g_byte_array_new();
	g_autoptr(GByteArray) again = g_byte_array_new();
	struct ip ip;

	(void)state;
	own_spf_pack(one, packed);
	own_spf_pack(other, again);
	assert_int_equal(packed->len, again->len);
	assert_memory_equal(packed->data, again->data, packed->len);
	assert_true(ip_parse("192.0.2.1", &ip));
	for (guint len = 0; len <= packed->len; len++) {
		enum fact fact = own_spf_packed_names(packed->data, len, &ip);
		assert_true(fact == FACT_UNKNOWN || (len >= 4 && (len - 4) % 18 == 0));
	}
	packed->data[0]++;
	assert_int_equal(own_spf_packed_names(packed->data, packed->len, &ip), FACT_UNKNOWN);
}

static void
look_ups_end_where_receivers_end_them(void **state)
{
	g_autoptr(GString) script = g_string_new("own.example 300 TXT v=spf1");

	(void)state;
	for (guint i = 0; i < 11; i++)
		g_string_append_printf(script, " include:i%u.example", i);
	g_string_append(script, " ip4:192.0.2.99 -all\n");
	for (guint i = 0; i < 11; i++)
		g_string_append_printf(script, "i%u.example 300 TXT v=spf1 ip4:192.0.2.%u -all\n",
				       i, i);
	g_autoptr(own_spf_auto) spf = walk(script->str);
	assert_int_equal(spf->notes, OWN_SPF_MANY_LOOK_UPS);
	expect(spf, "192.0.2.9", FACT_YES);
	expect(spf, "192.0.2.10", FACT_UNKNOWN);
	expect(spf, "192.0.2.99", FACT_UNKNOWN);

	/* The same ones in each other. */
	g_string_assign(script, "own.example 300 TXT v=spf1 include:d0.example -all\n");
	for (guint i = 0; i < 30; i++)
		g_string_append_printf(script,
				       "d%u.example 300 TXT v=spf1 ip4:192.0.2.%u "
				       "include:d%u.example -all\n",
				       i, i, i + 1);
	g_autoptr(own_spf_auto) deep = walk(script->str);
	assert_int_equal(deep->notes, OWN_SPF_MANY_LOOK_UPS);
	assert_int_equal(deep->networks->len, OWN_SPF_LOOK_UPS_MAX);
}

static void
networks_and_mail_hosts_are_bounded(void **state)
{
	g_autoptr(GString) script = g_string_new("own.example 300 TXT v=spf1");

	(void)state;
	for (guint i = 0; i < 8; i++)
		g_string_append_printf(script, " a:n%u.example", i);
	g_string_append(script, " mx -all\n");
	for (guint i = 0; i < 8; i++)
		for (guint k = 0; k < 200; k++)
			g_string_append_printf(script, "n%u.example 300 A 10.0.%u.%u\n", i, i, k);
	for (guint k = 0; k < 12; k++)
		g_string_append_printf(script,
				       "own.example 300 MX 1 m%u.example\n"
				       "m%u.example 300 A 10.1.1.1\n",
				       k, k);
	g_autoptr(own_spf_auto) spf = walk(script->str);
	assert_int_equal(spf->networks->len, OWN_SPF_NETWORKS_MAX);
	assert_int_equal(spf->notes, OWN_SPF_MANY_NETWORKS | OWN_SPF_MANY_LOOK_UPS);
	expect(spf, "10.0.0.1", FACT_YES);
	expect(spf, "10.0.7.1", FACT_UNKNOWN);
}

static void
a_walk_that_is_ended_early_is_unknown(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("");
	struct resolver *resolver = dns_house_resolver(house);
	const struct own_spf_question question = { .domain = "own.example", .now = NOW };
	struct own_spf *taken = NULL;

	(void)state;
	own_spf_ask(resolver, &question, take, &taken);
	resolver_free(resolver);
	g_autoptr(own_spf_auto) spf = taken;
	assert_int_equal(spf->state, OWN_SPF_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_are_read_as_they_stand),
		cmocka_unit_test(a_redirect_counts_without_all),
		cmocka_unit_test(one_bad_term_spoils_the_record),
		cmocka_unit_test(addresses_hosts_and_includes_are_the_domains_own),
		cmocka_unit_test(a_service_is_told_and_its_addresses_are_not_ours),
		cmocka_unit_test(no_record_is_not_an_unreadable_one),
		cmocka_unit_test(what_is_too_wide_names_nobody),
		cmocka_unit_test(what_the_walk_cannot_see_is_unknown),
		cmocka_unit_test(an_address_that_is_refused_too_is_unknown),
		cmocka_unit_test(the_same_set_is_the_same_bytes_and_damaged_ones_are_unknown),
		cmocka_unit_test(look_ups_end_where_receivers_end_them),
		cmocka_unit_test(networks_and_mail_hosts_are_bounded),
		cmocka_unit_test(a_walk_that_is_ended_early_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
