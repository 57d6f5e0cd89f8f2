/* SPDX-License-Identifier: MIT */
/* C7: the policy that reporters see. */
#include "analysis/change_find.h"
#include "core/report.h"

/*
 * A policy as one number, so that a tag that is absent and one that says its default are the same
 * (RFC 9989 section 4.7), and the days of a history are a table however many words reporters find.
 */
#define WORDS     3
#define POLICIES  (WORDS * WORDS * 2 * 2)
#define NO_POLICY (-1)

static const char *const words[WORDS] = { "none", "quarantine", "reject" };

static gint
number_of_word(const char *text)
{
	for (gint i = 0; i < WORDS; i++)
		if (g_ascii_strcasecmp(words[i], text) == 0)
			return i;
	return NO_POLICY;
}

static gint
number_of_policy(const struct history_policy *policy)
{
	gint p = number_of_word(policy->p);
	gint sp = number_of_word(policy->sp);

	if (p == NO_POLICY)
		return NO_POLICY;
	if (sp == NO_POLICY)
		sp = p;
	return ((p * WORDS + sp) * 2 + (g_ascii_strcasecmp(policy->adkim, "s") == 0)) * 2 +
	       (g_ascii_strcasecmp(policy->aspf, "s") == 0);
}

/* "p=quarantine", "p=reject; sp=none; adkim=s": what is not the default. */
static char *
text_of_policy(gint number)
{
	gint p = number / 4 / WORDS;
	gint sp = number / 4 % WORDS;
	g_autofree char *sp_text = sp == p ? NULL : g_strconcat("; sp=", words[sp], NULL);

	return g_strconcat("p=", words[p], sp_text ? sp_text : "",
			   number / 2 % 2 ? "; adkim=s" : "", number % 2 ? "; aspf=s" : "", NULL);
}

/* What more than half of the reporters of each day see. */
struct policy_day {
	gint64 reporters[POLICIES];
};

static gint
policy_of_day(const struct policy_day *day)
{
	gint best = 0;
	gint64 all = 0;

	for (gint k = 0; k < POLICIES; k++) {
		all = count_add(all, day->reporters[k]);
		if (day->reporters[k] > day->reporters[best])
			best = k;
	}
	return day->reporters[best] > all / 2 ? best : NO_POLICY;
}

static struct policy_day *
collect(const struct change_finder *finder)
{
	const struct change_days *days = finder->days;
	struct policy_day *table = g_new0(struct policy_day, days->n + 1);

	for (gsize i = 0; i < finder->history->n_policies; i++) {
		const struct history_policy_seen *row = &finder->history->policies[i];
		gint number = number_of_policy(&row->policy);
		if (number == NO_POLICY || row->reporters <= 0 || row->day < days->base ||
		    row->day >= days->base + days->n)
			continue;
		gint64 *sum = &table[row->day - days->base].reporters[number];
		*sum = count_add(*sum, row->reporters);
	}
	return table;
}

static void
tell(const struct change_finder *finder, struct change change, gint was, gint is)
{
	g_autofree char *was_text = text_of_policy(was);
	g_autofree char *is_text = text_of_policy(is);

	change.was = was_text;
	change.is = is_text;
	change_found(finder, &change);
}

static void
find_changed(const struct change_finder *finder, const struct policy_day *table)
{
	gint before = NO_POLICY;

	for (gint64 i = 0; i < finder->days->n_complete; i++) {
		gint now = policy_of_day(&table[i]);
		if (now == NO_POLICY)
			continue;
		if (before != NO_POLICY && now != before)
			tell(finder,
			     (struct change){ .kind = CHANGE_POLICY_CHANGED,
					      .day = finder->days->base + i,
					      .numbers = { { table[i].reporters[now], 0 } } },
			     before, now);
		before = now;
	}
}

static void
find_not_dns(const struct change_finder *finder, const struct policy_day *table)
{
	const struct history_dns *dns = &finder->history->dns;
	const struct change_days *days = finder->days;
	gint want = dns->is_known ? number_of_policy(&dns->policy) : NO_POLICY;
	gboolean was_other = FALSE;

	if (want == NO_POLICY)
		return;
	gint64 since = CLAMP(dns->since_day, 0, finder->history->today) - days->base;
	for (gint64 i = MAX(since + finder->limits->policy_lag_days, 0); i < days->n_complete;
	     i++) {
		gint now = policy_of_day(&table[i]);
		if (now == NO_POLICY)
			continue;
		if (now != want && !was_other)
			tell(finder,
			     (struct change){ .kind = CHANGE_POLICY_NOT_DNS,
					      .day = days->base + i,
					      .numbers = { { table[i].reporters[now], 0 },
							   { dns->since_day, 0 } } },
			     now, want);
		was_other = now != want;
	}
}

void
change_find_policies(const struct change_finder *finder)
{
	g_autofree struct policy_day *table = collect(finder);

	find_changed(finder, table);
	find_not_dns(finder, table);
}
