/* SPDX-License-Identifier: MIT */
/* The steps to p=reject, and the record of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/rollout.h"

#define RUA "mailto:dmarc@collector.example"

/* A policy as seen, where it stands, and what comes next on the way to reject. */
static const struct next_case {
	struct simulate_policy seen;
	enum rollout_step current;
	enum rollout_step next;
	const char *record; /* of next */
} next_cases[] = {
	{ { 0 }, STEP_NONE, STEP_QUARANTINE_TEST, "v=DMARC1; p=quarantine; t=y; rua=" RUA },
	{ { .p = "none", .t = "y" },
	  STEP_NONE,
	  STEP_QUARANTINE_TEST,
	  "v=DMARC1; p=quarantine; t=y; rua=" RUA },
	{ { .p = "drop" },
	  STEP_NONE,
	  STEP_QUARANTINE_TEST,
	  "v=DMARC1; p=quarantine; t=y; rua=" RUA },
	{ { .p = "quarantine", .t = "y", .sp = "quarantine" },
	  STEP_QUARANTINE_TEST,
	  STEP_QUARANTINE,
	  "v=DMARC1; p=quarantine; rua=" RUA },
	{ { .p = "Quarantine", .adkim = "s", .aspf = "r" },
	  STEP_QUARANTINE,
	  STEP_REJECT_TEST,
	  "v=DMARC1; p=reject; t=y; adkim=s; rua=" RUA },
	{ { .p = "reject", .t = "Y", .aspf = "S" },
	  STEP_REJECT_TEST,
	  STEP_REJECT,
	  "v=DMARC1; p=reject; aspf=s; rua=" RUA },
	{ { .p = "reject" }, STEP_REJECT, STEP_REJECT, "v=DMARC1; p=reject; rua=" RUA },
	/* sp of its own stays, one that is as p moves with it */
	{ { .p = "quarantine", .sp = "none", .np = "none" },
	  STEP_QUARANTINE,
	  STEP_REJECT_TEST,
	  "v=DMARC1; p=reject; sp=none; t=y; rua=" RUA },
	/* t=y would take sp=reject or np=reject down, so it is left out */
	{ { .p = "none", .sp = "reject" },
	  STEP_NONE,
	  STEP_QUARANTINE,
	  "v=DMARC1; p=quarantine; sp=reject; rua=" RUA },
	{ { .p = "quarantine", .np = "reject" },
	  STEP_QUARANTINE,
	  STEP_REJECT,
	  "v=DMARC1; p=reject; np=reject; rua=" RUA },
	{ { .p = "none", .sp = "drop; rua=mailto:evil@x.example" },
	  STEP_NONE,
	  STEP_QUARANTINE_TEST,
	  "v=DMARC1; p=quarantine; t=y; rua=" RUA },
};

static void
the_next_step_and_its_record_follow_from_the_policy_seen(void **state)
{
	const struct rollout_tags tags = { .rua = RUA };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(next_cases); i++) {
		const struct next_case *c = &next_cases[i];
		enum rollout_step next = rollout_next(&c->seen, STEP_REJECT);
		struct simulate_policy policy = rollout_policy_at(&c->seen, next);
		g_autofree char *record = rollout_record(&policy, &tags);
		if (rollout_step_of(&c->seen) != c->current || next != c->next)
			fail_msg("case %d: at %s, next %s", (int)i,
				 rollout_step_name(rollout_step_of(&c->seen)),
				 rollout_step_name(next));
		assert_string_equal(record, c->record);
	}
}

static void
no_step_lowers_anything(void **state)
{
	static const char *const actions[] = { "", "none", "quarantine", "reject" };

	(void)state;
	for (guint i = 0; i < 4 * 4 * 4 * 2; i++) {
		const struct simulate_policy seen = {
			.p = actions[i % 4],
			.sp = actions[i / 4 % 4],
			.np = actions[i / 16 % 4],
			.t = i / 64 ? "y" : "",
		};
		for (enum rollout_step target = STEP_NONE; target < N_STEPS; target++) {
			enum rollout_step next = rollout_next(&seen, target);
			struct simulate_policy policy = rollout_policy_at(&seen, next);
			struct simulate_effect now = simulate_effect_of(&seen);
			struct simulate_effect then = simulate_effect_of(&policy);
			assert_true(next >= rollout_step_of(&seen));
			assert_true(next <= MAX(target, rollout_step_of(&seen)));
			assert_true(then.own >= now.own && then.sub >= now.sub &&
				    then.missing >= now.missing);
		}
	}
}

