/* SPDX-License-Identifier: MIT */
/* Rules of users: what they match, and which one speaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/user_rule.h"

#define NOW 1000

static const struct rule_signature signatures[] = {
	{ "own.example", "k2" },
	{ "vendor.example", "" },
};
static const char *const spf_domains[] = { "bounce.vendor.example" };

static struct rule_subject
make_subject(const char *ip)
{
	struct rule_subject subject = {
		.domain = "own.example",
		.rdns = "out1.mail.vendor.example",
		.sender = "vendor",
		.asn = 64500,
		.signatures = signatures,
		.n_signatures = G_N_ELEMENTS(signatures),
		.spf_domains = spf_domains,
		.n_spf_domains = G_N_ELEMENTS(spf_domains),
	};

	assert_true(ip_parse(ip, &subject.ip));
	return subject;
}

static struct user_rule
make_rule(gint64 id, enum rule_kind kind, const char *text)
{
	struct user_rule rule = { .id = id, .domain = "" };
	g_autoptr(GError) error = NULL;

	if (!user_rule_parse(&rule, kind, text, &error))
		fail_msg("%s", error->message);
	return rule;
}

struct match {
	enum rule_kind kind;
	const char *text;
	gboolean is_match;
};

static const struct match matches[] = {
	{ RULE_KIND_IP, "203.0.113.45", TRUE },
	{ RULE_KIND_IP, "203.0.113.46", FALSE },
	{ RULE_KIND_CIDR, "203.0.113.0/24", TRUE },
	{ RULE_KIND_CIDR, "203.0.113.44/31", TRUE },
	{ RULE_KIND_CIDR, "203.0.113.46/31", FALSE },
	{ RULE_KIND_CIDR, "203.0.113.45/32", TRUE },
	{ RULE_KIND_CIDR, "0.0.0.0/0", TRUE },
	{ RULE_KIND_CIDR, "::/0", FALSE },
	{ RULE_KIND_CIDR, "2001:db8::/32", FALSE },
	{ RULE_KIND_RDNS, "vendor.example", TRUE },
	{ RULE_KIND_RDNS, "out1.mail.vendor.example", TRUE },
	{ RULE_KIND_RDNS, "dor.example", FALSE },
	{ RULE_KIND_SELECTOR, "own.example", TRUE },
	{ RULE_KIND_SELECTOR, "k2._domainkey.own.example", TRUE },
	{ RULE_KIND_SELECTOR, "k._domainkey.own.example", FALSE },
	{ RULE_KIND_SELECTOR, "k2._domainkey.vendor.example", FALSE },
	{ RULE_KIND_SPF, "bounce.vendor.example", TRUE },
	{ RULE_KIND_SPF, "vendor.example", FALSE },
	{ RULE_KIND_SENDER, "vendor", TRUE },
	{ RULE_KIND_SENDER, "vendo", FALSE },
	{ RULE_KIND_ASN, "AS64500", TRUE },
	{ RULE_KIND_ASN, "64501", FALSE },
};

static void
matches_what_it_says(void **state)
{
	struct rule_subject subject = make_subject("203.0.113.45");

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(matches); i++) {
		struct user_rule rule = make_rule(1, matches[i].kind, matches[i].text);
		if ((user_rules_find(&rule, 1, &subject, NOW) != NULL) != matches[i].is_match)
			fail_msg("%s %s", rule_kind_name(matches[i].kind), matches[i].text);
	}
}

static void
knows_networks_of_ipv6(void **state)
{
	struct rule_subject subject = make_subject("2001:db8:1::25");
	struct user_rule near = make_rule(1, RULE_KIND_CIDR, "2001:db8:1::/48");
	struct user_rule far = make_rule(1, RULE_KIND_CIDR, "2001:db8:2::/48");

	(void)state;
	assert_non_null(user_rules_find(&near, 1, &subject, NOW));
	assert_null(user_rules_find(&far, 1, &subject, NOW));
}

/* Each is stronger than all that stand after it. */
static void
the_most_specific_wins(void **state)
{
	struct rule_subject subject = make_subject("203.0.113.45");
	const struct user_rule rules[] = {
		make_rule(1, RULE_KIND_IP, "203.0.113.45"),
		make_rule(2, RULE_KIND_CIDR, "203.0.113.0/25"),
		make_rule(3, RULE_KIND_CIDR, "203.0.113.0/24"),
		make_rule(4, RULE_KIND_RDNS, "mail.vendor.example"),
		make_rule(5, RULE_KIND_RDNS, "vendor.example"),
		make_rule(6, RULE_KIND_SELECTOR, "k2._domainkey.own.example"),
		make_rule(7, RULE_KIND_SELECTOR, "own.example"),
		make_rule(8, RULE_KIND_SPF, "bounce.vendor.example"),
		make_rule(9, RULE_KIND_SENDER, "vendor"),
		make_rule(10, RULE_KIND_ASN, "AS64500"),
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
		for (gsize k = i + 1; k < G_N_ELEMENTS(rules); k++) {
			struct user_rule pair[] = { rules[i], rules[k] };
			struct user_rule turned[] = { rules[k], rules[i] };
			assert_int_equal(user_rules_find(pair, 2, &subject, NOW)->id, rules[i].id);
			assert_int_equal(user_rules_find(turned, 2, &subject, NOW)->id,
					 rules[i].id);
		}
}

static void
of_equals_the_domain_and_then_the_newest_wins(void **state)
{
	struct rule_subject subject = make_subject("203.0.113.45");
	struct user_rule rules[] = {
		make_rule(3, RULE_KIND_ASN, "AS64500"),
		make_rule(4, RULE_KIND_ASN, "AS64500"),
		make_rule(2, RULE_KIND_ASN, "AS64500"),
	};

	(void)state;
	assert_int_equal(user_rules_find(rules, 3, &subject, NOW)->id, 4);
	rules[2].domain = "own.example";
	assert_int_equal(user_rules_find(rules, 3, &subject, NOW)->id, 2);
	rules[2].domain = "other.example";
	assert_int_equal(user_rules_find(rules, 3, &subject, NOW)->id, 4);
}

static void
an_expired_rule_says_nothing(void **state)
{
	struct rule_subject subject = make_subject("203.0.113.45");
	struct user_rule rule = make_rule(1, RULE_KIND_IP, "203.0.113.45");

	(void)state;
	rule.expires_at = NOW + 1;
	assert_non_null(user_rules_find(&rule, 1, &subject, NOW));
	rule.expires_at = NOW;
	assert_null(user_rules_find(&rule, 1, &subject, NOW));
}

static void
what_is_not_known_matches_nothing(void **state)
{
	struct rule_subject nobody = { .domain = "own.example", .rdns = "", .sender = "" };
	const struct user_rule rules[] = {
		make_rule(1, RULE_KIND_RDNS, "vendor.example"),
		make_rule(2, RULE_KIND_SELECTOR, "own.example"),
		make_rule(3, RULE_KIND_SPF, "vendor.example"),
		make_rule(4, RULE_KIND_SENDER, "vendor"),
		make_rule(5, RULE_KIND_ASN, "64500"),
	};

	(void)state;
	assert_true(ip_parse("192.0.2.1", &nobody.ip));
	assert_null(user_rules_find(rules, G_N_ELEMENTS(rules), &nobody, NOW));
}

static void
refuses_what_it_cannot_match(void **state)
{
	static const struct match bad[] = {
		{ RULE_KIND_IP, "203.0.113", FALSE },
		{ RULE_KIND_CIDR, "203.0.113.0", FALSE },
		{ RULE_KIND_CIDR, "203.0.113.0/33", FALSE },
		{ RULE_KIND_CIDR, "2001:db8::/129", FALSE },
		{ RULE_KIND_CIDR, "203.0.113.0/-1", FALSE },
		{ RULE_KIND_CIDR, "/24", FALSE },
		{ RULE_KIND_RDNS, "example", FALSE },
		{ RULE_KIND_RDNS, ".example", FALSE },
		{ RULE_KIND_SENDER, "", FALSE },
		{ RULE_KIND_ASN, "AS0", FALSE },
		{ RULE_KIND_ASN, "AS4294967296", FALSE },
	};
	struct user_rule rule = { .id = 7, .kind = RULE_KIND_SPF };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		if (user_rule_parse(&rule, bad[i].kind, bad[i].text, &error))
			fail_msg("%s %s was taken", rule_kind_name(bad[i].kind), bad[i].text);
		assert_int_equal(rule.kind, RULE_KIND_SPF);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_what_it_says),
		cmocka_unit_test(knows_networks_of_ipv6),
		cmocka_unit_test(the_most_specific_wins),
		cmocka_unit_test(of_equals_the_domain_and_then_the_newest_wins),
		cmocka_unit_test(an_expired_rule_says_nothing),
		cmocka_unit_test(what_is_not_known_matches_nothing),
		cmocka_unit_test(refuses_what_it_cannot_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
