/* SPDX-License-Identifier: MIT */
/*
 * authres.h - what a server of ours saw when the mail arrived: Authentication-Results (RFC 8601).
 *
 * Only fields whose authserv-id is a configured one are believed, and only those of the mail that
 * came to us, never of one that it encloses. The topmost one that speaks of DMARC counts; where
 * none does, an aligned SPF or DKIM pass is looked for (RFC 9990 section 3.5.2).
 */
#ifndef INGEST_AUTHRES_H
#define INGEST_AUTHRES_H

#include "core/document.h"
#include "ingest/fields.h"

struct authres {
	enum authenticated authenticated;
	char *domain; /* that was authenticated or failed to be, lower case, "" for unknown */
};
void authres_clear(struct authres *authres);

/* trusted: lower case authserv-ids, NULL at the end, or NULL for none. */
struct authres authres_read(const struct fields *head, const char *const *trusted,
			    const char *from_domain);

#endif
