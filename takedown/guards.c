/* SPDX-License-Identifier: MIT */
#include "takedown/guards.h"

/* Rules of analysis/judge.h that the list trusts; the floor is the same, so they are named here. */
#define RULE_BY_USER  0
#define RULE_BY_SCORE 8

#define ENOUGH_MESSAGES  5
#define ENOUGH_DAYS      2
#define ENOUGH_REPORTERS 2

static enum guard_state
state_of(gboolean holds)
{
	return holds ? GUARD_STATE_HOLDS : GUARD_STATE_FAILS;
}

static gboolean
is_confirmed(const struct verdict *verdict)
{
	return verdict->class == CLASS_UNAUTHORIZED && verdict->rule == RULE_BY_USER &&
	       verdict->user_rule != 0 && !verdict->is_ignored;
}

/* --- The guards --- */

static enum guard_state
check_class(const struct suspect *suspect, const struct suspect_source *source)
{
	const struct verdict *verdict = &source->verdict;

	(void)suspect;
	return state_of(is_confirmed(verdict) ||
			(verdict->class == CLASS_UNAUTHORIZED && verdict->rule == RULE_BY_SCORE));
}

static enum guard_state
check_passed(const struct suspect *suspect, const struct suspect_source *source)
{
	enum guard_state state = GUARD_STATE_HOLDS;

	(void)source;
	for (gsize i = 0; i < suspect->n_sources; i++) {
		const struct facts *facts = &suspect->sources[i].facts;
		if (facts->ever_passed > 0 || facts->all.pass > 0)
			return GUARD_STATE_FAILS;
		if (facts->ever_passed == FACT_N_UNKNOWN)
			state = GUARD_STATE_UNKNOWN;
	}
	return state;
}

static enum guard_state
check_forwarded(const struct suspect *suspect, const struct suspect_source *source)
{
	(void)source;
	for (gsize i = 0; i < suspect->n_sources; i++)
		if (suspect->sources[i].forwarded > 0 ||
		    suspect->sources[i].facts.all.forwarded > 0)
			return GUARD_STATE_FAILS;
	return GUARD_STATE_HOLDS;
}

/* Classes that say whose the address is; by whatever rule. */
static gboolean
is_claimed(const struct verdict *verdict)
{
	return verdict->class == CLASS_AUTHORIZED || verdict->class == CLASS_FIX ||
	       verdict->class == CLASS_FORWARDER;
}

/* A user who confirms spoofing labels, too, but not in its favour. */
static gboolean
is_spoken_for(const struct verdict *verdict)
{
	return verdict->user_rule != 0 && !is_confirmed(verdict);
}

static gboolean
is_own(const struct suspect_source *source)
{
	return source->facts.in_own_spf == FACT_YES || source->facts.category != CATEGORY_NONE ||
	       is_spoken_for(&source->verdict) || is_claimed(&source->verdict);
}

static enum guard_state
check_own(const struct suspect *suspect, const struct suspect_source *source)
{
	enum guard_state state = GUARD_STATE_HOLDS;

	(void)source;
	for (gsize i = 0; i < suspect->n_sources; i++) {
		if (is_own(&suspect->sources[i]))
			return GUARD_STATE_FAILS;
		if (suspect->sources[i].facts.in_own_spf == FACT_UNKNOWN)
			state = GUARD_STATE_UNKNOWN;
	}
	return state;
}

static enum guard_state
check_enough(const struct suspect *suspect, const struct suspect_source *source)
{
	const struct facts *facts = &source->facts;

	(void)suspect;
	return state_of(figures_fail(&facts->counted) >= ENOUGH_MESSAGES ||
			facts->counted.days >= ENOUGH_DAYS ||
			facts->reporters >= ENOUGH_REPORTERS || facts->ruf_samples > 0);
}

static enum guard_state
check_recent(const struct suspect *suspect, const struct suspect_source *source)
{
	(void)suspect;
	if (source->silent_days < 0)
		return GUARD_STATE_UNKNOWN;
	return state_of(source->silent_days <= SUSPECT_RECENT_DAYS);
}

