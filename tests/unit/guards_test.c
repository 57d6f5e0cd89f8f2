/* SPDX-License-Identifier: MIT */
/* Every guard of the takedown list, on both of its sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "takedown/guards.h"

/* As in the example of a hired server: all guards hold, or cannot be known. */
static struct suspect_source
spoofer(void)
{
	const struct figures figures = { .messages = 240, .bare = 240, .days = 6 };

	return (struct suspect_source){
		.facts = { .all = figures,
			   .counted = figures,
			   .reporters = 4,
			   .in_own_spf = FACT_NO,
			   .on_policy_list = FACT_NO,
			   .rdns = RDNS_NONE },
		.verdict = { .class = CLASS_UNAUTHORIZED,
			     .rule = 8,
			     .score = 88,
			     .unruled_class = CLASS_UNAUTHORIZED,
			     .unruled_rule = 8 },
		.silent_days = 1,
	};
}

struct change {
	const char *what;
	void (*make)(struct suspect *suspect, struct suspect_source *source);
	enum guard guard; /* what is changed ... */
	enum guard_state state;
	enum guard left_out_by; /* ... and what keeps it off the list */
};

#define MAKE(name)                                              \
	static void name(G_GNUC_UNUSED struct suspect *suspect, \
			 G_GNUC_UNUSED struct suspect_source *source)

MAKE(nothing)
{
}

MAKE(to_review)
{
	source->verdict.class = CLASS_REVIEW;
	source->verdict.rule = 9;
}

MAKE(confirmed)
{
	source->verdict = (struct verdict){ .class = CLASS_UNAUTHORIZED,
					    .unruled_class = CLASS_REVIEW,
					    .unruled_rule = 9,
					    .user_rule = 7 };
}

MAKE(confirmed_without_rule)
{
	source->verdict = (struct verdict){ .class = CLASS_UNAUTHORIZED };
}

MAKE(ignored)
{
	source->verdict.user_rule = 7;
	source->verdict.is_ignored = TRUE;
}

MAKE(mine)
{
	source->verdict.class = CLASS_AUTHORIZED;
	source->verdict.rule = 0;
	source->verdict.user_rule = 7;
}

MAKE(passed_once)
{
	source->facts.ever_passed = 1;
}

MAKE(passed_unknown)
{
	source->facts.ever_passed = FACT_N_UNKNOWN;
}

MAKE(forwarded_once)
{
	source->forwarded = 1;
}

MAKE(in_own_spf)
{
	source->facts.in_own_spf = FACT_YES;
}

MAKE(own_spf_unknown)
{
	source->facts.in_own_spf = FACT_UNKNOWN;
}

MAKE(confirmed_service)
{
	confirmed(suspect, source);
	source->facts.category = CATEGORY_ESP;
}

MAKE(service_to_review)
{
	to_review(suspect, source);
	source->facts.category = CATEGORY_MAILBOX;
}

MAKE(four_messages)
{
	source->facts.counted = (struct figures){ .messages = 4, .bare = 4, .days = 1 };
	source->facts.reporters = 1;
}

MAKE(four_counted_of_many)
{
	four_messages(suspect, source);
	source->facts.all.messages = 5000;
	source->facts.all.days = 30;
}

MAKE(five_messages)
{
	four_messages(suspect, source);
	source->facts.counted.messages = 5;
}

MAKE(two_days)
{
	four_messages(suspect, source);
	source->facts.counted.days = 2;
}

MAKE(two_reporters)
{
	four_messages(suspect, source);
	source->facts.reporters = 2;
}

MAKE(one_sample)
{
	four_messages(suspect, source);
	source->facts.ruf_samples = 1;
}

MAKE(silent_for_7)
{
	source->silent_days = 7;
}

MAKE(silent_for_8)
{
	source->silent_days = 8;
}

MAKE(not_seen_yet)
{
	source->silent_days = FACT_N_UNKNOWN;
}

MAKE(documentation)
{
	suspect->reach = REACH_DOCUMENTATION;
}

MAKE(private_address)
{
	suspect->reach = REACH_NEVER;
}

MAKE(private_and_stale)
{
	suspect->reach = REACH_NEVER;
	source->silent_days = 8;
}

