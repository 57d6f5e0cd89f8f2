/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what the judgement derives from the facts of a source (core/facts.h). Pure.
 */
#ifndef ANALYSIS_FACTS_H
#define ANALYSIS_FACTS_H

#include "core/facts.h"

struct weights;

const struct figures *facts_figures(const struct facts *facts, enum side side);

/* Did the address ever pass, as far as is known? FACT_UNKNOWN where the store did not say. */
enum fact facts_ever_passed(const struct facts *facts);

/* The most messages that forwarders can return: a share of what the domain sends itself. */
gint64 facts_cap(const struct facts *facts, enum side side, const struct weights *weights);

/* Does (nearly) all authorised mail of the domain carry its signature? */
gboolean facts_domain_signs(const struct facts *facts, enum side side,
			    const struct weights *weights);

/*
 * The figures of a side, with own signatures beyond the cap moved to "no signature": a broken
 * signature is easily forged, and nobody forwards more than was sent.
 */
struct figures facts_believed(const struct facts *facts, enum side side,
			      const struct weights *weights);

/* Is part at least percent of whole? FALSE where whole is 0. */
gboolean share_is_at_least(gint64 part, gint64 whole, gint64 percent);

#endif
