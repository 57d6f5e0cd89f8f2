/* SPDX-License-Identifier: MIT */
/*
 * judge.h - whose mail is it? The class of one source by rules R0 to R9.
 *
 * The first rule that matches decides; its number is kept.
 *
 *   R0 a rule of a user                                                      as it says
 *   R1 own (SPF, or a selector that lives here or nowhere), and it passes    authorized
 *   R2 own, otherwise                                                        fix
 *   R3 half of what fails does so by an error of own DNS or key              fix
 *   R4 half of what fails comes by a sending service you are a customer of   fix
 *   R5 your signature passes, its selector lives elsewhere                   forwarder
 *   R6 receivers call half of what fails forwarded, or it is a forwarder     forwarder
 *   R7 your signature broken, another domain passes, no more than the cap    forwarder
 *   R8 score, from counted reports, at the limit, and nothing that bars it   unauthorized
 *   R9 anything else                                                         review
 *
 * R8 is barred by: an aligned pass of the address ever, for any owned domain (unknown bars, too);
 * any forwarding override; any category; no counted reporter; no failing message in counted
 * reports. Pure; threads: any.
 */
#ifndef ANALYSIS_JUDGE_H
#define ANALYSIS_JUDGE_H

#include "analysis/facts.h"
#include "analysis/score.h"
#include "analysis/user_rule.h"
#include "core/source.h"

enum judge_rule {
	RULE_USER,
	RULE_OWN_PASSES,
	RULE_OWN_FAILS,
	RULE_OWN_ERROR,
	RULE_CUSTOMER,
	RULE_SIGNATURE_AWAY,
	RULE_FORWARDED,
	RULE_SIGNATURE_BROKEN,
	RULE_UNAUTHORIZED,
	RULE_REVIEW,
	N_RULES,
};

/* How a source to review is sorted and named. */
enum suspicion {
	SUSPICION_BENIGN,
	SUSPICION_UNCLEAR,
	SUSPICION_SUSPICIOUS,
};

struct judgement {
	enum class class; /* the one in force */
	enum judge_rule rule;
	enum class unruled_class; /* without the user's rule: "would be R9 63 without rule #12" */
	enum judge_rule unruled_rule;
	gboolean is_ignored;  /* by the user's rule: class is CLASS_IGNORED */
	gboolean has_badge;   /* R1, but it passes for less than badge_share */
	struct score all;     /* from every report: orders and names what is to be reviewed */
	struct score counted; /* from counted reports only: what R8 compares */
};

/* rule: the user's rule that matches (user_rules_find), or NULL. */
struct judgement judge(const struct facts *facts, const struct user_rule *rule,
		       const struct weights *weights);

/* The score that a page shows for the judgement: that of R8 for R8, else that of every report. */
gint64 judgement_score(const struct judgement *judgement);

/* Of a judgement by R9. */
enum suspicion judgement_suspicion(const struct judgement *judgement,
				   const struct weights *weights);

#endif
