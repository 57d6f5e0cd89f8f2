/* SPDX-License-Identifier: MIT */
/* C7: the policy that reporters see. */
#include "analysis/change_find.h"
#include "core/policy_number.h"
#include "core/report.h"

/* "p=quarantine", "p=reject; sp=none; adkim=s": what is not the default. */
static char *
text_of_policy(gint number)
{
	const struct history_policy policy = policy_of_number(number);
	gboolean has_sp = !g_str_equal(policy.sp, policy.p);

	return g_strconcat("p=", policy.p, has_sp ? "; sp=" : "", has_sp ? policy.sp : "",
			   *policy.adkim == 's' ? "; adkim=s" : "",
			   *policy.aspf == 's' ? "; aspf=s" : "", NULL);
}

/* What more than half of the reporters of each day see. */
struct policy_day {
	gint64 reporters[N_POLICY_NUMBERS];
};

static gint
policy_of_day(const struct policy_day *day)
{
	gint best = 0;
	gint64 all = 0;

	for (gint k = 0; k < N_POLICY_NUMBERS; k++) {
		all = count_add(all, day->reporters[k]);
		if (day->reporters[k] > day->reporters[best])
			best = k;
	}
	return day->reporters[best] > all / 2 ? best : NO_POLICY_NUMBER;
}

static struct policy_day *
collect(const struct change_finder *finder)
{
	const struct change_days *days = finder->days;
	struct policy_day *table = g_new0(struct policy_day, days->n + 1);

	for (gsize i = 0; i < finder->history->n_policies; i++) {
		const struct history_policy_seen *row = &finder->history->policies[i];
		if (row->number < 0 || row->number >= N_POLICY_NUMBERS || row->reporters <= 0 ||
		    row->day < days->base || row->day >= days->base + days->n)
			continue;
		gint64 *sum = &table[row->day - days->base].reporters[row->number];
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
	gint before = NO_POLICY_NUMBER;

	for (gint64 i = 0; i < finder->days->n_complete; i++) {
		gint now = policy_of_day(&table[i]);
		if (now == NO_POLICY_NUMBER)
			continue;
		if (before != NO_POLICY_NUMBER && now != before)
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
	gint want = dns->is_known ? policy_number(&dns->policy) : NO_POLICY_NUMBER;
	gboolean was_other = FALSE;

	if (want == NO_POLICY_NUMBER)
		return;
	gint64 since = CLAMP(dns->since_day, 0, finder->history->today) - days->base;
	for (gint64 i = MAX(since + finder->limits->policy_lag_days, 0); i < days->n_complete;
	     i++) {
		gint now = policy_of_day(&table[i]);
		if (now == NO_POLICY_NUMBER)
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