MAKE(end_user)
{
	source->facts.on_policy_list = FACT_YES;
}

MAKE(generic_name)
{
	source->facts.rdns = RDNS_GENERIC;
}

MAKE(end_user_with_sample)
{
	end_user(suspect, source);
	generic_name(suspect, source);
	source->facts.ruf_samples = 1;
}

MAKE(line_unknown)
{
	source->facts.on_policy_list = FACT_UNKNOWN;
	source->facts.rdns = RDNS_UNKNOWN;
}

MAKE(line_half_unknown)
{
	source->facts.on_policy_list = FACT_UNKNOWN;
	source->facts.rdns = RDNS_CONFIRMED;
}

MAKE(not_heard)
{
	source->facts.reporters = 0;
}

#define HOLDS   GUARD_STATE_HOLDS
#define FAILS   GUARD_STATE_FAILS
#define UNKNOWN GUARD_STATE_UNKNOWN

static const struct change changes[] = {
	{ "score R8", nothing, GUARD_CLASS, HOLDS, GUARD_NONE },
	{ "to review", to_review, GUARD_CLASS, FAILS, GUARD_CLASS },
	{ "a user confirmed it", confirmed, GUARD_CLASS, HOLDS, GUARD_NONE },
	{ "no rule, no R8", confirmed_without_rule, GUARD_CLASS, FAILS, GUARD_CLASS },
	{ "ignored", ignored, GUARD_OWN, FAILS, GUARD_OWN },
	{ "a user says mine", mine, GUARD_CLASS, FAILS, GUARD_CLASS },
	{ "never passed", nothing, GUARD_PASSED, HOLDS, GUARD_NONE },
	{ "passed once", passed_once, GUARD_PASSED, FAILS, GUARD_PASSED },
	{ "passed: unknown", passed_unknown, GUARD_PASSED, UNKNOWN, GUARD_PASSED },
	{ "never forwarded", nothing, GUARD_FORWARDED, HOLDS, GUARD_NONE },
	{ "forwarded once", forwarded_once, GUARD_FORWARDED, FAILS, GUARD_FORWARDED },
	{ "not own", nothing, GUARD_OWN, HOLDS, GUARD_NONE },
	{ "in own SPF", in_own_spf, GUARD_OWN, FAILS, GUARD_OWN },
	{ "own SPF unknown", own_spf_unknown, GUARD_OWN, UNKNOWN, GUARD_NONE },
	{ "a service, confirmed", confirmed_service, GUARD_OWN, FAILS, GUARD_OWN },
	{ "a service to review", service_to_review, GUARD_OWN, FAILS, GUARD_OWN },
	{ "4 messages", four_messages, GUARD_ENOUGH, FAILS, GUARD_ENOUGH },
	{ "4 that count", four_counted_of_many, GUARD_ENOUGH, FAILS, GUARD_ENOUGH },
	{ "5 messages", five_messages, GUARD_ENOUGH, HOLDS, GUARD_NONE },
	{ "2 days", two_days, GUARD_ENOUGH, HOLDS, GUARD_NONE },
	{ "2 reporters", two_reporters, GUARD_ENOUGH, HOLDS, GUARD_NONE },
	{ "a sample", one_sample, GUARD_ENOUGH, HOLDS, GUARD_NONE },
	{ "silent for 7 days", silent_for_7, GUARD_RECENT, HOLDS, GUARD_NONE },
	{ "silent for 8 days", silent_for_8, GUARD_RECENT, FAILS, GUARD_RECENT },
	{ "dated later", not_seen_yet, GUARD_RECENT, UNKNOWN, GUARD_RECENT },
	{ "no contact known", nothing, GUARD_CONTACT, UNKNOWN, GUARD_NONE },
	{ "public", nothing, GUARD_REACHABLE, HOLDS, GUARD_NONE },
	{ "documentation", documentation, GUARD_REACHABLE, FAILS, GUARD_REACHABLE },
	{ "private", private_address, GUARD_REACHABLE, FAILS, GUARD_REACHABLE },
	{ "private and stale", private_and_stale, GUARD_REACHABLE, FAILS, GUARD_RECENT },
	{ "a server", nothing, GUARD_DYNAMIC, HOLDS, GUARD_NONE },
	{ "end user's line", end_user, GUARD_DYNAMIC, FAILS, GUARD_DYNAMIC },
	{ "generic name", generic_name, GUARD_DYNAMIC, FAILS, GUARD_DYNAMIC },
	{ "with a sample", end_user_with_sample, GUARD_DYNAMIC, HOLDS, GUARD_NONE },
	{ "line unknown", line_unknown, GUARD_DYNAMIC, UNKNOWN, GUARD_NONE },
	{ "line half unknown", line_half_unknown, GUARD_DYNAMIC, UNKNOWN, GUARD_NONE },
	{ "heard", nothing, GUARD_HEARD, HOLDS, GUARD_NONE },
	{ "not heard", not_heard, GUARD_HEARD, FAILS, GUARD_HEARD },
};

