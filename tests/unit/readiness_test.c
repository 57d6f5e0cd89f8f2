/* SPDX-License-Identifier: MIT */
/* Verdicts on all borders of the limits, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/readiness.h"
#include "tests/support/sentence.h"

#define N_RANDOM 3000

/* A domain that is ready but for what a case changes. Two senders: one fine, one that the case
 * says. */
struct border {
	const char *what;
	gint64 messages; /* of the second sender */
	gint64 lost;
	gint64 review_large;
	gint64 days, reporters, all;
	gint64 unchanged_days;
	enum readiness_verdict verdict;
};

#define DATA 28, 2, 100

static const struct border borders[] = {
	{ "nothing lost", 10000, 0, 0, DATA, 14, READINESS_READY },
	{ "0.10 % lost", 10000, 10, 0, DATA, 14, READINESS_READY },
	{ "a little more than 0.10 %", 10000, 11, 0, DATA, 14, READINESS_NEARLY },
	{ "0.10 % of a few", 999, 1, 0, DATA, 14, READINESS_NEARLY },
	{ "0.10 % of a thousand", 1000, 1, 0, DATA, 14, READINESS_READY },
	{ "1 % lost, one sender", 10000, 100, 0, DATA, 14, READINESS_NEARLY },
	{ "1 % lost, many to review", 10000, 100, 9, DATA, 14, READINESS_NEARLY },
	{ "more than 1 % lost, three items", 10000, 101, 2, DATA, 14, READINESS_NEARLY },
	{ "more than 1 % lost, four items", 10000, 101, 3, DATA, 14, READINESS_NOT_YET },
	{ "all lost, one item", 10000, 10000, 0, DATA, 14, READINESS_NEARLY },
	{ "nothing lost, one source to review", 10000, 0, 1, DATA, 14, READINESS_NEARLY },
	{ "nothing lost, many to review", 10000, 0, 50, DATA, 14, READINESS_NEARLY },
	{ "changed 13 days ago", 10000, 0, 0, DATA, 13, READINESS_NEARLY },
	{ "changed today", 10000, 0, 0, DATA, 0, READINESS_NEARLY },
	{ "nobody knows when it changed", 10000, 0, 0, DATA, FACT_N_UNKNOWN, READINESS_NEARLY },
	{ "no own mail", 0, 0, 0, DATA, 14, READINESS_READY },
	{ "27 days", 10000, 0, 0, 27, 2, 100, 14, READINESS_NO_DATA },
	{ "one reporter", 10000, 0, 0, 28, 1, 100, 14, READINESS_NO_DATA },
	{ "99 messages", 10000, 0, 0, 28, 2, 99, 14, READINESS_NO_DATA },
	{ "no data beats a loss", 10000, 10000, 9, 0, 0, 0, 0, READINESS_NO_DATA },
	{ "more than enough of everything", 10000, 0, 0, 30, 9, 99999, 400, READINESS_READY },
};

static struct readiness_facts
make_facts(const struct border *border, const struct readiness_sender *senders, gsize n)
{
	return (struct readiness_facts){
		.senders = senders,
		.n_senders = n,
		.review_sources = border->review_large,
		.review_large = border->review_large,
		.days = border->days,
		.window_days = 30,
		.reporters = border->reporters,
		.messages = border->all,
		.unchanged_days = border->unchanged_days,
		.target = STEP_REJECT,
	};
}

static void
verdicts_change_on_the_borders_of_the_limits(void **state)
{
	const struct readiness_limits limits = readiness_limits_default();

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(borders); i++) {
		const struct border *border = &borders[i];
		/* others do not count, however much they lose */
		const struct readiness_sender senders[] = {
			{ "a", "A", CLASS_FIX, border->messages, border->lost, "" },
			{ "b", "B", CLASS_UNAUTHORIZED, 90000, 90000, "" },
			{ "c", "C", CLASS_REVIEW, 90000, 90000, "" },
			{ "d", "D", CLASS_FORWARDER, 90000, 90000, "" },
		};
		struct readiness_facts facts = make_facts(border, senders, G_N_ELEMENTS(senders));
		struct readiness got = readiness(&facts, &limits);
		if (got.verdict != border->verdict)
			fail_msg("%s: want %s, got %s", border->what,
				 readiness_verdict_name(border->verdict),
				 readiness_verdict_name(got.verdict));
		assert_int_equal(got.own_messages, border->messages);
		assert_int_equal(got.own_lost, border->lost);
	}
}

