/* SPDX-License-Identifier: MIT */
#include "store/policy_bits.h"

#define N_WORDS 3

static const char *const words[N_WORDS] = { "none", "quarantine", "reject" };

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

gint64
policy_bit(const struct policy *policy)
{
	gint p = find_word(policy->p);
	gint sp = find_word(policy->sp);

	if (p < 0)
		return 0;
	return (gint64)1 << ((p * N_WORDS + (sp < 0 ? p : sp)) * 4 + is_strict(policy->adkim) * 2 +
			     is_strict(policy->aspf));
}

struct history_policy
policy_of_bit(guint bit)
{
	return (struct history_policy){
		.p = words[bit / 4 / N_WORDS],
		.sp = words[bit / 4 % N_WORDS],
		.adkim = bit / 2 % 2 ? "s" : "r",
		.aspf = bit % 2 ? "s" : "r",
	};
}