static void
every_guard_holds_and_fails(void **state)
{
	gboolean has_failed[N_GUARDS] = { FALSE };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
		const struct change *change = &changes[i];
		struct suspect_source source = spoofer();
		struct suspect suspect = { REACH_PUBLIC, &source, 1 };
		change->make(&suspect, &source);
		const struct guard_states states = guards_check(&suspect, 0, FALSE);
		if (states.of[change->guard] != change->state)
			fail_msg("%s: %s is %d", change->what, guard_name(change->guard),
				 states.of[change->guard]);
		if (guards_left_out_by(&suspect, 0, FALSE) != change->left_out_by)
			fail_msg("%s: left out by %d", change->what,
				 guards_left_out_by(&suspect, 0, FALSE));
		has_failed[change->guard] |= change->state == FAILS;
	}
	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		assert_true(has_failed[guard] || guard == GUARD_CONTACT);
}

static void
documentation_counts_as_public_where_it_may(void **state)
{
	struct suspect_source source = spoofer();
	struct suspect suspect = { REACH_DOCUMENTATION, &source, 1 };

	(void)state;
	assert_int_equal(guards_left_out_by(&suspect, 0, TRUE), GUARD_NONE);
	suspect.reach = REACH_NEVER;
	assert_int_equal(guards_left_out_by(&suspect, 0, TRUE), GUARD_REACHABLE);
}

/* What speaks for an address under one domain speaks for it under every other. */
static void
what_speaks_for_an_address_speaks_for_all_its_sources(void **state)
{
	static const struct {
		void (*make)(struct suspect *suspect, struct suspect_source *source);
		enum guard left_out_by;
	} others[] = {
		{ passed_once, GUARD_PASSED }, { forwarded_once, GUARD_FORWARDED },
		{ in_own_spf, GUARD_OWN },     { mine, GUARD_OWN },
		{ ignored, GUARD_OWN },        { service_to_review, GUARD_OWN },
		{ to_review, GUARD_NONE },     { confirmed, GUARD_NONE },
		{ four_messages, GUARD_NONE },
	};
	static const enum class claims[] = { CLASS_FIX, CLASS_FORWARDER, CLASS_AUTHORIZED };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		struct suspect_source sources[] = { spoofer(), spoofer() };
		struct suspect suspect = { REACH_PUBLIC, sources, 2 };
		others[i].make(&suspect, &sources[1]);
		assert_int_equal(guards_left_out_by(&suspect, 0, FALSE), others[i].left_out_by);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(claims); i++) {
		struct suspect_source sources[] = { spoofer(), spoofer() };
		struct suspect suspect = { REACH_PUBLIC, sources, 2 };
		sources[1].verdict.class = claims[i];
		assert_int_equal(guards_left_out_by(&suspect, 0, FALSE), GUARD_OWN);
	}
}

static void
three_guards_may_be_overridden(void **state)
{
	(void)state;
	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		assert_int_equal(guard_may_be_overridden(guard), guard == GUARD_ENOUGH ||
									 guard == GUARD_RECENT ||
									 guard == GUARD_DYNAMIC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_guard_holds_and_fails),
		cmocka_unit_test(documentation_counts_as_public_where_it_may),
		cmocka_unit_test(what_speaks_for_an_address_speaks_for_all_its_sources),
		cmocka_unit_test(three_guards_may_be_overridden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
