/* SPDX-License-Identifier: MIT */
/*
 * What-ifs from sums against the same from the records, on 5,000 reports at random and every policy
 * there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/align.h"
#include "analysis/readiness.h"
#include "tests/support/policy_truth.h"

#define N_REPORTS 5000
#define N_BITS    (N_ALIGNMENTS << 2) /* those of enum simulate_bit, too */

static const char *const actions[] = { "none", "quarantine", "reject" };

struct world {
	GArray *truths;                          /* struct truth, one for each record */
	GArray *kinds;                           /* the same with equal ones summed */
	GArray *counts;                          /* struct alignment_count, nothing of DNS known */
	GArray *counts_by_dns;                   /* the same with DNS asked */
	GArray *counts_of_sender[TRUTH_SENDERS]; /* as counts */
};

/* The way under test: sums by bits, as the store keeps them */

static gboolean
is_same_org(gpointer cookie, const char *a, const char *b)
{
	(void)cookie;
	return truth_is_same_org(a, b);
}

static GArray *
make_counts(const gint64 *sums, gsize n)
{
	GArray *counts = g_array_new(FALSE, FALSE, sizeof(struct alignment_count));

	for (guint32 bits = 0; bits < n; bits++) {
		struct alignment_count count = { bits, sums[bits] };
		if (count.messages > 0)
			g_array_append_val(counts, count);
	}
	return counts;
}

static void
add_report(struct world *world, const struct report *report, gint64 sums[][N_BITS],
	   gint64 *sums_by_dns)
{
	static const struct align_context context = { .is_same_org = is_same_org };

	for (guint i = 0; i < report->records->len; i++) {
		const struct record *record = &g_array_index(report->records, struct record, i);
		struct truth truth = truth_read_record(report, record);
		guint32 bits = align_record(report, record, &context);
		assert_true(bits < N_ALIGNMENTS);
		g_array_append_val(world->truths, truth);
		sums[truth.sender][bits] += record->count;
		if (truth.is_sub)
			bits |= truth.is_ghost ? SIMULATE_MISSING : SIMULATE_EXISTS;
		sums_by_dns[bits] += record->count;
	}
}

static int
setup(void **state)
{
	static gint64 sums[TRUTH_SENDERS][N_BITS];
	static gint64 sums_by_dns[N_BITS];
	gint64 all[N_ALIGNMENTS] = { 0 };
	struct world *world = g_new0(struct world, 1);
	GRand *rand = g_rand_new_with_seed(9989);

	world->truths = g_array_new(FALSE, FALSE, sizeof(struct truth));
	for (guint i = 0; i < N_REPORTS; i++) {
		struct report report = truth_make_report(rand);
		add_report(world, &report, sums, sums_by_dns);
		truth_clear_report(&report);
	}
	g_rand_free(rand);
	world->kinds = truth_sum_kinds(world->truths);
	for (guint sender = 0; sender < TRUTH_SENDERS; sender++) {
		world->counts_of_sender[sender] = make_counts(sums[sender], N_ALIGNMENTS);
		for (guint32 bits = 0; bits < N_ALIGNMENTS; bits++)
			all[bits] += sums[sender][bits];
	}
	world->counts = make_counts(all, N_ALIGNMENTS);
	world->counts_by_dns = make_counts(sums_by_dns, N_BITS);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	for (guint sender = 0; sender < TRUTH_SENDERS; sender++)
		g_array_unref(world->counts_of_sender[sender]);
	g_array_unref(world->truths);
	g_array_unref(world->kinds);
	g_array_unref(world->counts);
	g_array_unref(world->counts_by_dns);
	g_free(world);
	return 0;
}

/* Every policy there is */

static const struct alignment_count *
first(const GArray *counts)
{
	return &g_array_index(counts, struct alignment_count, 0);
}

static void
compare(const struct world *world, const GArray *truths, guint published_number, guint number,
	gboolean ask_dns)
{
	const GArray *counts = ask_dns ? world->counts_by_dns : world->counts;
	struct simulate_policy published = truth_policy(published_number);
	struct simulate_policy hypothesis = truth_policy(number);
	struct simulate_policy whole = truth_publish(hypothesis, &published);
	struct asked before = truth_read_policy(&published);
	struct asked now = truth_read_policy(&whole);
	struct simulation want = truth_reckon(truths, &before, &now, ask_dns);
	struct simulation got = simulate(&published, &hypothesis, first(counts), counts->len);

	if (memcmp(&want, &got, sizeof(want)) != 0)
		fail_msg("policy %u, what if %u%s", published_number, number,
			 ask_dns ? ", DNS asked" : "");
}

