/* SPDX-License-Identifier: MIT */
/*
 * rollout.h - the way of a domain to p=reject by the steps of RFC 9989, and the record of a step.
 *
 *	none -> quarantine, t=y -> quarantine -> reject, t=y -> reject
 *
 * With t=y receivers apply the policy one level lower, and report (section 4.7). Those of RFC 7489
 * do not know t and apply all of it. pct is gone and never written. No step lowers anything.
 *
 * Pure; threads: any.
 */
#ifndef ANALYSIS_ROLLOUT_H
#define ANALYSIS_ROLLOUT_H

#include "analysis/simulate.h"

enum rollout_step {
	STEP_UNKNOWN, /* no policy was seen */
	STEP_NONE,
	STEP_QUARANTINE_TEST,
	STEP_QUARANTINE,
	STEP_REJECT_TEST,
	STEP_REJECT,
	N_STEPS,
};

/* "unknown", "none", "quarantine_test", "quarantine", "reject_test", "reject". */
const char *rollout_step_name(enum rollout_step step);

/*
 * Where a policy stands; NULL = none was seen. A p that no RFC knows is none (section 4.10.1), and
 * t=y does nothing to none.
 */
enum rollout_step rollout_step_of(const struct simulate_policy *policy);

/*
 * The step after that of seen, up to target; that of seen itself where there is nothing to suggest.
 * A step with t=y is left out where it would lower what applies to subdomains now (sp or np above
 * p).
 */
enum rollout_step rollout_next(const struct simulate_policy *seen, enum rollout_step target);

/* seen, folded (simulate_policy_folded), with p and t of a step; not of STEP_UNKNOWN. */
struct simulate_policy rollout_policy_at(const struct simulate_policy *seen,
					 enum rollout_step step);

/* Most bytes of a tag's value in a record that we write. */
#define ROLLOUT_VALUE_MAX 1024

/* What a record says beside the policy; "" or NULL = not known. A value that cannot stand in a
 * record (RFC 9989 section 4.8) counts as not known. */
struct rollout_tags {
	const char *rua; /* no report has these two: from DNS, or what Setup wants there */
	const char *ruf;
	const char *fo;
	const char *psd;
};

/*
 * "v=DMARC1; p=reject; t=y; rua=mailto:..." Tags at their defaults are left out. NULL where rua is
 * not known: a record without it would end the reports. Caller frees.
 */
char *rollout_record(const struct simulate_policy *policy, const struct rollout_tags *tags);

/*
 * The line for a zone file, with strings of at most 255 bytes (RFC 1035 section 3.3):
 * _dmarc.example.com. 3600 IN TXT "v=DMARC1; ..."
 * NULL where domain could not stand there. Caller frees.
 */
char *rollout_record_line(const char *domain, const char *record);

#endif
