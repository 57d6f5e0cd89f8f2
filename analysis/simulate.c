/* SPDX-License-Identifier: MIT */
#include "analysis/simulate.h"

#include "core/error.h"
#include "core/report.h"

#define ACTIONS   action_words, "none, quarantine or reject"
#define MODES     mode_words, "r or s"
#define EXISTENCE (SIMULATE_EXISTS | SIMULATE_MISSING)

static const char *const action_words[] = { "none", "quarantine", "reject", NULL };
static const char *const mode_words[] = { "r", "s", NULL };
static const char *const test_words[] = { "n", "y", NULL };

G_STATIC_ASSERT(G_N_ELEMENTS(action_words) == N_ACTIONS + 1);

/* The tags, and the words that they know, in the order of their meaning as a number. */
static const struct tag {
	const char *name;
	gsize offset;
	const char *const *words;
	const char *known; /* the words, for an error */
} tags[] = {
	{ "p", G_STRUCT_OFFSET(struct simulate_policy, p), ACTIONS },
	{ "sp", G_STRUCT_OFFSET(struct simulate_policy, sp), ACTIONS },
	{ "np", G_STRUCT_OFFSET(struct simulate_policy, np), ACTIONS },
	{ "adkim", G_STRUCT_OFFSET(struct simulate_policy, adkim), MODES },
	{ "aspf", G_STRUCT_OFFSET(struct simulate_policy, aspf), MODES },
	{ "t", G_STRUCT_OFFSET(struct simulate_policy, t), test_words, "y or n" },
};

/* A mechanism's bits. */
struct mechanism {
	guint32 reported;
	guint32 relaxed;
	guint32 strict;
};

static const struct mechanism dkim = {
	ALIGNMENT_DKIM_REPORTED,
	ALIGNMENT_DKIM_RELAXED,
	ALIGNMENT_DKIM_STRICT,
};
static const struct mechanism spf = {
	ALIGNMENT_SPF_REPORTED,
	ALIGNMENT_SPF_RELAXED,
	ALIGNMENT_SPF_STRICT,
};

/* The number of a word, or fallback where the list does not know it. */
static guint
read_word(const char *word, const char *const *words, guint fallback)
{
	for (guint i = 0; word && words[i]; i++)
		if (g_ascii_strcasecmp(word, words[i]) == 0)
			return i;
	return fallback;
}

gboolean
policy_action_parse(const char *word, enum policy_action *ret_action)
{
	enum policy_action action = read_word(word, action_words, N_ACTIONS);

	if (action == N_ACTIONS)
		return FALSE;
	*ret_action = action;
	return TRUE;
}

const char *
policy_action_name(enum policy_action action)
{
	return action_words[action];
}

gboolean
simulate_policy_set(struct simulate_policy *policy, const char *tag, const char *value,
		    GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		if (!g_str_equal(tags[i].name, tag))
			continue;
		if (*value && read_word(value, tags[i].words, G_MAXUINT) == G_MAXUINT) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "%s must be %s", tag,
				    tags[i].known);
			return FALSE;
		}
		G_STRUCT_MEMBER(const char *, policy, tags[i].offset) = value;
		return TRUE;
	}
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "no policy tag \"%s\"", tag);
	return FALSE;
}

struct simulate_policy
simulate_policy_with(const struct simulate_policy *published,
		     const struct simulate_policy *hypothesis)
{
	struct simulate_policy policy = *published;

	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		const char *value = G_STRUCT_MEMBER(const char *, hypothesis, tags[i].offset);
		if (value && *value)
			G_STRUCT_MEMBER(const char *, &policy, tags[i].offset) = value;
	}
	return policy;
}

struct simulate_policy
simulate_policy_folded(const struct simulate_policy *seen)
{
	struct simulate_policy folded = *seen;
	enum policy_action own = read_word(seen->p, action_words, ACTION_NONE);
	enum policy_action sub = read_word(seen->sp, action_words, own);

	if (sub == own)
		folded.sp = "";
	if (read_word(seen->np, action_words, sub) == sub)
		folded.np = "";
	return folded;
}

static enum policy_action
lower(enum policy_action action)
{
	return action > ACTION_NONE ? action - 1 : ACTION_NONE;
}

