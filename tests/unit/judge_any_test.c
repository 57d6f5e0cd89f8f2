/* SPDX-License-Identifier: MIT */
/* What no facts whatever may lead to, on random facts with a fixed seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/judge.h"
#include "analysis/weights.h"

#define N_RANDOM 200000

static gint64
up_to(GRand *rand, gint64 max)
{
	gint64 n = g_rand_int_range(rand, 0, 4) == 0
			   ? max
			   : (gint64)g_rand_double_range(rand, 0, (double)max + 1);

	return g_rand_int_range(rand, 0, 3) == 0 ? 0 : MIN(n, max);
}

static struct figures
make_figures(GRand *rand, gint64 max)
{
	struct figures f = { .messages = up_to(rand, max), .days = g_rand_int_range(rand, 0, 31) };

	f.pass = g_rand_int_range(rand, 0, 4) == 0 ? up_to(rand, f.messages) : 0;
	f.spf_pass = up_to(rand, f.pass);
	f.dkim_pass = f.spf_pass == f.pass ? up_to(rand, f.pass) : f.pass;
	gint64 fail = figures_fail(&f);
	f.forwarded = g_rand_int_range(rand, 0, 4) == 0 ? up_to(rand, fail) : 0;
	f.bare = up_to(rand, fail);
	f.ownsig = up_to(rand, fail - f.bare);
	f.noown = fail - f.ownsig;
	f.orgmta = up_to(rand, fail - f.bare);
	f.esp = up_to(rand, f.orgmta);
	f.tmp = g_rand_int_range(rand, 0, 4) == 0 ? up_to(rand, fail) : 0;
	return f;
}

static struct facts
make_facts(GRand *rand)
{
	static const gint64 sizes[] = { 1, 3, 100, 10000, G_MAXINT64 / 4 };
	gint64 max = sizes[g_rand_int_range(rand, 0, G_N_ELEMENTS(sizes))];
	struct facts f = { .all = make_figures(rand, max),
			   .reporters = g_rand_int_range(rand, 0, 6) };

	f.counted = g_rand_boolean(rand) ? f.all : make_figures(rand, max);
	f.ever_passed = g_rand_int_range(rand, 0, 4) == 0 ? g_rand_int_range(rand, -1, 3) : 0;
	f.ruf_samples = g_rand_int_range(rand, 0, 2);
	f.is_multi = (enum fact)g_rand_int_range(rand, 0, 3);
	f.selector_home = (enum selector_home)g_rand_int_range(rand, 0, 4);
	f.in_own_spf = (enum fact)g_rand_int_range(rand, 0, 3);
	f.is_customer = (enum fact)g_rand_int_range(rand, 0, 3);
	f.category = g_rand_boolean(rand) ? CATEGORY_NONE
					  : (enum category)g_rand_int_range(rand, 0, N_CATEGORIES);
	f.dnsbl_spam = g_rand_int_range(rand, -1, 4);
	f.on_policy_list = (enum fact)g_rand_int_range(rand, 0, 3);
	f.rdns = (enum rdns_state)g_rand_int_range(rand, 0, 4);
	for (enum side side = SIDE_ALL; side < N_SIDES; side++) {
		f.domain[side].authorised = up_to(rand, 100000);
		f.domain[side].authorised_signed = up_to(rand, f.domain[side].authorised);
	}
	f.is_parked = g_rand_int_range(rand, 0, 4) == 0;
	return f;
}

/* Whatever bars R8 does so with any facts. */
static void
accuse_only_with_cause(const struct facts *f, const struct judgement *j)
{
	if (j->class != CLASS_UNAUTHORIZED)
		return;
	assert_true(f->reporters > 0);
	assert_int_equal(f->all.pass, 0);
	assert_int_equal(f->counted.pass, 0);
	assert_int_equal(f->ever_passed, 0);
	assert_int_equal(f->all.forwarded, 0);
	assert_int_equal(f->category, CATEGORY_NONE);
	assert_true(figures_fail(&f->counted) > 0);
	assert_true(j->counted.value >= 70);
}

static void
check_sum(const struct score *score)
{
	gint64 sum = 0;

	for (gsize i = 0; i < N_SCORE_TERMS; i++)
		sum += score->terms[i];
	assert_int_equal(score->value, CLAMP(sum, 0, 100));
}

/* More passes, and everything else as it was. */
static void
check_more_passes(struct facts f, const struct judgement *before, const struct weights *weights)
{
	f.all.messages += 100;
	f.all.pass += 100;
	f.all.dkim_pass += 100;
	struct judgement after = judge(&f, NULL, weights);
	assert_int_not_equal(after.class, CLASS_UNAUTHORIZED);
	if (before->rule == RULE_OWN_PASSES)
		assert_int_equal(after.rule, RULE_OWN_PASSES);
}

static void
holds_for_any_facts(void **state)
{
	const struct weights weights = weights_default();
	GRand *rand = g_rand_new_with_seed(20261124);
	guint classes[N_CLASSES] = { 0 };
	guint seen[N_RULES] = { 0 };

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		struct facts f = make_facts(rand);
		struct judgement j = judge(&f, NULL, &weights);
		classes[j.class]++;
		seen[j.rule]++;
		accuse_only_with_cause(&f, &j);
		check_sum(&j.all);
		check_sum(&j.counted);
		check_more_passes(f, &j, &weights);
		if (j.rule == RULE_SIGNATURE_BROKEN)
			assert_true(figures_fail(&f.all) <= facts_cap(&f, SIDE_ALL, &weights));
		f.reporters = 0;
		assert_int_not_equal(judge(&f, NULL, &weights).class, CLASS_UNAUTHORIZED);
	}
	/* The facts are not so odd that a class or a rule never comes up; only a user ignores. */
	for (enum class c = CLASS_FIX; c < CLASS_IGNORED; c++)
		assert_true(classes[c] > N_RANDOM / 1000);
	for (enum judge_rule r = RULE_OWN_PASSES; r < N_RULES; r++)
		assert_true(seen[r] > 100);
	g_rand_free(rand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_for_any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
