/* SPDX-License-Identifier: MIT */
/* Small what-ifs that one can follow by hand. simulate_reports_test.c has the large ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/simulate.h"
#include "core/error.h"

#define DKIM_BOTH (ALIGNMENT_DKIM_RELAXED | ALIGNMENT_DKIM_STRICT)

static struct simulation
simulate_one(const struct simulate_policy *published, const struct simulate_policy *hypothesis,
	     guint32 bits)
{
	const struct alignment_count count = { bits, 10 };

	return simulate(published, hypothesis, &count, 1);
}

/* A mode that changes, what is known of DKIM, and does the message pass? */
static const struct mode_case {
	const char *from;
	const char *to;
	guint32 bits;
	gboolean is_pass;
} mode_cases[] = {
	{ "r", "r", ALIGNMENT_DKIM_REPORTED, TRUE },
	{ "r", "", ALIGNMENT_DKIM_REPORTED, TRUE },
	{ "", "r", ALIGNMENT_DKIM_REPORTED, TRUE },
	{ "s", "s", ALIGNMENT_DKIM_REPORTED, TRUE },
	{ "r", "r", DKIM_BOTH, FALSE }, /* the receiver's word counts, not ours */
	{ "s", "s", DKIM_BOTH, FALSE },
	{ "r", "s", ALIGNMENT_DKIM_REPORTED | DKIM_BOTH, TRUE },
	{ "", "s", ALIGNMENT_DKIM_REPORTED | ALIGNMENT_DKIM_RELAXED, FALSE },
	{ "r", "s", ALIGNMENT_DKIM_REPORTED, FALSE },
	{ "r", "s", DKIM_BOTH, FALSE },              /* a stricter mode adds no pass */
	{ "s", "r", ALIGNMENT_DKIM_REPORTED, TRUE }, /* a looser one takes none away */
	{ "s", "r", ALIGNMENT_DKIM_RELAXED, TRUE },
	{ "S", "R", ALIGNMENT_DKIM_RELAXED, TRUE },
	{ "s", "r", 0, FALSE },
	{ "s", "r", ALIGNMENT_SPF_RELAXED | ALIGNMENT_SPF_STRICT, FALSE }, /* SPF stays */
};

static void
a_changed_mode_is_recomputed_and_an_unchanged_one_is_not(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(mode_cases); i++) {
		const struct mode_case *c = &mode_cases[i];
		const struct simulate_policy published = { .p = "none", .adkim = c->from };
		const struct simulate_policy hypothesis = { .adkim = c->to };
		struct simulation s = simulate_one(&published, &hypothesis, c->bits);
		if ((s.what_if.pass == 10) != c->is_pass || s.what_if.pass + s.what_if.fail != 10)
			fail_msg("adkim %s to %s with bits %x: %d pass", c->from, c->to, c->bits,
				 (int)s.what_if.pass);
	}
}

static void
spf_has_a_mode_of_its_own(void **state)
{
	const struct simulate_policy published = { .p = "reject" };
	const struct simulate_policy strict = { .aspf = "s" };
	struct simulation s =
		simulate_one(&published, &strict, ALIGNMENT_SPF_REPORTED | ALIGNMENT_SPF_RELAXED);

	(void)state;
	assert_int_equal(s.published.pass, 10);
	assert_int_equal(s.what_if.fail, 10);
	assert_int_equal(s.newly_lost, 10);
	s = simulate_one(&published, &strict,
			 ALIGNMENT_SPF_REPORTED | ALIGNMENT_SPF_RELAXED | ALIGNMENT_DKIM_REPORTED);
	assert_int_equal(s.what_if.pass, 10);
	assert_int_equal(s.newly_lost, 0);
}

/* What a policy makes of mail that fails: at the domain, below it, below it where nothing is. */
static const struct effect_case {
	struct simulate_policy policy;
	enum policy_action own;
	enum policy_action sub;
	enum policy_action missing;
} effect_cases[] = {
	{ { 0 }, ACTION_NONE, ACTION_NONE, ACTION_NONE },
	{ { .p = "reject" }, ACTION_REJECT, ACTION_REJECT, ACTION_REJECT },
	{ { .p = "reject", .sp = "none" }, ACTION_REJECT, ACTION_NONE, ACTION_NONE },
	{ { .p = "none", .sp = "quarantine", .np = "reject" },
	  ACTION_NONE,
	  ACTION_QUARANTINE,
	  ACTION_REJECT },
	{ { .p = "quarantine", .np = "none" }, ACTION_QUARANTINE, ACTION_QUARANTINE, ACTION_NONE },
	{ { .p = "reject", .t = "y" }, ACTION_QUARANTINE, ACTION_QUARANTINE, ACTION_QUARANTINE },
	{ { .p = "quarantine", .sp = "reject", .np = "none", .t = "Y" },
	  ACTION_NONE,
	  ACTION_QUARANTINE,
	  ACTION_NONE },
	{ { .p = "reject", .t = "n" }, ACTION_REJECT, ACTION_REJECT, ACTION_REJECT },
	{ { .p = "Quarantine", .sp = "", .t = "maybe" },
	  ACTION_QUARANTINE,
	  ACTION_QUARANTINE,
	  ACTION_QUARANTINE },
	{ { .p = "drop", .sp = "unspecified" }, ACTION_NONE, ACTION_NONE, ACTION_NONE },
};

