/* SPDX-License-Identifier: MIT */
/*
 * why.h - why a source has its class, what speaks against it, and what would change it, as keys of
 * sentences with their numbers. The sentences stand in the table of words; domain, reporters and
 * reverse name are places that the page fills itself.
 *
 *	why_because(&facts, &judgement, &weights)
 *	  -> because.claims {n 240, days 6}, because.bare {n 240, fail 240}, ...
 *
 * The first number of a line decides between its singular and plural. Order: what decided first,
 * then by weight, the strongest first; equals in the order of the score's terms. R8 is explained by
 * the figures of counted reports, everything else by those of all. Pure; threads: any.
 */
#ifndef ANALYSIS_WHY_H
#define ANALYSIS_WHY_H

#include "analysis/judge.h"

#define WHY_NUMBERS_MAX 4
#define WHY_LINES_MAX   16

/* n messages, days or whatever the sentence says; with whole > 0 a share: n of whole, in per cent.
 */
struct why_number {
	const char *name;
	gint64 n;
	gint64 whole;
};

struct why_line {
	const char *key;
	struct why_number numbers[WHY_NUMBERS_MAX]; /* a NULL name ends them */
};

struct why {
	struct why_line lines[WHY_LINES_MAX];
	gsize n;
};

/* What made the class. Never empty. */
struct why why_because(const struct facts *facts, const struct judgement *judgement,
		       const struct weights *weights);

/* What speaks against it: "against.none" where nothing does. */
struct why why_against(const struct facts *facts, const struct judgement *judgement,
		       const struct weights *weights);

/* What would make it another class. Never empty. */
struct why why_would_change(const struct facts *facts, const struct judgement *judgement,
			    const struct weights *weights);

#endif
