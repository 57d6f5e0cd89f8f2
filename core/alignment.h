/* SPDX-License-Identifier: MIT */
/*
 * alignment.h - how a message is aligned, as bits: small numbers by which messages are summed, and
 * from which the effect of any policy can be told later without the records.
 *
 * REPORTED is the receiver's own word (policy_evaluated), in the mode that was published then. The
 * other bits are recomputed from auth_results (analysis/align.h); STRICT never stands without
 * RELAXED. Reported and recomputed may differ: receivers leave results out, and lists of public
 * suffixes disagree.
 */
#ifndef CORE_ALIGNMENT_H
#define CORE_ALIGNMENT_H

#include <glib.h>

enum alignment {
	ALIGNMENT_SUB = 1 << 0, /* header_from is below the policy domain, not it */
	ALIGNMENT_DKIM_REPORTED = 1 << 1,
	ALIGNMENT_SPF_REPORTED = 1 << 2,
	ALIGNMENT_DKIM_RELAXED = 1 << 3,
	ALIGNMENT_DKIM_STRICT = 1 << 4,
	ALIGNMENT_SPF_RELAXED = 1 << 5,
	ALIGNMENT_SPF_STRICT = 1 << 6,
};

#define N_ALIGNMENTS 128

/* Messages that are aligned in one way. */
struct alignment_count {
	guint32 bits; /* enum alignment; of those who asked DNS enum simulate_bit, too */
	gint64 messages;
};

/* Does a message pass in whatever mode is published? */
static inline gboolean
alignment_is_strict(guint32 bits)
{
	const guint32 dkim = ALIGNMENT_DKIM_REPORTED | ALIGNMENT_DKIM_STRICT;
	const guint32 spf = ALIGNMENT_SPF_REPORTED | ALIGNMENT_SPF_STRICT;

	return (bits & dkim) == dkim || (bits & spf) == spf;
}

#endif
