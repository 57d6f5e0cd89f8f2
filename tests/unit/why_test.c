/* SPDX-License-Identifier: MIT */
/* The sentences about a judgement: which ones, in which order, with which numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/weights.h"
#include "analysis/why.h"
#include "tests/support/sentence.h"
#include "web/words.h"

#define N_RANDOM 20000

struct example {
	const char *what;
	struct facts facts; /* counted is that of all where reporters > 0 */
	const char *because;
	const char *against;
	const char *change;
};

#define SIGNING                                              \
	{                                                    \
		.authorised = 1000, .authorised_signed = 998 \
	}

static const struct example examples[] = {
	{ "a VPS that spoofs",
	  { .all = { .messages = 240, .bare = 240, .noown = 240, .days = 6 },
	    .reporters = 4,
	    .dnsbl_spam = FACT_N_UNKNOWN,
	    .domain = { SIGNING, SIGNING } },
	  "because.claims n=240 days=6; because.bare n=240 fail=240; because.never; "
	  "because.nosig n=240 signed=998/1000; because.reporters n=4",
	  "against.none",
	  "change.override; change.aligned_pass; change.user_rule" },
	{ "the same without authenticated reports",
	  { .all = { .messages = 240, .bare = 240, .noown = 240, .days = 6 },
	    .domain = { SIGNING, SIGNING } },
	  "because.claims n=240 days=6; because.bare n=240 fail=240; because.never; "
	  "because.nosig n=240 signed=998/1000",
	  "against.not_counted",
	  "change.reporter; change.override; change.aligned_pass; change.user_rule" },
	{ "a stray message",
	  { .all = { .messages = 1, .bare = 1, .noown = 1, .days = 1 },
	    .reporters = 1,
	    .rdns = RDNS_NONE,
	    .domain = { SIGNING, SIGNING } },
	  "because.claims_one_day n=1; because.bare n=1 fail=1; because.never; "
	  "because.nosig n=1 signed=998/1000; because.policy",
	  "against.tiny n=1",
	  "change.points n=7; change.override; change.aligned_pass; change.user_rule" },
	{ "a shared service",
	  { .all = { .messages = 150, .noown = 150, .orgmta = 150, .esp = 150, .days = 7 },
	    .reporters = 3,
	    .category = CATEGORY_ESP,
	    .rdns = RDNS_CONFIRMED,
	    .domain = { SIGNING, SIGNING } },
	  "because.claims n=150 days=7; because.never; because.nosig n=150 signed=998/1000; "
	  "because.reporters n=3",
	  "against.category; against.confirmed",
	  "change.customer; change.override; change.aligned_pass; change.user_rule" },
	{ "a mailbox provider that passed",
	  { .all = { .messages = 910, .pass = 10, .dkim_pass = 10, .bare = 900, .noown = 900 },
	    .reporters = 3,
	    .ever_passed = 30,
	    .selector_home = SELECTOR_HOME_ELSEWHERE,
	    .domain = { { .authorised = 1000 }, { .authorised = 1000 } } },
	  "because.claims n=900 days=0; because.bare n=900 fail=900; because.reporters n=3",
	  "against.passed n=30",
	  "change.override; change.aligned_pass; change.user_rule" },
	{ "own server",
	  { .all = { .messages = 100, .pass = 95, .spf_pass = 95, .bare = 5 },
	    .ever_passed = 95,
	    .in_own_spf = FACT_YES,
	    .selector_home = SELECTOR_HOME_HERE,
	    .dnsbl_spam = 1,
	    .domain = { SIGNING, SIGNING } },
	  "because.passes n=100 pass=95 share=95/100 fail=5; because.in_own_spf; "
	  "because.selector_here",
	  "against.some_fail n=5 share=5/100; because.bare n=5 fail=5; because.dnsbl n=1",
	  "change.fails n=90; change.user_rule" },
	{ "a forwarder without a word from receivers",
	  { .all = { .messages = 12, .ownsig = 12, .orgmta = 12, .days = 5 },
	    .reporters = 1,
	    .domain = { SIGNING, SIGNING } },
	  "because.signature_broken n=12 fail=12 cap=50",
	  "against.none",
	  "change.aligned_pass; change.cap n=50; change.dnsbl; change.user_rule" },
	{ "a known forwarder",
	  { .all = { .messages = 12, .noown = 12, .days = 5 }, .category = CATEGORY_FORWARDER },
	  "because.known_forwarder",
	  "against.none",
	  "change.aligned_pass; change.user_rule" },
};

static char *
tell(const struct why *why)
{
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < why->n; i++) {
		const struct why_line *line = &why->lines[i];
		g_string_append_printf(text, "%s%s", i ? "; " : "", line->key);
		for (gsize k = 0; k < WHY_NUMBERS_MAX && line->numbers[k].name; k++) {
			const struct why_number *number = &line->numbers[k];
			g_string_append_printf(text, " %s=%" G_GINT64_FORMAT, number->name,
					       number->n);
			if (number->whole)
				g_string_append_printf(text, "/%" G_GINT64_FORMAT, number->whole);
		}
	}
	return g_string_free(text, FALSE);
}