static void
absent_tags_inherit_and_test_mode_is_one_level_lower(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(effect_cases); i++) {
		const struct effect_case *c = &effect_cases[i];
		struct simulate_effect effect = simulate_effect_of(&c->policy);
		if (effect.own != c->own || effect.sub != c->sub || effect.missing != c->missing)
			fail_msg("policy %d: got %d %d %d", (int)i, effect.own, effect.sub,
				 effect.missing);
	}
}

static void
differences_are_named_by_where_a_message_goes(void **state)
{
	const struct simulate_policy none = { .p = "none" };
	const struct simulate_policy quarantine = { .p = "quarantine" };
	const struct simulate_policy reject = { .p = "reject" };

	(void)state;
	assert_int_equal(simulate_one(&none, &quarantine, 0).newly_lost, 10);
	assert_int_equal(simulate_one(&none, &reject, 0).newly_lost, 10);
	assert_int_equal(simulate_one(&quarantine, &reject, 0).harder, 10);
	assert_int_equal(simulate_one(&reject, &quarantine, 0).softer, 10);
	assert_int_equal(simulate_one(&reject, &none, 0).newly_safe, 10);
	struct simulation s = simulate_one(&reject, &reject, 0);
	assert_int_equal(s.newly_lost + s.newly_safe + s.harder + s.softer, 0);
	assert_int_equal(simulate_lost(&s.what_if), 10);
}

static void
np_is_applied_where_dns_was_asked_and_else_counted_as_unknown(void **state)
{
	const struct simulate_policy published = { .p = "none" };
	const struct simulate_policy np = { .np = "reject" };
	struct simulation s = simulate_one(&published, &np, ALIGNMENT_SUB);

	(void)state;
	assert_int_equal(s.what_if.delivered, 10);
	assert_int_equal(s.what_if.np_unknown, 10);
	assert_int_equal(s.published.np_unknown, 0);
	assert_int_equal(s.np_unknown, 10);
	s = simulate_one(&published, &np, ALIGNMENT_SUB | SIMULATE_MISSING);
	assert_int_equal(s.what_if.rejected, 10);
	assert_int_equal(s.newly_lost, 10);
	assert_int_equal(s.what_if.np_unknown + s.np_unknown, 0);
	s = simulate_one(&published, &np, ALIGNMENT_SUB | SIMULATE_EXISTS);
	assert_int_equal(s.what_if.delivered, 10);
	assert_int_equal(s.what_if.np_unknown + s.np_unknown, 0);
	s = simulate_one(&published, &np, ALIGNMENT_SUB | ALIGNMENT_SPF_REPORTED);
	assert_int_equal(s.what_if.np_unknown + s.np_unknown, 0);
	s = simulate_one(&published, &np, 0);
	assert_int_equal(s.what_if.np_unknown + s.np_unknown, 0);
}

static void
written_defaults_are_taken_as_absent(void **state)
{
	const struct simulate_policy seen = { .p = "none", .sp = "None", .np = "none" };
	const struct simulate_policy apart = { .p = "none", .sp = "reject", .np = "none" };
	const struct simulate_policy reject = { .p = "reject" };
	struct simulate_policy folded = simulate_policy_folded(&seen);

	(void)state;
	assert_int_equal(simulate_one(&folded, &reject, ALIGNMENT_SUB).newly_lost, 10);
	assert_int_equal(simulate_one(&seen, &reject, ALIGNMENT_SUB).newly_lost, 0);
	folded = simulate_policy_folded(&apart);
	assert_string_equal(folded.sp, "reject");
	assert_string_equal(folded.np, "none");
}

static void
a_visitor_sets_tags_by_name(void **state)
{
	struct simulate_policy policy = { 0 };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(simulate_policy_set(&policy, "sp", "Reject", &error));
	assert_true(simulate_policy_set(&policy, "aspf", "s", &error));
	assert_true(simulate_policy_set(&policy, "t", "y", &error));
	assert_true(simulate_policy_set(&policy, "sp", "", &error));
	assert_string_equal(policy.sp, "");
	assert_string_equal(policy.aspf, "s");
	assert_false(simulate_policy_set(&policy, "p", "drop", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED));
	assert_non_null(strstr(error->message, "quarantine"));
	g_clear_error(&error);
	assert_false(simulate_policy_set(&policy, "adkim", "reject", &error));
	g_clear_error(&error);
	assert_false(simulate_policy_set(&policy, "pct", "50", &error));
	assert_null(policy.p);
}

static void
sums_stay_at_the_highest_number(void **state)
{
	const struct simulate_policy reject = { .p = "reject" };
	const struct alignment_count counts[] = { { 0, G_MAXINT64 }, { 0, 1 } };
	struct simulation s = simulate(&reject, &reject, counts, G_N_ELEMENTS(counts));

	(void)state;
	assert_int_equal(s.what_if.rejected, G_MAXINT64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_mode_is_recomputed_and_an_unchanged_one_is_not),
		cmocka_unit_test(spf_has_a_mode_of_its_own),
		cmocka_unit_test(absent_tags_inherit_and_test_mode_is_one_level_lower),
		cmocka_unit_test(differences_are_named_by_where_a_message_goes),
		cmocka_unit_test(np_is_applied_where_dns_was_asked_and_else_counted_as_unknown),
		cmocka_unit_test(written_defaults_are_taken_as_absent),
		cmocka_unit_test(a_visitor_sets_tags_by_name),
		cmocka_unit_test(sums_stay_at_the_highest_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
