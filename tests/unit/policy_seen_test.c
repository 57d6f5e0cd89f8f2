/* SPDX-License-Identifier: MIT */
/* Which policy stands, and since when, by what reporters saw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/policy_seen.h"

/* "p sp np adkim aspf t", "-" for absent. */
static struct seen_policy
seen(const char *tags, gint64 first_day, gint64 last_day)
{
	g_auto(GStrv) words = g_strsplit(tags, " ", N_SEEN_TAGS);
	struct seen_policy policy;

	assert_int_equal(g_strv_length(words), N_SEEN_TAGS);
	for (int i = 0; i < N_SEEN_TAGS; i++)
		if (g_str_equal(words[i], "-"))
			*words[i] = '\0';
	const struct policy reported = {
		.p = words[SEEN_P],
		.sp = words[SEEN_SP],
		.np = words[SEEN_NP],
		.adkim = words[SEEN_ADKIM],
		.aspf = words[SEEN_ASPF],
		.testing = words[SEEN_T],
	};
	assert_true(seen_policy_read(&policy, &reported));
	policy.first_day = first_day;
	policy.last_day = last_day;
	return policy;
}

static struct seen_present
present_of(const struct seen_policy *policies, guint n)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct seen_policy));
	struct seen_present present;
	struct seen_present again;

	g_array_append_vals(list, policies, n);
	assert_true(seen_policy_present(list, &present));
	/* In whatever order they come. */
	g_array_set_size(list, 0);
	for (guint i = n; i-- > 0;)
		g_array_append_val(list, policies[i]);
	assert_true(seen_policy_present(list, &again));
	assert_int_equal(again.since, present.since);
	assert_int_equal(again.is_change, present.is_change);
	for (int i = 0; i < N_SEEN_TAGS; i++)
		assert_ptr_equal(again.policy.tags[i], present.policy.tags[i]);
	return present;
}

static void
expect_present(const struct seen_policy *policies, guint n, gint64 since, gboolean is_change)
{
	struct seen_present present = present_of(policies, n);

	assert_int_equal(present.since, since);
	assert_int_equal(present.is_change, is_change);
}
#define EXPECT(policies, since, is_change) \
	expect_present(policies, G_N_ELEMENTS(policies), since, is_change)

static void
defaults_are_filled_in(void **state)
{
	struct seen_policy policy = seen("Reject - - - x -", 1, 2);

	(void)state;
	assert_string_equal(policy.tags[SEEN_P], "reject");
	assert_string_equal(policy.tags[SEEN_SP], "reject");
	assert_string_equal(policy.tags[SEEN_NP], "");
	assert_string_equal(policy.tags[SEEN_ADKIM], "r");
	assert_string_equal(policy.tags[SEEN_ASPF], "r");
	assert_string_equal(policy.tags[SEEN_T], "");
	policy = seen("monitor Quarantine odd S r Y", 1, 2);
	assert_string_equal(policy.tags[SEEN_P], "none");
	assert_string_equal(policy.tags[SEEN_SP], "quarantine");
	assert_string_equal(policy.tags[SEEN_NP], "");
	assert_string_equal(policy.tags[SEEN_ADKIM], "s");
	assert_string_equal(policy.tags[SEEN_T], "y");
}

static void
a_report_without_p_saw_no_policy(void **state)
{
	const struct policy nothing = {
		.p = "", .sp = "", .np = "", .adkim = "", .aspf = "", .testing = ""
	};
	struct seen_policy policy;
	struct seen_present present;
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct seen_policy));

	(void)state;
	assert_false(seen_policy_read(&policy, &nothing));
	assert_false(seen_policy_present(list, &present));
}

static void
the_first_policy_ever_seen_may_be_older(void **state)
{
	const struct seen_policy one[] = { seen("none - - - - -", 10, 40) };

	(void)state;
	EXPECT(one, 10, FALSE);
}

static void
a_change_is_the_first_day_of_the_new_one(void **state)
{
	const struct seen_policy clean[] = { seen("none - - - - -", 1, 20),
					     seen("reject - - - - -", 21, 40) };
	/* A cache, a period over midnight. */
	const struct seen_policy late[] = { seen("none - - - - -", 1, 23),
					    seen("reject - - - - -", 21, 40) };
	const struct seen_policy gap[] = { seen("none - - - - -", 1, 5),
					   seen("reject - - - - -", 21, 40) };
	const struct seen_policy yesterday[] = { seen("none - - - - -", 1, 40),
						 seen("reject - - - - -", 39, 40) };

	(void)state;
	EXPECT(clean, 21, TRUE);
	EXPECT(late, 21, TRUE);
	EXPECT(gap, 21, TRUE);
	EXPECT(yesterday, 39, TRUE);
}

static void
two_at_once_are_no_change(void **state)
{
	const struct seen_policy at_odds[] = { seen("none - - - - -", 1, 39),
					       seen("reject - - - - -", 2, 40) };
	/* There and back again. */
	const struct seen_policy back[] = { seen("none - - - - -", 1, 40),
					    seen("reject - - - - -", 10, 15) };

	(void)state;
	EXPECT(at_odds, 40, FALSE);
	EXPECT(back, 16, FALSE);
}

static void
what_old_reporters_cannot_tell_is_no_other_policy(void **state)
{
	const struct seen_policy policies[] = { seen("reject reject - r r -", 1, 40),
						seen("reject - reject - - n", 20, 39),
						seen("reject - none - - n", 5, 19) };
	struct seen_present present = present_of(policies, G_N_ELEMENTS(policies));

	(void)state;
	assert_string_equal(present.policy.tags[SEEN_NP], "reject");
	assert_string_equal(present.policy.tags[SEEN_T], "n");
	EXPECT(policies, 1, FALSE);
	const struct seen_policy other[] = { seen("reject - - - - y", 1, 19),
					     seen("reject - - - - n", 20, 40) };
	EXPECT(other, 20, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(a_report_without_p_saw_no_policy),
		cmocka_unit_test(the_first_policy_ever_seen_may_be_older),
		cmocka_unit_test(a_change_is_the_first_day_of_the_new_one),
		cmocka_unit_test(two_at_once_are_no_change),
		cmocka_unit_test(what_old_reporters_cannot_tell_is_no_other_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