static void
every_policy_comes_out_as_from_the_records(void **state)
{
	const struct world *world = *state;

	assert_true(world->counts->len > N_ALIGNMENTS / 3);
	for (guint i = 0; i < TRUTH_POLICIES; i++) {
		/* 37 and the number of policies have no divisor in common: published ones of
		 * every kind */
		compare(world, world->truths, i * 37 % TRUTH_POLICIES, i, FALSE);
		compare(world, world->truths, (i * 37 + 191) % TRUTH_POLICIES, i, TRUE);
	}
}

static void
every_change_of_policy_comes_out_as_from_the_kinds_of_records(void **state)
{
	const struct world *world = *state;

	for (guint i = 0; i < TRUTH_POLICIES; i++)
		for (guint j = 0; j < TRUTH_POLICIES; j++)
			compare(world, world->kinds, i, j, (i + j) % 2 > 0);
}

/* Readiness of the same reports */

static const enum class classes[TRUTH_SENDERS] = {
	CLASS_AUTHORIZED, CLASS_FIX, CLASS_AUTHORIZED, CLASS_FIX, CLASS_FORWARDER, CLASS_REVIEW,
};

/* Messages of own senders, all and lost, from the records. */
static void
reckon_loss(const GArray *truths, const struct asked *before, const struct asked *now,
	    gint64 *messages, gint64 *lost)
{
	*messages = *lost = 0;
	for (guint i = 0; i < truths->len; i++) {
		const struct truth *truth = &g_array_index(truths, struct truth, i);
		if (classes[truth->sender] != CLASS_AUTHORIZED &&
		    classes[truth->sender] != CLASS_FIX)
			continue;
		*messages += truth->messages;
		if (truth_treat(truth, truth_passes(truth, before, now), now, FALSE) > 0)
			*lost += truth->messages;
	}
}

static struct readiness
readiness_by_counts(const struct world *world, const struct simulate_policy *published,
		    const struct simulate_policy *hypothesis)
{
	const struct readiness_limits limits = readiness_limits_default();
	struct readiness_sender senders[TRUTH_SENDERS];

	for (guint i = 0; i < TRUTH_SENDERS; i++) {
		const GArray *counts = world->counts_of_sender[i];
		struct simulation s = simulate(published, hypothesis, first(counts), counts->len);
		senders[i] = (struct readiness_sender){
			.id = "",
			.name = "",
			.class = classes[i],
			.messages = s.what_if.pass + s.what_if.fail,
			.lost = simulate_lost(&s.what_if),
			.fix = "",
		};
	}
	const struct readiness_facts facts = {
		.senders = senders,
		.n_senders = TRUTH_SENDERS,
		.days = 30,
		.window_days = 30,
		.reporters = 9,
		.messages = 100000,
		.unchanged_days = 30,
		.policy = published,
		.target = STEP_REJECT,
	};
	return readiness(&facts, &limits);
}

static void
what_would_be_lost_is_what_the_records_lose(void **state)
{
	const struct world *world = *state;

	for (guint i = 0; i < TRUTH_POLICIES; i++) {
		struct simulate_policy published = truth_policy(i);
		for (guint action = 0; action < 3; action++) {
			const struct simulate_policy hypothesis = { .p = actions[action],
								    .t = "n" };
			struct simulate_policy whole = published;
			whole.p = actions[action];
			whole.t = "n";
			struct asked before = truth_read_policy(&published);
			struct asked now = truth_read_policy(&whole);
			gint64 messages;
			gint64 lost;
			reckon_loss(world->truths, &before, &now, &messages, &lost);
			struct readiness got = readiness_by_counts(world, &published, &hypothesis);
			assert_int_equal(got.own_messages, messages);
			assert_int_equal(got.own_lost, lost);
			gboolean is_ready = lost * 1000 <= messages;
			assert_int_equal(got.verdict == READINESS_READY, is_ready);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_comes_out_as_from_the_records),
		cmocka_unit_test(every_change_of_policy_comes_out_as_from_the_kinds_of_records),
		cmocka_unit_test(what_would_be_lost_is_what_the_records_lose),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
