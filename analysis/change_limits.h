/* SPDX-License-Identifier: MIT */
/*
 * change_limits.h - from when on a change is worth telling: every threshold of rules C1 to C12.
 *
 * The table is one of analysis/weights.h: name, default, limits and a sentence. Passive.
 */
#ifndef ANALYSIS_CHANGE_LIMITS_H
#define ANALYSIS_CHANGE_LIMITS_H

#include "analysis/weights.h"

struct change_limits {
	/* when a day counts */
	gint64 usual_days;
	gint64 usual_share;
	gint64 late_days;
	gint64 seen_share;
	gint64 learning_days;
	/* rules, by their number */
	gint64 source_messages;
	gint64 source_days;
	gint64 silence_factor;
	gint64 silence_active_days;
	gint64 pass_points;
	gint64 pass_messages;
	gint64 pass_before_days;
	gint64 pass_quiet_days;
	gint64 spoofing_messages;
	gint64 spoofing_deviations;
	gint64 selector_gone_days;
	gint64 subdomain_messages;
	gint64 policy_lag_days;
	gint64 reporter_silent_days;
	gint64 fault_quiet_days;
};

extern const struct weight_row change_limit_rows[];
extern const gsize n_change_limit_rows;

/* Every member at its default. */
struct change_limits change_limits_default(void);

#endif
