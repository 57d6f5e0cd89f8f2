/* SPDX-License-Identifier: MIT */
/*
 * org_domain.h - the organisational domain of a name by the Public Suffix List (RFC 7489 section
 * 3.2), through libpsl.
 *
 * The list is the newer of the one inside libpsl and the system's (package publicsuffix); it is
 * read once. Both of its sections count, as for alignment: below github.io, or the host names of a
 * cloud, everyone is an organisation of their own. A top-level domain that the list does not have
 * is a public suffix: a.b.example belongs to b.example.
 *
 * Names are UTF-8 or A-labels, in any case of ASCII letters, without a trailing dot. Nothing is
 * said about a name that is no domain (longer than 253 bytes, an empty label, an IPv4 address): it
 * is its own organisational domain.
 *
 * Owner: nothing is allocated for an answer. Threads: any, once created.
 */
#ifndef ENRICH_ORG_DOMAIN_H
#define ENRICH_ORG_DOMAIN_H

#include <glib.h>

struct org_domains;

struct org_domains *org_domains_new(void);
void org_domains_free(struct org_domains *domains);
typedef struct org_domains org_domains_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(org_domains_auto, org_domains_free)

/* The suffix of name that is its organisational domain; name where it is a public suffix itself. */
const char *org_domain_of(const struct org_domains *domains, const char *name);

/* When the list in use was made; 0 = unknown. */
gint64 org_domains_made_at(const struct org_domains *domains);

#endif
