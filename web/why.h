/* SPDX-License-Identifier: MIT */
/*
 * why.h - why a source has its class, in one sentence built from its numbers.
 */
#ifndef WEB_WHY_H
#define WEB_WHY_H

#include "store/query.h"

/* The sentence for the rule that decided, as text. Caller frees. */
char *why_text(const struct query_source *source);

/* What the source does, as a heading: "203.0.113.45 is spoofing example.org". Caller frees. */
char *why_heading(const struct query_source *source);

#endif
