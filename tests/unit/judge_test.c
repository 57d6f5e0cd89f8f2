/* SPDX-License-Identifier: MIT */
/* Worked examples, and what stands around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/judge.h"
#include "analysis/weights.h"

#define NO_SCORE -1

/* Domains that the examples send for. */
#define SIGNING                                                \
	{                                                      \
		.authorised = 10000, .authorised_signed = 9980 \
	}
#define UNSIGNED                                            \
	{                                                   \
		.authorised = 10000, .authorised_signed = 0 \
	}

struct example {
	const char *what;
	struct facts facts; /* counted is that of all where reporters > 0 */
	enum class class;
	enum judge_rule rule;
	gint64 score; /* NO_SCORE where the page shows none */
};

static const struct example examples[] = {
	{ "1 own MX",
	  { .all = { .messages = 4210,
		     .pass = 4204,
		     .spf_pass = 4204,
		     .dkim_pass = 4190,
		     .days = 30 },
	    .reporters = 9,
	    .ever_passed = 90000,
	    .selector_home = SELECTOR_HOME_HERE,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_AUTHORIZED,
	  RULE_OWN_PASSES,
	  NO_SCORE },
	{ "2 ESP, DKIM only, selector lives here",
	  { .all = { .messages = 1800, .pass = 1791, .dkim_pass = 1791, .days = 20 },
	    .reporters = 6,
	    .ever_passed = 1791,
	    .selector_home = SELECTOR_HOME_HERE,
	    .category = CATEGORY_ESP,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_AUTHORIZED,
	  RULE_OWN_PASSES,
	  NO_SCORE },
	{ "3 own web server in SPF, bounce domain is the hoster's",
	  { .all = { .messages = 350, .noown = 350, .orgmta = 350, .days = 30 },
	    .reporters = 4,
	    .in_own_spf = FACT_YES,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FIX,
	  RULE_OWN_FAILS,
	  NO_SCORE },
	{ "4 ticket SaaS of which we are a customer",
	  { .all = { .messages = 620, .noown = 620, .orgmta = 620, .esp = 620, .days = 22 },
	    .reporters = 5,
	    .is_customer = FACT_YES,
	    .category = CATEGORY_ESP,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FIX,
	  RULE_CUSTOMER,
	  NO_SCORE },
	{ "5 own relay, key gone",
	  { .all = { .messages = 90, .tmp = 90, .days = 12 },
	    .reporters = 3,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FIX,
	  RULE_OWN_ERROR,
	  NO_SCORE },
	{ "6 webmail relay, our signature survives",
	  { .all = { .messages = 77, .pass = 77, .dkim_pass = 77, .days = 9 },
	    .reporters = 2,
	    .ever_passed = 77,
	    .selector_home = SELECTOR_HOME_ELSEWHERE,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FORWARDER,
	  RULE_SIGNATURE_AWAY,
	  NO_SCORE },
	{ "7 university, 20 of 26 forwarded",
	  { .all = { .messages = 26, .forwarded = 20, .ownsig = 26, .orgmta = 26, .days = 11 },
	    .reporters = 2,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FORWARDER,
	  RULE_FORWARDED,
	  NO_SCORE },
	{ "8 list host",
	  { .all = { .messages = 44, .forwarded = 44, .noown = 44, .orgmta = 44, .days = 8 },
	    .reporters = 3,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FORWARDER,
	  RULE_FORWARDED,
	  NO_SCORE },
	{ "9 local_policy arc=pass",
	  { .all = { .messages = 9, .forwarded = 9, .noown = 9, .days = 3 },
	    .reporters = 1,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FORWARDER,
	  RULE_FORWARDED,
	  NO_SCORE },
	{ "10 small firm's forwarder, no override",
	  { .all = { .messages = 12, .ownsig = 12, .orgmta = 12, .days = 5 },
	    .reporters = 1,
	    .dnsbl_spam = FACT_N_UNKNOWN,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_FORWARDER,
	  RULE_SIGNATURE_BROKEN,
	  NO_SCORE },
	{ "11 one stray message",
	  { .all = { .messages = 1, .bare = 1, .noown = 1, .days = 1 },
	    .reporters = 1,
	    .rdns = RDNS_NONE,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  63 },
	{ "12 VPS, no look-ups",
	  { .all = { .messages = 240, .bare = 240, .noown = 240, .days = 6 },
	    .reporters = 4,
	    .dnsbl_spam = FACT_N_UNKNOWN,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  88 },
	{ "12 with every row sampled_out",
	  { .all = { .messages = 240, .neutral = 240, .bare = 240, .noown = 240, .days = 6 },
	    .reporters = 4,
	    .dnsbl_spam = FACT_N_UNKNOWN,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  88 },
	{ "13 the same, the domain has no DKIM",
	  { .all = { .messages = 240, .bare = 240, .noown = 240, .days = 6 },
	    .reporters = 4,
	    .dnsbl_spam = FACT_N_UNKNOWN,
	    .domain = { UNSIGNED, UNSIGNED } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  73 },
	{ "14 home router",
	  { .all = { .messages = 6, .bare = 6, .noown = 6, .days = 1 },
	    .reporters = 2,
	    .dnsbl_spam = 1,
	    .on_policy_list = FACT_YES,
	    .rdns = RDNS_GENERIC,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  100 },
	{ "15 snowshoe",
	  { .all = { .messages = 300, .noown = 300, .orgmta = 300, .days = 5 },
	    .reporters = 3,
	    .dnsbl_spam = 0,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  50 },
	{ "16 the same, now on CSS",
	  { .all = { .messages = 300, .noown = 300, .orgmta = 300, .days = 5 },
	    .reporters = 3,
	    .dnsbl_spam = 1,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  70 },
	{ "17 shared ESP, not known as ours",
	  { .all = { .messages = 150, .noown = 150, .orgmta = 150, .esp = 150, .days = 7 },
	    .reporters = 3,
	    .is_customer = FACT_NO,
	    .category = CATEGORY_ESP,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  24 },
	{ "18 big mailbox provider",
	  { .all = { .messages = 910,
		     .pass = 10,
		     .dkim_pass = 10,
		     .bare = 900,
		     .noown = 900,
		     .days = 14 },
	    .reporters = 3,
	    .ever_passed = 10,
	    .selector_home = SELECTOR_HOME_ELSEWHERE,
	    .category = CATEGORY_MAILBOX,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  37 },
	{ "19 parked domain",
	  { .all = { .messages = 3, .bare = 3, .noown = 3, .days = 1 },
	    .reporters = 2,
	    .is_parked = TRUE },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  76 },
	{ "20 hacked host with a failure sample",
	  { .all = { .messages = 18, .bare = 18, .noown = 18, .days = 2 },
	    .reporters = 2,
	    .ruf_samples = 1,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  76 },
	{ "21 flood with a broken signature of ours",
	  { .all = { .messages = 5000, .ownsig = 5000, .orgmta = 5000, .days = 4 },
	    .reporters = 4,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  55 },
	{ "22 as 12, no report mail authenticated",
	  { .all = { .messages = 240, .bare = 240, .noown = 240, .days = 6 },
	    .reporters = 0,
	    .dnsbl_spam = FACT_N_UNKNOWN,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  78 },
	{ "two stray messages, each seen by another receiver",
	  { .all = { .messages = 2, .bare = 2, .noown = 2, .days = 1 },
	    .reporters = 2,
	    .rdns = RDNS_NONE,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_UNAUTHORIZED,
	  RULE_UNAUTHORIZED,
	  78 },
	{ "reports without messages",
	  { .reporters = 4, .in_own_spf = FACT_YES, .is_parked = TRUE },
	  CLASS_REVIEW,
	  RULE_REVIEW,
	  NO_SCORE },
	{ "aligned passes by a selector without a home",
	  { .all = { .messages = 50, .pass = 50, .dkim_pass = 50, .days = 3 },
	    .reporters = 2,
	    .ever_passed = 50,
	    .selector_home = SELECTOR_HOME_NONE,
	    .domain = { SIGNING, SIGNING } },
	  CLASS_AUTHORIZED,
	  RULE_OWN_PASSES,
	  NO_SCORE },
};

static void
follows_the_worked_examples(void **state)
{
	const struct weights weights = weights_default();

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(examples); i++) {
		const struct example *e = &examples[i];
		struct facts facts = e->facts;
		if (facts.reporters > 0)
			facts.counted = facts.all;
		struct judgement j = judge(&facts, NULL, &weights);
		if (j.class != e->class || j.rule != e->rule ||
		    (e->score != NO_SCORE && judgement_score(&j) != e->score))
			fail_msg("%s: want %s R%d S %d, got %s R%d S %d", e->what,
				 class_name(e->class), e->rule, (int)e->score, class_name(j.class),
				 j.rule, (int)judgement_score(&j));
	}
}

static void
stores_the_terms_of_a_worked_sum(void **state)
{
	const struct weights weights = weights_default();
	const struct facts *facts = &examples[17].facts;
	struct score score = score_sum(facts, SIDE_ALL, &weights);
	gint64 sum = 0;

	(void)state;
	assert_int_equal(score.terms[SCORE_BASE], 10);
	assert_int_equal(score.terms[SCORE_NEVER], 15);
	assert_int_equal(score.terms[SCORE_NOSIG], 15);
	assert_int_equal(score.terms[SCORE_VOLUME], 7);
	assert_int_equal(score.terms[SCORE_REPORTERS], 7);
	assert_int_equal(score.terms[SCORE_DAYS], 5);
	assert_int_equal(score.terms[SCORE_CATEGORY], -25);
	assert_int_equal(score.terms[SCORE_CONFIRMED], -10);
	for (gsize i = 0; i < N_SCORE_TERMS; i++)
		sum += score.terms[i];
	assert_int_equal(sum, 24);
}

/* A half goes up in size, then gets its sign: 15 of 30 by 15 points is 7.5, so 8 and -8. */
static void
rounds_half_up_before_the_sign(void **state)
{
	const struct weights weights = weights_default();
	const struct facts facts = {
		.all = { .messages = 30, .ownsig = 15, .noown = 15, .days = 2 },
		.domain = { { .authorised = 100, .authorised_signed = 100 } },
	};
	struct score score = score_sum(&facts, SIDE_ALL, &weights);

	(void)state;
	assert_int_equal(score.terms[SCORE_OWNSIG], -8);
	assert_int_equal(score.terms[SCORE_NOSIG], 8);
}

static void
forged_reports_do_not_raise_the_score_that_accuses(void **state)
{
	const struct weights weights = weights_default();
	/* One honest reporter saw one message; the flood stands in reports that are not counted. */
	const struct facts facts = {
		.all = { .messages = 9000, .bare = 9000, .noown = 9000, .days = 20 },
		.counted = { .messages = 1, .bare = 1, .noown = 1, .days = 1 },
		.reporters = 1,
		.domain = { SIGNING, SIGNING },
	};
	struct judgement j = judge(&facts, NULL, &weights);

	(void)state;
	assert_int_equal(j.class, CLASS_REVIEW);
	assert_true(j.all.value >= 70);
	assert_int_equal(j.counted.value, 55);
	assert_int_equal(judgement_suspicion(&j, &weights), SUSPICION_SUSPICIOUS);
}

static void
a_user_has_the_last_word(void **state)
{
	const struct weights weights = weights_default();
	struct user_rule rule = { .id = 12, .class = RULE_CLASS_MINE, .domain = "" };
	struct facts facts = examples[11].facts;

	(void)state;
	facts.counted = facts.all;
	struct judgement j = judge(&facts, &rule, &weights);
	assert_int_equal(j.class, CLASS_AUTHORIZED);
	assert_int_equal(j.rule, RULE_USER);
	assert_int_equal(j.unruled_class, CLASS_UNAUTHORIZED);
	assert_int_equal(j.unruled_rule, RULE_UNAUTHORIZED);
	rule.class = RULE_CLASS_IGNORE;
	j = judge(&facts, &rule, &weights);
	assert_true(j.is_ignored);
	assert_int_equal(j.class, CLASS_IGNORED);
	assert_int_equal(j.unruled_class, CLASS_UNAUTHORIZED);
}

static void
a_weight_has_limits_and_a_name(void **state)
{
	struct weights weights = weights_default();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_int_equal(weights.bare, 25);
	assert_int_equal(weights.unauthorized_score, 70);
	assert_true(weight_rows_set(weight_rows, n_weight_rows, &weights, "bare", 30, &error));
	assert_int_equal(weights.bare, 30);
	assert_false(weight_rows_set(weight_rows, n_weight_rows, &weights, "bare", 101, &error));
	assert_int_equal(weights.bare, 30);
	g_clear_error(&error);
	assert_false(weight_rows_set(weight_rows, n_weight_rows, &weights, "bear", 1, &error));
	assert_int_equal(n_weight_rows * sizeof(gint64), sizeof(struct weights));
}

static void
knows_its_class_names(void **state)
{
	enum class class = CLASS_NONE;

	(void)state;
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		assert_true(class_parse(class_name(c), &class));
		assert_int_equal(class, c);
	}
	assert_true(class_parse("ignored", &class));
	assert_int_equal(class, CLASS_IGNORED);
	assert_false(class_parse("none", &class));
	assert_false(class_parse("spam", &class));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_worked_examples),
		cmocka_unit_test(stores_the_terms_of_a_worked_sum),
		cmocka_unit_test(rounds_half_up_before_the_sign),
		cmocka_unit_test(forged_reports_do_not_raise_the_score_that_accuses),
		cmocka_unit_test(a_user_has_the_last_word),
		cmocka_unit_test(a_weight_has_limits_and_a_name),
		cmocka_unit_test(knows_its_class_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
