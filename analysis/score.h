/* SPDX-License-Identifier: MIT */
/*
 * score.h - how much speaks for spoofing, 0 to 100, and every term of the sum.
 *
 * Each term's size is rounded half up to an integer and then gets its sign, so that a page can
 * print the sum line by line. Pure; threads: any.
 */
#ifndef ANALYSIS_SCORE_H
#define ANALYSIS_SCORE_H

#include "analysis/facts.h"

/* In the order in which they are printed. Stored: append only. */
enum score_term {
	SCORE_BASE,
	SCORE_BARE,
	SCORE_NEVER,
	SCORE_NOSIG,
	SCORE_VOLUME,
	SCORE_REPORTERS,
	SCORE_DAYS,
	SCORE_DNSBL,
	SCORE_POLICY,
	SCORE_RUF,
	SCORE_MULTI,
	SCORE_PARKED,
	SCORE_FORWARDED,
	SCORE_CATEGORY,
	SCORE_OWNSIG,
	SCORE_ORGMTA,
	SCORE_CONFIRMED,
	SCORE_TINY,
	N_SCORE_TERMS,
};

struct score {
	gint64 terms[N_SCORE_TERMS]; /* 0 = the term does not apply, and is not printed */
	gint64 value;                /* their sum, clamped to 0..100 */
};

/* The score of one side of the facts. */
struct score score_sum(const struct facts *facts, enum side side, const struct weights *weights);

/* "bare", "never", ...: for keys of texts, stores and exports. */
const char *score_term_name(enum score_term term);

#endif
