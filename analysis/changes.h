/* SPDX-License-Identifier: MIT */
/*
 * changes.h - what changed in a history since a day, by rules C1 to C12.
 *
 *	g_autoptr(changes) changes = changes_find(&history, &limits);
 *
 * A pure function of the history: the same rows in any order give the same list, and late reports
 * are taken in by asking again. Keys (core/change.h) keep a change from being told twice.
 *
 *   C1  a source of class fix, review or unauthorized, first seen at most source_days before it
 *       reached source_messages
 *   C2  a sender of ours without mail for silence_factor times its usual gap: the mean distance of
 *       its days with mail in 90 days, and longer than its second longest distance, for what
 *       happened twice is usual. Counted in days that somebody saw
 *   C3  a sender's pass rate of one day, or of seven, is more than pass_points and more than
 *       pass_messages messages below that of the 28 days before; told once, when it begins
 *   C4  spoofed messages of a day: more than the median and three median deviations of the last
 *       four of this weekday that were seen, and at least spoofing_messages; told once, when it
 *       begins
 *   C5  a selector with its first aligned pass; one without any for selector_gone_days, and for
 *       silence_factor times its mean distance of days
 *   C6  a name in From with its first mail
 *   C7  the policy that most reporters see is another than before, or still is not that of DNS
 *       policy_lag_days after DNS got it. p, sp, adkim and aspf with their defaults; a p that is
 *       no word of the standard says nothing
 *   C8  a reporter with its first report; one that is silent, as in C2, and for
 *       reporter_silent_days; most usual reporters silent for so long (reports stopped)
 *   C9  a fault of mails that was not there for fault_quiet_days
 *   C10 an own address is on a list where it was not, or off it again
 *   C11 a mark of a takedown case
 *   C12 a record of ours is broken where it was not
 *
 * C1 to C8 look at days that count alone (analysis/change_days.h); the others at days of the
 * calendar up to today. Unknown answers are passed over, as if nobody had asked. Nothing is new
 *(C1, C5, C6, C8) in a domain's first learning_days.
 *
 * Owner: the caller owns the result, which borrows nothing. Threads: any.
 */
#ifndef ANALYSIS_CHANGES_H
#define ANALYSIS_CHANGES_H

#include "analysis/change_limits.h"
#include "core/change.h"
#include "core/history.h"

/* At most so many changes of one kind; the oldest are left out. Each kind has its own, so that
 * spoofers with many addresses do not push out what else changed. */
#define CHANGES_KIND_MAX 5000

struct changes {
	GPtrArray *list; /* struct change *, each key once, in the order of change_compare */
	gint64 complete_through; /* UTC day */
	gint64 left_out;         /* beyond CHANGES_KIND_MAX */
};

struct changes *changes_find(const struct history *history, const struct change_limits *limits);
void changes_free(struct changes *changes);
typedef struct changes changes_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(changes_auto, changes_free)

#endif
