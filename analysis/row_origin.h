/* SPDX-License-Identifier: MIT */
/*
 * row_origin.h - in whose name a record passes: other domains than the owned one, and signatures of
 * the owned one.
 *
 * Domains and selectors are taken as reported, in lower case. Pure but for the callbacks; threads:
 * any.
 */
#ifndef ANALYSIS_ROW_ORIGIN_H
#define ANALYSIS_ROW_ORIGIN_H

#include "core/report.h"

/* So many signatures of a record are told; senders use one or two. */
#define ROW_SIGNATURES_MAX 4

struct origin_context {
	/* Has domain the organisational domain of the policy domain? */
	gboolean (*is_own)(gpointer cookie, const char *domain);
	/* The organisational domain of domain; lives as long as domain. */
	const char *(*org_domain)(gpointer cookie, const char *domain);
	gpointer cookie;
};

/*
 * The organisational domain of others that the record passes for: of a signature, or else of SPF.
 * "" where there is none, or where SPF passes aligned: then the record's domain is the owned one.
 */
const char *row_origin_via(const struct report *report, const struct record *record,
			   const struct origin_context *context);

/*
 * Append the signatures of the own domain, sorted, with a space between:
 * "s1._domainkey.example.com", or "_domainkey.example.com" where no selector was reported. Of a
 * record that DKIM passed aligned: those that passed; of one that fails: those that broke, errors
 * of DNS or key left out; of any other: none.
 */
void row_origin_signatures(const struct report *report, const struct record *record,
			   const struct origin_context *context, GString *out);

#endif
