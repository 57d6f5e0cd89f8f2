/* SPDX-License-Identifier: MIT */
/*
 * change_limit_list.h - the rows of all tables that name the limits of changes: LIMIT(member,
 * default, smallest, largest, sentence). Whoever includes it defines LIMIT for itself, and has
 * core/history.h; hence no guard.
 */
/* clang-format off */
LIMIT(usual_days, 14, 1, HISTORY_USUAL_DAYS, "Complete days that tell who usually reports.")
LIMIT(usual_share, 50, 1, 100, "Per cent of these days that a usual reporter had reports on.")
LIMIT(late_days, 3, 0, 30, "A day older than so many days is complete, whoever is missing.")
LIMIT(seen_share, 50, 1, 100, "Below this per cent of its usual reporters nobody saw the day.")
LIMIT(learning_days, 14, 0, HISTORY_USUAL_DAYS, "In its first so many days nothing is new.")
LIMIT(source_messages, 5, 0, G_MAXINT32, "C1: messages that make a new source worth telling.")
LIMIT(source_days, 7, 1, HISTORY_USUAL_DAYS, "C1: days since its first in which it sends them.")
LIMIT(silence_factor, 3, 1, 100, "C2, C8: a silence is so many times the usual gap.")
LIMIT(silence_active_days, 5, 3, HISTORY_USUAL_DAYS, "C2, C5, C8: days that make a gap usual.")
LIMIT(pass_points, 2, 1, 100, "C3: points that the pass rate falls by more than.")
LIMIT(pass_messages, 20, 0, G_MAXINT32, "C3: messages that would have passed are more than this.")
LIMIT(pass_before_days, 28, 1, HISTORY_USUAL_DAYS, "C3: days that tell the pass rate before.")
LIMIT(pass_quiet_days, 7, 0, HISTORY_USUAL_DAYS, "C3: days without a fall before the next one.")
LIMIT(spoofing_messages, 20, 0, G_MAXINT32, "C4: spoofed messages of a day are at least this.")
LIMIT(spoofing_deviations, 3, 0, 100, "C4: median deviations above the usual weekday.")
LIMIT(selector_gone_days, 14, 1, HISTORY_USUAL_DAYS, "C5: days without a pass that make a selector gone.")
LIMIT(subdomain_messages, 1, 0, G_MAXINT32, "C6: messages that make a new name worth telling.")
LIMIT(policy_lag_days, 2, 0, 30, "C7: days that reporters have to see a new record.")
LIMIT(reporter_silent_days, 4, 1, HISTORY_USUAL_DAYS, "C8: days without a report that make a silence.")
LIMIT(fault_quiet_days, 7, 0, HISTORY_USUAL_DAYS, "C9: days without a fault before it is new.")
