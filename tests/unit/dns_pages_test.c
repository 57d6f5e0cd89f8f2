/* SPDX-License-Identifier: MIT */
/* What pages say of look-ups: what was not asked, what could not be found out, and what was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "store/dns_facts.h"
#include "tests/support/house.h"
#include "tests/support/members.h"
#include "web/words.h"

#define NOW      1795000000
#define NOW_TEXT "2026-11-18T11:06:40Z"
#define PAGE     "/sources/203.0.113.45"

static void
keep(struct house *house, const struct dns_address *facts)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	const struct dns_found found = { NOW, addresses, domains };
	struct dns_address copy = *facts;

	assert_true(ip_parse("203.0.113.45", &copy.ip));
	g_array_append_val(addresses, copy);
	assert_true(store_edit_lookups(house->store, &found, NULL));
	assert_true(store_flush(house->store, NULL));
}

static void
expect(struct house *house, const char *target, const char *words)
{
	g_autofree char *body = house_page(house, target);

	if (!strstr(body, words))
		fail_msg("%s does not say \"%s\"", target, words);
}

static void
what_was_not_looked_up_is_said_to_be_so(void **state)
{
	json_t *tree = house_json(*state, PAGE ".json");

	assert_null(text_of(json_object_get(tree, "rdns"), "state"));
	assert_null(text_of(json_object_get(tree, "blocklists"), "state"));
	assert_true(json_is_null(json_object_get(json_object_get(tree, "blocklists"), "spam")));
	json_decref(tree);
	expect(*state, PAGE, "<dt>Reverse DNS</dt><dd class=\"any\">not looked up</dd>");
	expect(*state, PAGE, "<dt>Blocklists</dt><dd>not looked up");
}

static void
what_failed_is_not_what_is_not_there(void **state)
{
	const struct dns_address failed = {
		.has_rdns = TRUE,
		.name = "",
		.rdns_until = NOW + 1,
		.has_dnsbl = TRUE,
		.dnsbl_spam = FACT_N_UNKNOWN,
		.said = "zen.spamhaus.org\tSpamhaus\tunknown\t\n",
		.dnsbl_until = NOW + 1,
	};

	keep(*state, &failed);
	json_t *tree = house_json(*state, PAGE ".json");
	assert_string_equal(text_of(json_object_get(tree, "rdns"), "state"), "failed");
	assert_string_equal(text_of(json_object_get(tree, "blocklists"), "state"), "unknown");
	json_decref(tree);
	expect(*state, PAGE, "could not be looked up");
	expect(*state, PAGE, "zen.spamhaus.org could not be asked.");
}

static void
names_and_listings_are_named(void **state)
{
	struct dns_address known = {
		.has_rdns = TRUE,
		.is_rdns_known = TRUE,
		.rdns = RDNS_UNKNOWN,
		.name = "mail.shop.example",
		.has_dnsbl = TRUE,
		.is_dnsbl_known = TRUE,
		.dnsbl_spam = 1,
		.on_policy_list = FACT_NO,
		.said = "zen.spamhaus.org\tSpamhaus\tspam\tCSS <low>\n"
			"dnsbl-2.uceprotect.net\tUCEPROTECT\tneighbourhood\tlevel 2\n"
			"bl.spamcop.net\tSpamCop (Cisco)\tclean\t\n",
	};

	keep(*state, &known);
	json_t *tree = house_json(*state, PAGE ".json");
	assert_string_equal(text_of(json_object_get(tree, "rdns"), "state"), "unconfirmed");
	assert_string_equal(text_of(json_object_get(tree, "rdns"), "name"), "mail.shop.example");
	assert_string_equal(text_of(json_object_get(tree, "blocklists"), "state"), "listed");
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(tree, "blocklists"), "lists")), 3);
	json_decref(tree);
	expect(*state, PAGE, "mail.shop.example, not confirmed");
	expect(*state, PAGE,
	       "Listed by Spamhaus (CSS &lt;low&gt;). Its neighbours are listed by UCEPROTECT "
	       "(level 2). Not listed by the list that was asked.");

	known.rdns = RDNS_CONFIRMED;
	known.dnsbl_spam = 0;
	known.said = "dnsbl-2.uceprotect.net\tUCEPROTECT\tneighbourhood\tlevel 2\n"
		     "a.example\tA\tclean\t\nb.example\tB\tclean\t\n";
	keep(*state, &known);
	tree = house_json(*state, PAGE ".json");
	assert_string_equal(text_of(json_object_get(tree, "rdns"), "state"), "confirmed");
	assert_string_equal(text_of(json_object_get(tree, "blocklists"), "state"), "not_listed");
	json_decref(tree);
	expect(*state, PAGE, "Not listed by 2 lists that were asked.");
}

/* --- Domains --- */

#define DOMAIN "/domains/hinoki.example"

static const char *
find_org(gpointer data, const char *domain)
{
	(void)data;
	return domain;
}