struct simulate_effect
simulate_effect_of(const struct simulate_policy *policy)
{
	struct simulate_effect effect = {
		.own = read_word(policy->p, action_words, ACTION_NONE),
		.is_dkim_strict = read_word(policy->adkim, mode_words, FALSE) > 0,
		.is_spf_strict = read_word(policy->aspf, mode_words, FALSE) > 0,
	};

	effect.sub = read_word(policy->sp, action_words, effect.own);
	effect.missing = read_word(policy->np, action_words, effect.sub);
	if (read_word(policy->t, test_words, FALSE) > 0) {
		effect.own = lower(effect.own);
		effect.sub = lower(effect.sub);
		effect.missing = lower(effect.missing);
	}
	return effect;
}

static gboolean
is_pass_by(const struct mechanism *mechanism, guint32 bits, gboolean was_strict, gboolean is_strict)
{
	gboolean is_reported = (bits & mechanism->reported) != 0;

	if (is_strict && !was_strict)
		return is_reported && (bits & mechanism->strict) != 0;
	if (was_strict && !is_strict)
		return is_reported || (bits & mechanism->relaxed) != 0;
	return is_reported;
}

/* Does a message pass under to, that was reported under from? */
static gboolean
is_pass(guint32 bits, const struct simulate_effect *from, const struct simulate_effect *to)
{
	return is_pass_by(&dkim, bits, from->is_dkim_strict, to->is_dkim_strict) ||
	       is_pass_by(&spf, bits, from->is_spf_strict, to->is_spf_strict);
}

static enum policy_action
action_for(guint32 bits, gboolean passes, const struct simulate_effect *effect)
{
	if (passes)
		return ACTION_NONE;
	if (!(bits & ALIGNMENT_SUB))
		return effect->own;
	return bits & SIMULATE_MISSING ? effect->missing : effect->sub;
}

static void
add(gint64 *sum, gint64 n)
{
	*sum = count_add(*sum, n);
}

static void
outcome_add(struct simulate_outcome *outcome, gboolean passes, enum policy_action action, gint64 n)
{
	gint64 *const by_action[N_ACTIONS] = {
		[ACTION_NONE] = &outcome->delivered,
		[ACTION_QUARANTINE] = &outcome->quarantined,
		[ACTION_REJECT] = &outcome->rejected,
	};

	add(passes ? &outcome->pass : &outcome->fail, n);
	add(by_action[action], n);
}

/* Where a message that was treated as before and is treated as after goes, NULL for nowhere. */
static gint64 *
difference_of(struct simulation *simulation, enum policy_action before, enum policy_action after)
{
	if (before == after)
		return NULL;
	if (before == ACTION_NONE)
		return &simulation->newly_lost;
	if (after == ACTION_NONE)
		return &simulation->newly_safe;
	return after > before ? &simulation->harder : &simulation->softer;
}

static void
simulate_count(struct simulation *simulation, const struct simulate_effect *from,
	       const struct simulate_effect *to, const struct alignment_count *count)
{
	guint32 bits = count->bits;
	gboolean passed = is_pass(bits, from, from);
	gboolean passes = is_pass(bits, from, to);
	enum policy_action before = action_for(bits, passed, from);
	enum policy_action after = action_for(bits, passes, to);
	gint64 *difference = difference_of(simulation, before, after);

	outcome_add(&simulation->published, passed, before, count->messages);
	outcome_add(&simulation->what_if, passes, after, count->messages);
	if (difference)
		add(difference, count->messages);
	if (!(bits & ALIGNMENT_SUB) || (bits & EXISTENCE))
		return;
	enum policy_action before_np = action_for(bits | SIMULATE_MISSING, passed, from);
	enum policy_action after_np = action_for(bits | SIMULATE_MISSING, passes, to);
	if (before_np != before)
		add(&simulation->published.np_unknown, count->messages);
	if (after_np != after)
		add(&simulation->what_if.np_unknown, count->messages);
	if (difference_of(simulation, before_np, after_np) != difference)
		add(&simulation->np_unknown, count->messages);
}

struct simulation
simulate(const struct simulate_policy *published, const struct simulate_policy *hypothesis,
	 const struct alignment_count *counts, gsize n_counts)
{
	struct simulate_policy policy = simulate_policy_with(published, hypothesis);
	struct simulate_effect from = simulate_effect_of(published);
	struct simulate_effect to = simulate_effect_of(&policy);
	struct simulation simulation = { 0 };

	for (gsize i = 0; i < n_counts; i++)
		simulate_count(&simulation, &from, &to, &counts[i]);
	return simulation;
}
