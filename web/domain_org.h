/* SPDX-License-Identifier: MIT */
/*
 * domain_org.h - the organisational domain of a domain: by the public suffix list, which sources
 * are judged by, and by DNS (RFC 9989 section 4.10).
 */
#ifndef WEB_DOMAIN_ORG_H
#define WEB_DOMAIN_ORG_H

#include "web/page.h"

/*
 * Member org_domain (by_list; by_dns; state: "found", "none" = no DMARC record was met and the
 * domain stands for itself, "failed", null = not looked up; looked_up). For HTML _org, a sentence,
 * and _org_differs, one where both are known and differ.
 */
gboolean domain_org_fill(struct page *page, const char *domain, GError **error);

#endif
