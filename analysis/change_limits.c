/* SPDX-License-Identifier: MIT */
#include "analysis/change_limits.h"

#include "core/history.h"

#define ROW(name, fallback, min, max, sentence)                                                   \
	{                                                                                         \
#name, G_STRUCT_OFFSET(struct change_limits, name), fallback, min, max, sentence, \
	}
#define DAYS(name, fallback, sentence)     ROW(name, fallback, 1, HISTORY_USUAL_DAYS, sentence)
#define SHARE(name, fallback, sentence)    ROW(name, fallback, 1, 100, sentence)
#define MESSAGES(name, fallback, sentence) ROW(name, fallback, 0, G_MAXINT32, sentence)

const struct weight_row change_limit_rows[] = {
	DAYS(usual_days, 14, "Complete days that tell who usually reports."),
	SHARE(usual_share, 50, "Per cent of these days that a usual reporter had reports on."),
	ROW(late_days, 3, 0, 30, "A day older than so many days is complete, whoever is missing."),
	SHARE(seen_share, 50, "Below this per cent of its usual reporters nobody saw the day."),
	ROW(learning_days, 14, 0, HISTORY_USUAL_DAYS, "In its first so many days nothing is new."),
	MESSAGES(source_messages, 5, "C1: messages that make a new source worth telling."),
	DAYS(source_days, 7, "C1: days since its first in which it sends them."),
	ROW(silence_factor, 3, 1, 100, "C2, C8: a silence is so many times the usual gap."),
	ROW(silence_active_days, 5, 3, HISTORY_USUAL_DAYS,
	    "C2, C5, C8: days that make a gap usual."),
	SHARE(pass_points, 2, "C3: points that the pass rate falls by more than."),
	MESSAGES(pass_messages, 20, "C3: messages that would have passed are more than this."),
	DAYS(pass_before_days, 28, "C3: days that tell the pass rate before."),
	ROW(pass_quiet_days, 7, 0, HISTORY_USUAL_DAYS,
	    "C3: days without a fall before the next one."),
	MESSAGES(spoofing_messages, 20, "C4: spoofed messages of a day are at least this."),
	ROW(spoofing_deviations, 3, 0, 100, "C4: median deviations above the usual weekday."),
	DAYS(selector_gone_days, 14, "C5: days without a pass that make a selector gone."),
	MESSAGES(subdomain_messages, 1, "C6: messages that make a new name worth telling."),
	ROW(policy_lag_days, 2, 0, 30, "C7: days that reporters have to see a new record."),
	DAYS(reporter_silent_days, 4, "C8: days without a report that make a silence."),
	ROW(fault_quiet_days, 7, 0, HISTORY_USUAL_DAYS,
	    "C9: days without a fault before it is new."),
};
const gsize n_change_limit_rows = G_N_ELEMENTS(change_limit_rows);

struct change_limits
change_limits_default(void)
{
	struct change_limits limits;

	weight_rows_default(change_limit_rows, n_change_limit_rows, &limits);
	return limits;
}

gboolean
change_limits_set(struct change_limits *limits, const char *name, gint64 value, GError **error)
{
	return weight_rows_set(change_limit_rows, n_change_limit_rows, limits, name, value, error);
}
