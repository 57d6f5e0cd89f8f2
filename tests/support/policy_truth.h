/* SPDX-License-Identifier: MIT */
/*
 * policy_truth.h - what a policy does to records, reckoned the long way: from the records, in plain
 * words, without a line of the code under test. And reports at random to try it on.
 */
#ifndef SUPPORT_POLICY_TRUTH_H
#define SUPPORT_POLICY_TRUTH_H

#include "analysis/simulate.h"
#include "core/report.h"

#define TRUTH_SENDERS  6
#define TRUTH_POLICIES (3 * 4 * 4 * 2 * 2 * 2)
#define TRUTH_DOMAIN   "own.example"

/* One record as plain words: what the other way of reckoning sees of it. */
struct truth {
	gint64 messages;
	guint sender;
	gboolean is_sub;
	gboolean is_ghost;                           /* its subdomain does not exist */
	gboolean reported[2], relaxed[2], strict[2]; /* of DKIM, SPF */
};

/* A policy in numbers: 0 none, 1 quarantine, 2 reject, defaults filled in and t applied. */
struct asked {
	int action[3]; /* p, sp, np */
	gboolean is_strict[2];
};

/* A report about own.example, subdomains and all, without policy and period. */
struct report truth_make_report(GRand *rand);
void truth_clear_report(struct report *report);

struct truth truth_read_record(const struct report *report, const struct record *record);

/* Do two domains end in the same two labels? */
gboolean truth_is_same_org(const char *a, const char *b);

/* Records that no policy tells apart as one, in a new array. */
GArray *truth_sum_kinds(const GArray *truths);

/* The policy of a number below TRUTH_POLICIES: every combination of tags. */
struct simulate_policy truth_policy(guint number);

/* What is published once the hypothesis is: tags that it leaves out stay. */
struct simulate_policy truth_publish(struct simulate_policy hypothesis,
				     const struct simulate_policy *published);

/* Every tag must be there, "" for absent. */
struct asked truth_read_policy(const struct simulate_policy *policy);

gboolean truth_passes(const struct truth *truth, const struct asked *before,
		      const struct asked *now);

/* 0 none, 1 quarantine, 2 reject. */
int truth_treat(const struct truth *truth, gboolean passes, const struct asked *asked,
		gboolean is_missing);

/* Over an array of struct truth; ask_dns: it is known which subdomains are ghosts. */
struct simulation truth_reckon(const GArray *truths, const struct asked *before,
			       const struct asked *now, gboolean ask_dns);

#endif