static void
keep_org(struct house *house, const struct dns_domain *facts)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	const struct dns_found found = { NOW, addresses, domains };

	g_array_append_vals(domains, facts, 1);
	assert_true(store_edit_lookups(house->store, &found, NULL));
	assert_true(store_flush(house->store, NULL));
}

/* NULL = the member is null. */
static void
expect_org(struct house *house, const char *state, const char *by_dns, const char *looked_up)
{
	json_t *tree = house_json(house, DOMAIN ".json");
	const json_t *org = json_object_get(tree, "org_domain");

	assert_string_equal(text_of(org, "by_list"), "hinoki.example");
	assert_int_equal(g_strcmp0(text_of(org, "state"), state), 0);
	assert_int_equal(g_strcmp0(text_of(org, "by_dns"), by_dns), 0);
	assert_int_equal(g_strcmp0(text_of(org, "looked_up"), looked_up), 0);
	json_decref(tree);
}

static gboolean
says_that_they_differ(struct house *house)
{
	g_autofree char *body = house_page(house, DOMAIN);

	return strstr(body, "receivers that follow RFC 9989 go by example, those that follow RFC "
			    "7489 by hinoki.example.") != NULL;
}

static void
a_domain_shows_its_organisational_domain_by_list_and_by_dns(void **state)
{
	struct house *house = *state;
	struct dns_domain facts = {
		.domain = "hinoki.example",
		.has_org = TRUE,
		.org = "",
		.org_until = NOW + 1,
	};

	house->hooks.find_org = find_org;
	expect_org(house, NULL, NULL, NULL);
	expect(house, DOMAIN,
	       "Organisational domain: hinoki.example by the public suffix list; by DNS (RFC 9989) "
	       "it was not looked up.");
	keep_org(house, &facts);
	expect_org(house, "failed", NULL, NULL);
	expect(house, DOMAIN, "by DNS (RFC 9989) it could not be looked up.");

	facts.is_org_known = TRUE;
	facts.org = "hinoki.example";
	keep_org(house, &facts);
	expect_org(house, "none", "hinoki.example", NOW_TEXT);
	expect(house, DOMAIN,
	       "which has no DMARC record for it or for any name above it, looked up");
	facts.has_record = TRUE;
	keep_org(house, &facts);
	expect_org(house, "found", "hinoki.example", NOW_TEXT);
	expect(house, DOMAIN, "; hinoki.example by DNS (RFC 9989), looked up 2026-11-18");
	assert_false(says_that_they_differ(house));

	facts.org = "example";
	keep_org(house, &facts);
	expect_org(house, "found", "example", NOW_TEXT);
	assert_true(says_that_they_differ(house));
	/* A failure leaves it as it was. */
	facts.is_org_known = FALSE;
	keep_org(house, &facts);
	expect_org(house, "found", "example", NOW_TEXT);
}

/* --- Status --- */

static struct web_lookups lookups;

static void
tell(gpointer data, struct web_lookups *ret_lookups)
{
	(void)data;
	*ret_lookups = lookups;
}

static void
status_says_whether_look_ups_work(void **state)
{
	struct house *house = *state;

	house->hooks.lookups = tell;
	expect(house, "/status", "Off: the DNS is asked nothing.");
	lookups.is_enabled = TRUE;
	expect(house, "/status", "nothing was to be asked yet");
	lookups.asked_at = NOW;
	lookups.n_asked = 1234;
	lookups.n_facts = 7;
	expect(house, "/status", "7 facts by 1,234 questions");
	g_strlcpy(lookups.why, "the resolver does not answer", sizeof(lookups.why));
	expect(house, "/status", "they do not work: the resolver does not answer");
	json_t *tree = house_json(house, "/status.json");
	assert_string_equal(text_of(json_object_get(tree, "lookups"), "reason"),
			    "the resolver does not answer");
	json_decref(tree);
}

static void
what_a_check_keeps_off_the_list_is_not_said_to_be_on_it(void **state)
{
	const struct dns_address dynamic = {
		.name = "",
		.has_dnsbl = TRUE,
		.is_dnsbl_known = TRUE,
		.on_policy_list = FACT_YES,
		.said = "zen.spamhaus.org\tSpamhaus\tpolicy\tPBL\n",
	};
	g_autofree char *before = house_page(*state, "/sources/2001:db8:7::1");

	assert_non_null(strstr(before, words_get("source.listed")));
	keep(*state, &dynamic);
	g_autofree char *after = house_page(*state, PAGE);
	assert_null(strstr(after, words_get("source.listed")));
	assert_non_null(strstr(after, words_get("takedown.checks_fail")));
}

int
main(void)
{
	/* In this order: each adds to the store. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_not_looked_up_is_said_to_be_so),
		cmocka_unit_test(what_failed_is_not_what_is_not_there),
		cmocka_unit_test(names_and_listings_are_named),
		cmocka_unit_test(a_domain_shows_its_organisational_domain_by_list_and_by_dns),
		cmocka_unit_test(status_says_whether_look_ups_work),
		cmocka_unit_test(what_a_check_keeps_off_the_list_is_not_said_to_be_on_it),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
