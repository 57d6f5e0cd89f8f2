/* SPDX-License-Identifier: MIT */
/*
 * readiness.h - is it safe to move a domain to a stricter policy?
 *
 *	readiness(&facts, &limits)
 *	  -> verdict nearly, own_lost 246 of own_messages 41450, left_lost 12, open_senders 2,
 *	     answer readiness.answer_senders {n 2}, reasons readiness.loss {n 246, all 41450, ...},
 *...
 *
 * Losses are those of the p that is asked about, without t, since receivers of RFC 7489 do not know
 * t=y and apply all of it: simulate() with the policy as seen, folded, as the published one and
 * { .p = "reject", .t = "n" } as the hypothesis; lost = quarantined + rejected.
 *
 * Verdicts: no data where there are too few days, reporters or messages. Ready where hardly any own
 * mail would be lost, no large source waits for a review, and the policy has not changed lately.
 * Nearly where little would be lost, or little is left to do. Else not yet. That nobody knows when
 * the policy changed bars ready.
 *
 * An open item is something to do: a sender of yours that would lose more than ready_loss of its
 * own messages, or a large source to review.
 *
 * Counts are messages unless the name says otherwise, all of the same window of days. Pure;
 * threads: any; no pointer in the facts is owned, and the answer points to none of them.
 */
#ifndef ANALYSIS_READINESS_H
#define ANALYSIS_READINESS_H

#include "analysis/rollout.h"
#include "analysis/weights.h"
#include "analysis/why.h"
#include "core/facts.h"
#include "core/source.h"

/* Limits of loss are in messages out of so many. */
#define READINESS_LOSS_WHOLE 10000

struct readiness_limits {
	gint64 ready_loss;
	gint64 nearly_loss;
	gint64 nearly_items;
	gint64 review_messages;
	gint64 days;
	gint64 reporters;
	gint64 messages;
	gint64 unchanged_days;
};
extern const struct weight_row readiness_rows[];
extern const gsize n_readiness_rows;

struct readiness_limits readiness_limits_default(void);

enum readiness_verdict {
	READINESS_NO_DATA,
	READINESS_NOT_YET,
	READINESS_NEARLY,
	READINESS_READY,
	N_VERDICTS,
};

enum readiness_check {
	CHECK_LOSS,
	CHECK_REVIEW,
	CHECK_DAYS,
	CHECK_REPORTERS,
	CHECK_MESSAGES,
	CHECK_UNCHANGED,
	N_CHECKS,
};

enum readiness_state {
	STATE_UNKNOWN,
	STATE_UNMET,
	STATE_MET,
};

/* Sources of one name. Only those of class authorized and fix are the domain's own. */
struct readiness_sender {
	const char *id;
	const char *name;
	enum class class;
	gint64 messages;
	gint64 lost;     /* by the policy of the step */
	const char *fix; /* key of a sentence, "" = not known (readiness_fix) */
};

struct readiness_facts {
	const struct readiness_sender *senders;
	gsize n_senders;
	gint64 forwarded; /* of sources of class forwarder */
	gint64 forwarded_lost;
	gint64 review_sources;                /* sources of class review */
	gint64 review_large;                  /* of these, with limits.review_messages or more */
	gint64 days;                          /* days with reports ... */
	gint64 window_days;                   /* ... out of so many */
	gint64 reporters;                     /* distinct ones */
	gint64 messages;                      /* of the domain, whoever sent them */
	gint64 unchanged_days;                /* since policy or DNS changed; FACT_N_UNKNOWN */
	const struct simulate_policy *policy; /* as seen last, NULL = none was seen */
	enum rollout_step target;             /* what the administrator wants in the end */
};

struct readiness {
	enum readiness_verdict verdict;
	enum readiness_state checks[N_CHECKS];
	gint64 own_messages;
	gint64 own_lost;
	gint64 left_lost;    /* of own_lost, once the open senders are fixed */
	gint64 open_senders; /* senders */
	gint64 open_items;   /* senders, and sources to review */
	enum rollout_step current;
	enum rollout_step next; /* current where there is nothing to suggest */
	gboolean is_reached;    /* current is the target or beyond */
	struct why_line answer; /* the verdict as a sentence */
	struct why reasons;     /* what bars a better one, what is not known, what is fine */
};

struct readiness readiness(const struct readiness_facts *facts,
			   const struct readiness_limits *limits);

gboolean readiness_sender_is_open(const struct readiness_sender *sender,
				  const struct readiness_limits *limits);

/* What to change at a sender with these figures, as the key of a sentence; "" where nothing fails.
 */
const char *readiness_fix(const struct figures *figures);

/* "no_data", "not_yet", "nearly", "ready". */
const char *readiness_verdict_name(enum readiness_verdict verdict);

#endif
