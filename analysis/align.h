/* SPDX-License-Identifier: MIT */
/*
 * align.h - how the messages of one record are aligned: by the receiver's word, and by our own
 * reading of auth_results.
 *
 * Own reading (RFC 9989 section 4.4; RFC 7489 section 3.1): a result "pass" whose domain equals
 * header_from is aligned strictly, and so relaxedly, too; one whose domain only has the same
 * Organizational Domain is aligned relaxedly.
 *
 * Of SPF, DMARC uses the MAIL FROM identity alone (RFC 9989 section 4.4.2), so results of scope
 * mfrom count, and those without a scope. Where a message had the null path, MAIL FROM is
 * postmaster@HELO (RFC 7208 section 2.4; RFC 7489 section 3.1.2), and some report that as scope
 * helo: such a result counts where no result of MAIL FROM names a domain. Scopes that no RFC knows
 * count for nothing, nor do results without a domain.
 *
 * An absent header_from is the policy domain. One that is neither the policy domain nor below it is
 * a fault of the reporter and counts as the policy domain's own: no ALIGNMENT_SUB.
 */
#ifndef ANALYSIS_ALIGN_H
#define ANALYSIS_ALIGN_H

#include "core/alignment.h"
#include "core/report.h"

struct align_context {
	/* Have a and b the same Organizational Domain? Asked for two domains that differ, lower
	 * case, neither "". */
	gboolean (*is_same_org)(gpointer cookie, const char *a, const char *b);
	gpointer cookie;
};

/* Bits of enum alignment. Pure but for the callback; threads: any. */
guint32 align_record(const struct report *report, const struct record *record,
		     const struct align_context *context);

#endif
