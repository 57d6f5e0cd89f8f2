/* SPDX-License-Identifier: MIT */
/*
 * simulate.h - what would another policy do? From sums of messages by enum alignment, without the
 * records.
 *
 *	hypothesis = { .p = "reject", .adkim = "s" };
 *	simulate(&published, &hypothesis, counts, n_counts)
 *	  -> what_if {pass 990, fail 10, rejected 10, ...}, newly_lost 10, ...
 *
 * Tags. A hypothesis names the tags that it replaces; the others stay as published. Defaults are
 * filled in after that (RFC 9989 section 4.7): p none, sp as p, np as sp, adkim and aspf r, t n. So
 * p=reject moves subdomains, too, where sp is absent. A word that no RFC knows counts as absent:
 * what we have is a reporter's copy of the record.
 *
 * Pass. Where the hypothesis leaves the mode of a mechanism alone, the receivers' own word counts
 * (REPORTED). In a stricter mode messages pass by it that are REPORTED and STRICT, in a looser one
 * those that are REPORTED or RELAXED: a stricter mode never adds a pass, a looser one never takes
 * one away. A message passes by either mechanism. REPORTED was said in the mode published then: sum
 * over days on which adkim and aspf were those of published.
 *
 * Policy. A message that fails gets p, or below the policy domain sp. Whether a subdomain exists is
 * in no report, so np is applied to no message, unless the caller has asked DNS and says so by a
 * bit of enum simulate_bit. np_unknown says for how many failing messages np could make a
 * difference. With t=y receivers apply the policy one level lower: reject as quarantine, quarantine
 * as none (RFC 9989 section 4.7). Those of RFC 7489 do not know t and apply all of it; to be
 * careful, simulate with t=n. pct is not simulated: RFC 9989 removed it.
 *
 * This is what the policy asks for. What receivers did may differ (enum disposition). Pure;
 * threads: any; strings stay the caller's, and NULL is as good as "". Totals stay at G_MAXINT64.
 */
#ifndef ANALYSIS_SIMULATE_H
#define ANALYSIS_SIMULATE_H

#include <glib.h>

#include "core/alignment.h"

/* From the mildest to the hardest. */
enum policy_action {
	ACTION_NONE,
	ACTION_QUARANTINE,
	ACTION_REJECT,
	N_ACTIONS,
};

/* As written in the record or by a reporter, in any case. */
struct simulate_policy {
	const char *p;
	const char *sp;
	const char *np;
	const char *adkim;
	const char *aspf;
	const char *t;
};

/* What a policy asks for, defaults filled in and t applied. */
struct simulate_effect {
	enum policy_action own;
	enum policy_action sub;     /* sp, for subdomains that exist */
	enum policy_action missing; /* np, for those that do not */
	gboolean is_dkim_strict;
	gboolean is_spf_strict;
};

/* Of a message with ALIGNMENT_SUB, beside the bits of enum alignment: what DNS said of its
 * header_from. Neither: unknown. */
enum simulate_bit {
	SIMULATE_EXISTS = N_ALIGNMENTS,
	SIMULATE_MISSING = N_ALIGNMENTS << 1, /* NXDOMAIN */
};

/* Messages. Delivered, quarantined and rejected make up all; so do pass and fail. */
struct simulate_outcome {
	gint64 pass;
	gint64 fail;
	gint64 delivered; /* pass, and fail under none */
	gint64 quarantined;
	gint64 rejected;
	gint64 np_unknown; /* of fail: counted under sp, and np asks for something else */
};

/* Lost: quarantined or rejected. */
struct simulation {
	struct simulate_outcome published;
	struct simulate_outcome what_if;
	gint64 newly_lost;
	gint64 newly_safe;
	gint64 harder;     /* lost before and after: rejected and no longer quarantined */
	gint64 softer;     /* the other way round */
	gint64 np_unknown; /* counted in these four under sp, and np could put them elsewhere */
};

static inline gint64
simulate_lost(const struct simulate_outcome *outcome)
{
	return outcome->quarantined + outcome->rejected;
}

struct simulation simulate(const struct simulate_policy *published,
			   const struct simulate_policy *hypothesis,
			   const struct alignment_count *counts, gsize n_counts);

/* published with the tags of hypothesis in their place; a tag that is absent there replaces
 * nothing. Strings are those of the two. */
struct simulate_policy simulate_policy_with(const struct simulate_policy *published,
					    const struct simulate_policy *hypothesis);

/*
 * The policy that a reporter saw, with sp and np absent where they are as their defaults. Reporters
 * write defaults down (RFC 9990 section 3.1.1.5), so one cannot know whether they were published;
 * to take them as absent is careful: a what-if of p alone then moves subdomains, too.
 */
struct simulate_policy simulate_policy_folded(const struct simulate_policy *seen);

struct simulate_effect simulate_effect_of(const struct simulate_policy *policy);

/*
 * Set a tag by name ("p", "sp", "np", "adkim", "aspf", "t") from what a visitor wrote; "" takes it
 * out. DENIED where there is no such tag or it does not know the word. value stays the caller's.
 */
gboolean simulate_policy_set(struct simulate_policy *policy, const char *tag, const char *value,
			     GError **error);

/* "none", "quarantine", "reject" in any case. FALSE for anything else, NULL too. */
gboolean policy_action_parse(const char *word, enum policy_action *ret_action);
const char *policy_action_name(enum policy_action action);

#endif