static void
what_is_left_is_what_cannot_be_fixed(void **state)
{
	const struct readiness_limits limits = readiness_limits_default();
	const struct readiness_sender senders[] = {
		{ "ticket-desk", "Ticket desk", CLASS_FIX, 219, 219, "" },
		{ "web1", "web1", CLASS_FIX, 15, 15, "" },
		{ "good", "3 good senders", CLASS_AUTHORIZED, 41216, 12, "" },
	};
	const struct simulate_policy seen = { .p = "quarantine" };
	const struct border border = {
		.review_large = 1, .days = 30, .reporters = 9, .all = 43000, .unchanged_days = 34
	};
	struct readiness_facts facts = make_facts(&border, senders, G_N_ELEMENTS(senders));

	(void)state;
	facts.policy = &seen;
	struct readiness got = readiness(&facts, &limits);
	assert_int_equal(got.verdict, READINESS_NEARLY);
	assert_int_equal(got.own_messages, 41450);
	assert_int_equal(got.own_lost, 246);
	assert_int_equal(got.left_lost, 12);
	assert_int_equal(got.open_senders, 2);
	assert_int_equal(got.open_items, 3);
	assert_int_equal(got.current, STEP_QUARANTINE);
	assert_int_equal(got.next, STEP_REJECT_TEST);
	assert_false(got.is_reached);
	assert_string_equal(got.answer.key, "readiness.answer_nearly_senders");
	assert_int_equal(got.answer.numbers[0].n, 2);
	assert_string_equal(got.reasons.lines[0].key, "readiness.loss");
	assert_string_equal(got.reasons.lines[1].key, "readiness.review");
	assert_string_equal(got.reasons.lines[2].key, "readiness.left");
	assert_int_equal(got.reasons.n, 3);
	assert_int_equal(got.checks[CHECK_LOSS], STATE_UNMET);
	assert_int_equal(got.checks[CHECK_UNCHANGED], STATE_MET);
}

static void
what_is_not_known_is_neither_met_nor_unmet(void **state)
{
	const struct readiness_limits limits = readiness_limits_default();
	const struct border border = {
		.days = 30, .reporters = 9, .all = 43000, .unchanged_days = FACT_N_UNKNOWN
	};
	struct readiness_facts facts = make_facts(&border, NULL, 0);
	struct readiness got = readiness(&facts, &limits);

	(void)state;
	assert_int_equal(got.checks[CHECK_UNCHANGED], STATE_UNKNOWN);
	assert_int_equal(got.current, STEP_UNKNOWN);
	assert_int_equal(got.next, STEP_UNKNOWN);
	assert_false(got.is_reached);
	facts.target = STEP_UNKNOWN;
	assert_false(readiness(&facts, &limits).is_reached);
}

static void
a_target_may_be_reached_or_none(void **state)
{
	const struct readiness_limits limits = readiness_limits_default();
	const struct simulate_policy seen = { .p = "none" };
	struct readiness_facts facts = make_facts(&borders[0], NULL, 0);

	(void)state;
	facts.policy = &seen;
	assert_false(readiness(&facts, &limits).is_reached);
	facts.target = STEP_NONE;
	assert_true(readiness(&facts, &limits).is_reached);
	assert_int_equal(readiness(&facts, &limits).next, STEP_NONE);
}

