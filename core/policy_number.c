/* SPDX-License-Identifier: MIT */
#include "core/policy_number.h"

#define N_WORDS 3

static const char *const words[N_WORDS] = { "none", "quarantine", "reject" };
G_STATIC_ASSERT(N_POLICY_NUMBERS == N_WORDS * N_WORDS * 2 * 2);

static gint
find_word(const char *text)
{
	for (gint i = 0; i < N_WORDS; i++)
		if (g_ascii_strcasecmp(words[i], text) == 0)
			return i;
	return -1;
}

static gint
is_strict(const char *text)
{
	return g_ascii_strcasecmp(text, "s") == 0;
}

gint
policy_number(const struct history_policy *policy)
{
	gint p = find_word(policy->p);
	gint sp = find_word(policy->sp);

	if (p < 0)
		return NO_POLICY_NUMBER;
	return (p * N_WORDS + (sp < 0 ? p : sp)) * 4 + is_strict(policy->adkim) * 2 +
	       is_strict(policy->aspf);
}

struct history_policy
policy_of_number(gint number)
{
	return (struct history_policy){
		.p = words[number / 4 / N_WORDS],
		.sp = words[number / 4 % N_WORDS],
		.adkim = number / 2 % 2 ? "s" : "r",
		.aspf = number % 2 ? "s" : "r",
	};
}
