/* SPDX-License-Identifier: MIT */
#include "analysis/rollout.h"

#include <string.h>

#define TXT_STRING_MAX 255 /* bytes in one string of a TXT record */
#define DOMAIN_LEN_MAX 253

static const struct step {
	const char *name;
	enum policy_action action;
	gboolean is_test;
} steps[N_STEPS] = {
	[STEP_UNKNOWN] = { "unknown", ACTION_NONE, FALSE },
	[STEP_NONE] = { "none", ACTION_NONE, FALSE },
	[STEP_QUARANTINE_TEST] = { "quarantine_test", ACTION_QUARANTINE, TRUE },
	[STEP_QUARANTINE] = { "quarantine", ACTION_QUARANTINE, FALSE },
	[STEP_REJECT_TEST] = { "reject_test", ACTION_REJECT, TRUE },
	[STEP_REJECT] = { "reject", ACTION_REJECT, FALSE },
};

const char *
rollout_step_name(enum rollout_step step)
{
	return steps[step].name;
}

enum rollout_step
rollout_step_of(const struct simulate_policy *policy)
{
	enum policy_action action = ACTION_NONE;

	if (!policy)
		return STEP_UNKNOWN;
	if (!policy_action_parse(policy->p, &action) || action == ACTION_NONE)
		return STEP_NONE;
	gboolean is_test = policy->t && g_ascii_strcasecmp(policy->t, "y") == 0;
	for (enum rollout_step i = STEP_QUARANTINE_TEST; i < N_STEPS; i++)
		if (steps[i].action == action && steps[i].is_test == is_test)
			return i;
	g_assert_not_reached();
}

struct simulate_policy
rollout_policy_at(const struct simulate_policy *seen, enum rollout_step step)
{
	struct simulate_policy policy = simulate_policy_folded(seen);

	policy.p = policy_action_name(steps[step].action);
	policy.t = steps[step].is_test ? "y" : "";
	return policy;
}

static gboolean
is_lower(const struct simulate_effect *a, const struct simulate_effect *b)
{
	return a->own < b->own || a->sub < b->sub || a->missing < b->missing;
}

enum rollout_step
rollout_next(const struct simulate_policy *seen, enum rollout_step target)
{
	enum rollout_step current = rollout_step_of(seen);

	if (current == STEP_UNKNOWN)
		return current;
	struct simulate_effect now = simulate_effect_of(seen);
	for (enum rollout_step step = current + 1; step <= target && step < N_STEPS; step++) {
		struct simulate_policy policy = rollout_policy_at(seen, step);
		struct simulate_effect then = simulate_effect_of(&policy);
		if (!is_lower(&then, &now))
			return step;
	}
	return current;
}

/* A list of URIs in printable ASCII: ";" ends a tag, and a quote or backslash a string. */
static gboolean
is_uri_list(const char *value)
{
	for (const char *p = value; *p; p++)
		if (!g_ascii_isgraph(*p) && *p != ' ')
			return FALSE;
	return strpbrk(value, ";\"\\") == NULL;
}

static gboolean
is_fo(const char *value)
{
	static const char *const options[] = { "0", "1", "d", "s", NULL };
	g_auto(GStrv) words = g_strsplit(value, ":", -1);

	for (gsize i = 0; words[i]; i++)
		if (!g_strv_contains(options, words[i]))
			return FALSE;
	return TRUE;
}

static gboolean
is_word(const char *value)
{
	for (const char *p = value; *p; p++)
		if (!g_ascii_isalpha(*p))
			return FALSE;
	return TRUE;
}

/* A tag of a record, and what its value must look like. The policy's are words that were read. */
struct record_tag {
	const char *name;
	const char *value;
	gboolean (*is_valid)(const char *value);
	const char *fallback; /* its default, which is not written */
};

static gboolean
is_written(const struct record_tag *tag)
{
	return tag->value && *tag->value && strlen(tag->value) <= ROLLOUT_VALUE_MAX &&
	       tag->is_valid(tag->value) && g_ascii_strcasecmp(tag->value, tag->fallback) != 0;
}

static const char *
known_action(const char *word)
{
	enum policy_action action;

	return policy_action_parse(word, &action) ? policy_action_name(action) : "";
}

char *
rollout_record(const struct simulate_policy *policy, const struct rollout_tags *tags)
{
	struct simulate_effect effect = simulate_effect_of(policy);
	enum rollout_step step = rollout_step_of(policy);
	const struct record_tag rua = { "rua", tags->rua, is_uri_list, "" };
	const struct record_tag all[] = {
		{ "p", policy_action_name(steps[step].action), is_word, "" },
		{ "sp", known_action(policy->sp), is_word, "" },
		{ "np", known_action(policy->np), is_word, "" },
		{ "t", steps[step].is_test ? "y" : "n", is_word, "n" },
		{ "adkim", effect.is_dkim_strict ? "s" : "r", is_word, "r" },
		{ "aspf", effect.is_spf_strict ? "s" : "r", is_word, "r" },
		{ "psd", tags->psd, is_word, "u" },
		rua,
		{ "ruf", tags->ruf, is_uri_list, "" },
		{ "fo", tags->fo, is_fo, "0" },
	};

	if (!is_written(&rua))
		return NULL;
	GString *record = g_string_new("v=DMARC1");
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		if (is_written(&all[i]))
			g_string_append_printf(record, "; %s=%s", all[i].name, all[i].value);
	return g_string_free(record, FALSE);
}

static gboolean
is_domain(const char *domain)
{
	gsize len = strlen(domain);

	for (const char *p = domain; *p; p++)
		if (!g_ascii_isalnum(*p) && !strchr("-_.", *p))
			return FALSE;
	return len > 0 && len <= DOMAIN_LEN_MAX;
}

char *
rollout_record_line(const char *domain, const char *record)
{
	if (!is_domain(domain))
		return NULL;
	GString *line = g_string_new(NULL);
	g_string_printf(line, "_dmarc.%s. 3600 IN TXT", domain);
	for (gsize left = strlen(record); left > 0;) {
		gsize len = MIN(left, TXT_STRING_MAX);
		g_string_append_printf(line, " \"%.*s\"", (int)len, record);
		record += len;
		left -= len;
	}
	return g_string_free(line, FALSE);
}