static enum guard_state
check_contact(const struct suspect *suspect, const struct suspect_source *source)
{
	(void)suspect;
	(void)source;
	return GUARD_STATE_UNKNOWN;
}

static enum guard_state
check_reachable(const struct suspect *suspect, const struct suspect_source *source)
{
	(void)source;
	return state_of(suspect->reach == REACH_PUBLIC);
}

static enum guard_state
check_dynamic(const struct suspect *suspect, const struct suspect_source *source)
{
	const struct facts *facts = &source->facts;

	(void)suspect;
	if (facts->ruf_samples > 0)
		return GUARD_STATE_HOLDS;
	if (facts->on_policy_list == FACT_YES || facts->rdns == RDNS_GENERIC)
		return GUARD_STATE_FAILS;
	return facts->on_policy_list == FACT_UNKNOWN || facts->rdns == RDNS_UNKNOWN
		       ? GUARD_STATE_UNKNOWN
		       : GUARD_STATE_HOLDS;
}

static enum guard_state
check_heard(const struct suspect *suspect, const struct suspect_source *source)
{
	(void)suspect;
	return state_of(source->facts.reporters > 0);
}

static const struct guard_row {
	const char *name;
	enum guard_state (*check)(const struct suspect *suspect,
				  const struct suspect_source *source);
	gboolean unknown_passes;
	gboolean may_be_overridden;
} guards[N_GUARDS] = {
	[GUARD_CLASS] = { "class", check_class, FALSE, FALSE },
	[GUARD_PASSED] = { "passed", check_passed, FALSE, FALSE },
	[GUARD_FORWARDED] = { "forwarded", check_forwarded, FALSE, FALSE },
	/* Without DNS nobody knows the own SPF record. */
	[GUARD_OWN] = { "own", check_own, TRUE, FALSE },
	[GUARD_ENOUGH] = { "enough", check_enough, FALSE, TRUE },
	[GUARD_RECENT] = { "recent", check_recent, FALSE, TRUE },
	[GUARD_CONTACT] = { "contact", check_contact, TRUE, FALSE },
	[GUARD_REACHABLE] = { "reachable", check_reachable, FALSE, FALSE },
	[GUARD_DYNAMIC] = { "dynamic", check_dynamic, TRUE, TRUE },
	[GUARD_HEARD] = { "heard", check_heard, FALSE, FALSE },
};

/* --- All of them --- */

const char *
guard_name(enum guard guard)
{
	return guards[guard].name;
}

gboolean
guard_may_be_overridden(enum guard guard)
{
	return guards[guard].may_be_overridden;
}

gboolean
guard_lets_pass(enum guard guard, enum guard_state state)
{
	return state == GUARD_STATE_HOLDS ||
	       (state == GUARD_STATE_UNKNOWN && guards[guard].unknown_passes);
}

struct guard_states
guards_check(const struct suspect *suspect, gsize source, gboolean allow_documentation)
{
	struct guard_states states = { { GUARD_STATE_UNKNOWN } };
	struct suspect seen = *suspect;

	if (allow_documentation && seen.reach == REACH_DOCUMENTATION)
		seen.reach = REACH_PUBLIC;
	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		states.of[guard] = guards[guard].check(&seen, &suspect->sources[source]);
	return states;
}

static gboolean
is_known_service(const struct suspect_source *source)
{
	return source->verdict.class == CLASS_REVIEW && source->facts.category != CATEGORY_NONE;
}

enum guard
guards_left_out_by(const struct suspect *suspect, gsize source, gboolean allow_documentation)
{
	const struct guard_states states = guards_check(suspect, source, allow_documentation);
	gboolean is_reachable = guard_lets_pass(GUARD_REACHABLE, states.of[GUARD_REACHABLE]);

	if (is_known_service(&suspect->sources[source]))
		return GUARD_OWN;
	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		if (guard != GUARD_REACHABLE && !guard_lets_pass(guard, states.of[guard]))
			return guard;
	return is_reachable ? GUARD_NONE : GUARD_REACHABLE;
}
