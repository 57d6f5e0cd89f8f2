/* SPDX-License-Identifier: MIT */
/*
 * source_dns.h - what the DNS says of a source: its reverse name, and block lists.
 */
#ifndef WEB_SOURCE_DNS_H
#define WEB_SOURCE_DNS_H

#include "core/ip.h"
#include "web/page.h"

/*
 * Members rdns (state: "confirmed", "generic", "unconfirmed", "none", "failed", null = not looked
 * up; name; looked_up) and blocklists (state: "listed", "not_listed", "unknown", null; spam; lists:
 * zone, operator, what, meaning; looked_up). For HTML _rdns and _lists, sentences.
 */
gboolean source_dns_fill(struct page *page, const struct ip *ip, GError **error);

#endif
