/* SPDX-License-Identifier: MIT */
/*
 * row_facts.h - which counters the messages of one record go into.
 *
 * A record that passes as reported goes into none of the marks below. A failing one may go into
 * several. Own domain: the organisational domain of the policy domain, or below it.
 *
 *   forwarded  an override tells of forwarding (reason_is_forwarding)
 *   neutral    overrides, and all of them explain nothing: sampled_out, policy_test_mode,
 *              local_policy without arc=pass, other
 *   bare       no result passes for any domain, no signature of the own domain, no override but
 *              neutral ones. An override in words that no RFC knows is not neutral: what it means
 *              to say is unknown, and the unknown accuses nobody
 *   ownsig     a signature of the own domain failed, whose selector passed elsewhere in the window
 *   noown      no signature of the own domain
 *   orgmta     SPF or DKIM passed for a domain of others
 *   esp        such a domain, or the address itself, belongs to a known sending service
 *   tmp        there is a signature of the own domain, and each result of it, SPF included, is
 *              temperror or permerror. An error of SPF alone tells nothing of who sent: a broken
 *              record or name server fails everybody (docs/decisions/0008)
 *
 * A DKIM result "none" says that there was no signature (RFC 8601 section 2.7.1) and counts as
 * none. Pure but for the callbacks; threads: any.
 */
#ifndef ANALYSIS_ROW_FACTS_H
#define ANALYSIS_ROW_FACTS_H

#include "analysis/facts.h"
#include "core/report.h"

/* What a record cannot tell of itself. Domains and selectors come as reported, in lower case. */
struct row_context {
	/* Has domain the organisational domain of the policy domain? */
	gboolean (*is_own)(gpointer cookie, const char *domain);
	/* Did this selector of an own domain pass aligned in the window, from any address? */
	gboolean (*has_passed)(gpointer cookie, const char *domain, const char *selector);
	/* Is domain, or one above it, that of an ESP, SaaS or gateway in the catalogue? */
	gboolean (*is_service)(gpointer cookie, const char *domain);
	gpointer cookie;
	gboolean is_service_address; /* the catalogue names the confirmed reverse name or the AS of
				      * the address as such */
};

/* Marks of enum row_mark; 0 for a record that passes. */
guint32 row_facts(const struct report *report, const struct record *record,
		  const struct row_context *context);

#endif
