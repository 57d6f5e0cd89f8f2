/* SPDX-License-Identifier: MIT */
/*
 * classify.h - whose mail is it? The class of one source from its totals alone.
 *
 * This is a first cut: only what totals can tell. Rule numbers are those of
 * the full table, so that a stored number keeps its meaning.
 *
 *   R1 aligned passes for at least 90 % of its mail                        -> authorized
 *   R2 SPF passed aligned, less than that                                  -> fix
 *   R5 DKIM passed aligned, SPF never, for at least half of its mail       -> forwarder
 *   R6 receivers say of at least half of the failing mail: forwarded       -> forwarder
 *   R8 no pass, no forwarding, no other domain's pass, ever, anywhere      -> unauthorized
 *   R9 anything else                                                       -> review
 *
 * "Anywhere" in R8 is the address over all owned domains: an address that ever sent your mail is
 * not accused. Pure; threads: any.
 */
#ifndef ANALYSIS_CLASSIFY_H
#define ANALYSIS_CLASSIFY_H

#include "core/source.h"

struct verdict classify(const struct source_facts *facts);

#endif