static void
a_target_ends_the_way(void **state)
{
	const struct simulate_policy none = { .p = "none" };
	const struct simulate_policy reject = { .p = "reject" };
	const struct simulate_policy sub = { .p = "none", .sp = "reject" };

	(void)state;
	assert_int_equal(rollout_next(&none, STEP_NONE), STEP_NONE);
	assert_int_equal(rollout_next(&none, STEP_QUARANTINE_TEST), STEP_QUARANTINE_TEST);
	assert_int_equal(rollout_next(&reject, STEP_QUARANTINE), STEP_REJECT);
	assert_int_equal(rollout_next(&sub, STEP_QUARANTINE_TEST), STEP_NONE);
	assert_int_equal(rollout_step_of(NULL), STEP_UNKNOWN);
	assert_int_equal(rollout_next(NULL, STEP_REJECT), STEP_UNKNOWN);
}

static void
other_tags_are_kept_where_they_are_known_and_fit(void **state)
{
	const struct simulate_policy policy = { .p = "reject", .t = "y" };
	struct rollout_tags tags = { .rua = RUA ",mailto:two@collector.example",
				     .ruf = "mailto:ruf@collector.example",
				     .fo = "1:d",
				     .psd = "n" };
	g_autofree char *all = rollout_record(&policy, &tags);

	(void)state;
	assert_string_equal(all, "v=DMARC1; p=reject; t=y; psd=n; rua=" RUA
				 ",mailto:two@collector.example; ruf=mailto:ruf@collector.example;"
				 " fo=1:d");
	tags = (struct rollout_tags){ .rua = RUA, .ruf = "", .fo = "0", .psd = "u" };
	g_autofree char *defaults = rollout_record(&policy, &tags);
	assert_string_equal(defaults, "v=DMARC1; p=reject; t=y; rua=" RUA);
	tags = (struct rollout_tags){
		.rua = RUA, .ruf = "mailto:a\"b", .fo = "1; p=none", .psd = "n; p=none"
	};
	g_autofree char *hostile = rollout_record(&policy, &tags);
	assert_string_equal(hostile, "v=DMARC1; p=reject; t=y; rua=" RUA);
}

static void
there_is_no_record_without_a_mailbox_for_reports(void **state)
{
	g_autofree char *long_rua = g_strnfill(ROLLOUT_VALUE_MAX + 1, 'a');
	const char *const none[] = {
		NULL,         "",      "mailto:a; p=none", "mailto:\xc3\xa9@x", "mailto:\n",
		"mailto:a\\", long_rua
	};
	const struct simulate_policy policy = { .p = "reject" };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(none); i++) {
		struct rollout_tags tags = { .rua = none[i] };
		assert_null(rollout_record(&policy, &tags));
	}
}

static void
a_line_has_strings_of_255_bytes(void **state)
{
	g_autofree char *line = rollout_record_line("own.example", "v=DMARC1; p=none");
	g_autofree char *text = g_strnfill(256, 'x');
	g_autofree char *exact = g_strnfill(255, 'x');
	g_autofree char *split = rollout_record_line("own.example", text);
	g_autofree char *whole = rollout_record_line("own.example", exact);
	g_autofree char *long_name = g_strnfill(254, 'a');

	(void)state;
	assert_string_equal(line, "_dmarc.own.example. 3600 IN TXT \"v=DMARC1; p=none\"");
	assert_true(g_str_has_suffix(split, "xxx\" \"x\""));
	assert_int_equal(strlen(whole), strlen("_dmarc.own.example. 3600 IN TXT \"\"") + 255);
	assert_null(rollout_record_line("", "x"));
	assert_null(rollout_record_line("own.example\" IN", "x"));
	assert_null(rollout_record_line(long_name, "x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_step_and_its_record_follow_from_the_policy_seen),
		cmocka_unit_test(no_step_lowers_anything),
		cmocka_unit_test(a_target_ends_the_way),
		cmocka_unit_test(other_tags_are_kept_where_they_are_known_and_fit),
		cmocka_unit_test(there_is_no_record_without_a_mailbox_for_reports),
		cmocka_unit_test(a_line_has_strings_of_255_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