static void
check(const char *what, const struct why *why, const char *want)
{
	g_autofree char *told = tell(why);

	if (!g_str_equal(told, want))
		fail_msg("%s: want\n%s, got\n%s", what, want, told);
}

static void
says_the_strongest_first(void **state)
{
	const struct weights weights = weights_default();

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(examples); i++) {
		struct facts facts = examples[i].facts;
		if (facts.reporters > 0)
			facts.counted = facts.all;
		struct judgement j = judge(&facts, NULL, &weights);
		struct why because = why_because(&facts, &j, &weights);
		struct why against = why_against(&facts, &j, &weights);
		struct why change = why_would_change(&facts, &j, &weights);
		check(examples[i].what, &because, examples[i].because);
		check(examples[i].what, &against, examples[i].against);
		check(examples[i].what, &change, examples[i].change);
	}
}

static void
names_the_users_rule_alone(void **state)
{
	const struct weights weights = weights_default();
	const struct user_rule rule = { .id = 3, .class = RULE_CLASS_MINE, .domain = "" };
	const struct facts facts = examples[0].facts;
	struct judgement j = judge(&facts, &rule, &weights);
	struct why because = why_because(&facts, &j, &weights);
	struct why change = why_would_change(&facts, &j, &weights);

	(void)state;
	check("because", &because, "because.user");
	check("change", &change, "change.user_rule_ends");
}

/* A judgement by counted reports is explained by them, and says how many there are of how many. */
static void
explains_an_accusation_by_counted_reports(void **state)
{
	const struct weights weights = weights_default();
	struct facts facts = examples[0].facts;

	(void)state;
	facts.counted = facts.all;
	facts.all.messages = facts.all.bare = facts.all.noown = 9000;
	struct judgement j = judge(&facts, NULL, &weights);
	struct why because = why_because(&facts, &j, &weights);
	check("because", &because,
	      "because.claims n=240 days=6; because.bare n=240 fail=240; because.never; "
	      "because.nosig n=240 signed=998/1000; because.reporters n=4; "
	      "because.only_counted n=240 all=9000");
}

static void
expect_sentences(const struct why *why)
{
	assert_true(why->n > 0 && why->n < WHY_LINES_MAX);
	for (gsize i = 0; i < why->n; i++)
		expect_sentence(&why->lines[i], "domain");
}

static struct facts
make_facts(GRand *rand)
{
	struct facts facts = examples[g_rand_int_range(rand, 0, G_N_ELEMENTS(examples))].facts;

	facts.counted = facts.all;
	facts.reporters = g_rand_int_range(rand, 0, 5);
	facts.all.forwarded = g_rand_int_range(rand, 0, 3) ? 0 : facts.all.bare / 3;
	facts.all.tmp = g_rand_int_range(rand, 0, 5) ? 0 : facts.all.noown;
	facts.all.ownsig = MIN(facts.all.orgmta, g_rand_int_range(rand, 0, 200));
	facts.ruf_samples = g_rand_int_range(rand, 0, 2);
	facts.dnsbl_spam = g_rand_int_range(rand, -1, 3);
	facts.is_customer = (enum fact)g_rand_int_range(rand, 0, 3);
	facts.is_multi = (enum fact)g_rand_int_range(rand, 0, 3);
	facts.selector_home = (enum selector_home)g_rand_int_range(rand, 0, 4);
	facts.in_own_spf = g_rand_int_range(rand, 0, 4) ? FACT_NO : FACT_YES;
	facts.is_parked = g_rand_boolean(rand);
	if (!g_rand_int_range(rand, 0, 5))
		facts.all.pass = facts.all.dkim_pass = facts.all.messages;
	return facts;
}

static void
every_line_has_its_sentence_and_every_place_its_number(void **state)
{
	const struct weights weights = weights_default();
	GRand *rand = g_rand_new_with_seed(7);

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		struct facts facts = make_facts(rand);
		struct judgement j = judge(&facts, NULL, &weights);
		struct why because = why_because(&facts, &j, &weights);
		struct why against = why_against(&facts, &j, &weights);
		struct why change = why_would_change(&facts, &j, &weights);
		expect_sentences(&because);
		expect_sentences(&against);
		expect_sentences(&change);
	}
	g_rand_free(rand);
}

static void
every_term_of_the_score_has_a_name(void **state)
{
	(void)state;
	for (enum score_term t = SCORE_BASE; t < N_SCORE_TERMS; t++) {
		g_autofree char *key = g_strconcat("score.", score_term_name(t), NULL);
		if (!words_find(key))
			fail_msg("%s is not in the table", key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_the_strongest_first),
		cmocka_unit_test(names_the_users_rule_alone),
		cmocka_unit_test(explains_an_accusation_by_counted_reports),
		cmocka_unit_test(every_line_has_its_sentence_and_every_place_its_number),
		cmocka_unit_test(every_term_of_the_score_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
