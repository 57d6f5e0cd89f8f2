/* SPDX-License-Identifier: MIT */
#include "store/policy_seen.h"

/* Caches of DNS, and periods that are no UTC days: so long after a change the old policy is still
 * seen. */
#define OVERLAP_DAYS 2

static const char *const action_words[] = { "none", "quarantine", "reject", NULL };
static const char *const mode_words[] = { "r", "s", NULL };
static const char *const test_words[] = { "n", "y", NULL };

static const char *const *const words[N_SEEN_TAGS] = {
	[SEEN_P] = action_words,   [SEEN_SP] = action_words, [SEEN_NP] = action_words,
	[SEEN_ADKIM] = mode_words, [SEEN_ASPF] = mode_words, [SEEN_T] = test_words,
};

const char *
seen_policy_word(enum seen_tag tag, const char *word)
{
	for (gsize i = 0; words[tag][i]; i++)
		if (g_ascii_strcasecmp(word, words[tag][i]) == 0)
			return words[tag][i];
	return "";
}

static const char *
word_or(enum seen_tag tag, const char *word, const char *otherwise)
{
	const char *known = seen_policy_word(tag, word);

	return *known ? known : otherwise;
}

gboolean
seen_policy_read(struct seen_policy *seen, const struct policy *policy)
{
	const char *p = word_or(SEEN_P, policy->p, "none");

	*seen = (struct seen_policy){
		.tags = { [SEEN_P] = p,
			  [SEEN_SP] = word_or(SEEN_SP, policy->sp, p),
			  [SEEN_NP] = seen_policy_word(SEEN_NP, policy->np),
			  [SEEN_ADKIM] = word_or(SEEN_ADKIM, policy->adkim, "r"),
			  [SEEN_ASPF] = word_or(SEEN_ASPF, policy->aspf, "r"),
			  [SEEN_T] = seen_policy_word(SEEN_T, policy->testing) },
	};
	return *policy->p != '\0';
}

/* Is what both tell the same? */
static gboolean
is_same(const struct seen_policy *a, const struct seen_policy *b)
{
	for (enum seen_tag i = 0; i < N_SEEN_TAGS; i++) {
		gboolean may_be_absent = i == SEEN_NP || i == SEEN_T;
		if (may_be_absent && (!*a->tags[i] || !*b->tags[i]))
			continue;
		if (!g_str_equal(a->tags[i], b->tags[i]))
			return FALSE;
	}
	return TRUE;
}

static gint
compare_tags(const struct seen_policy *a, const struct seen_policy *b)
{
	gint order = 0;

	for (enum seen_tag i = 0; order == 0 && i < N_SEEN_TAGS; i++)
		order = strcmp(a->tags[i], b->tags[i]);
	return order;
}

/* The one seen last; of several on that day the one that is newest. */
static gint
compare_age(gconstpointer one, gconstpointer other)
{
	const struct seen_policy *a = one;
	const struct seen_policy *b = other;

	if (a->last_day != b->last_day)
		return a->last_day > b->last_day ? -1 : 1;
	if (a->first_day != b->first_day)
		return a->first_day > b->first_day ? -1 : 1;
	return -compare_tags(a, b);
}

gboolean
seen_policy_present(GArray *list, struct seen_present *present)
{
	static const enum seen_tag told[] = { SEEN_NP, SEEN_T };
	gint64 others_last = G_MININT64;

	if (list->len == 0)
		return FALSE;
	g_array_sort(list, compare_age);
	const struct seen_policy last = g_array_index(list, struct seen_policy, 0);
	present->policy = last;
	gint64 first_day = last.first_day;
	for (guint i = 1; i < list->len; i++) {
		const struct seen_policy *seen = &g_array_index(list, struct seen_policy, i);
		if (!is_same(&last, seen)) {
			others_last = MAX(others_last, seen->last_day);
			continue;
		}
		first_day = MIN(first_day, seen->first_day);
		for (gsize k = 0; k < G_N_ELEMENTS(told); k++)
			if (!*present->policy.tags[told[k]])
				present->policy.tags[told[k]] = seen->tags[told[k]];
	}
	gboolean is_overlap = others_last > first_day + OVERLAP_DAYS;
	present->since = is_overlap ? others_last + 1 : first_day;
	present->is_change = others_last != G_MININT64 && !is_overlap;
	return TRUE;
}