static void
limits_are_the_published_ones_and_can_be_others(void **state)
{
	struct readiness_limits limits = readiness_limits_default();
	const struct readiness_sender sender = { "a", "A", CLASS_AUTHORIZED, 10000, 11, "" };
	struct readiness_facts facts = make_facts(&borders[0], &sender, 1);

	(void)state;
	assert_int_equal(n_readiness_rows * sizeof(gint64), sizeof limits);
	for (gsize i = 0; i < n_readiness_rows; i++) {
		const struct weight_row *row = &readiness_rows[i];
		assert_true(row->fallback >= row->min && row->fallback <= row->max);
	}
	assert_true(readiness_sender_is_open(&sender, &limits));
	limits.ready_loss = 11;
	assert_false(readiness_sender_is_open(&sender, &limits));
	assert_int_equal(readiness(&facts, &limits).verdict, READINESS_READY);
}

static void
a_fix_is_what_most_failing_mail_tells(void **state)
{
	struct figures figures = { .messages = 100, .pass = 90, .tmp = 5, .orgmta = 10, .esp = 4 };

	(void)state;
	assert_string_equal(readiness_fix(&figures), "readiness.fix_error");
	figures.tmp = 4;
	assert_string_equal(readiness_fix(&figures), "readiness.fix_other_domain");
	figures.esp = 5;
	assert_string_equal(readiness_fix(&figures), "readiness.fix_service");
	figures.ownsig = 5;
	assert_string_equal(readiness_fix(&figures), "readiness.fix_broken");
	figures = (struct figures){ .messages = 100, .pass = 90, .noown = 10 };
	assert_string_equal(readiness_fix(&figures), "readiness.fix_unsigned");
	figures.pass = 100;
	assert_string_equal(readiness_fix(&figures), "");
}

/* Sentences */

static void
make_border(GRand *rand, struct border *border)
{
	border->messages = g_rand_int_range(rand, 0, 3) ? g_rand_int_range(rand, 1, 3000) : 0;
	border->lost = border->messages / g_rand_int_range(rand, 1, 3000);
	border->review_large = MAX(g_rand_int_range(rand, -5, 6), 0);
	border->days = g_rand_int_range(rand, 20, 60);
	border->reporters = g_rand_int_range(rand, 1, 20);
	border->all = g_rand_int_range(rand, 50, 10000);
	border->unchanged_days = g_rand_int_range(rand, -1, 60);
}

static void
every_line_has_its_sentence_and_every_place_its_number(void **state)
{
	const struct readiness_limits limits = readiness_limits_default();
	GRand *rand = g_rand_new_with_seed(5);
	guint seen[N_VERDICTS] = { 0 };

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		struct border border = { 0 };
		make_border(rand, &border);
		struct readiness_sender sender = { "a",         "A", CLASS_FIX, border.messages,
						   border.lost, "" };
		struct readiness_facts facts = make_facts(&border, &sender, 1);
		facts.forwarded = 50;
		facts.forwarded_lost = g_rand_int_range(rand, 0, 3);
		struct readiness got = readiness(&facts, &limits);
		seen[got.verdict]++;
		expect_sentence(&got.answer, NULL);
		assert_true(got.reasons.n > 0 && got.reasons.n < WHY_LINES_MAX);
		for (gsize n = 0; n < got.reasons.n; n++)
			expect_sentence(&got.reasons.lines[n], NULL);
	}
	for (guint i = 0; i < N_VERDICTS; i++)
		assert_true(seen[i] > 0);
	g_rand_free(rand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_change_on_the_borders_of_the_limits),
		cmocka_unit_test(what_is_left_is_what_cannot_be_fixed),
		cmocka_unit_test(what_is_not_known_is_neither_met_nor_unmet),
		cmocka_unit_test(a_target_may_be_reached_or_none),
		cmocka_unit_test(limits_are_the_published_ones_and_can_be_others),
		cmocka_unit_test(a_fix_is_what_most_failing_mail_tells),
		cmocka_unit_test(every_line_has_its_sentence_and_every_place_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
