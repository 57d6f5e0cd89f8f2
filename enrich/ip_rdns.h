/* SPDX-License-Identifier: MIT */
/*
 * ip_rdns.h - the reverse name of an address, confirmed by a forward look-up.
 *
 * Anybody can write any name into his own reverse zone, so a name counts only where it leads back
 * to the address. One that does not is RDNS_UNKNOWN, with the name for people to see; so is what
 * could not be looked up, without a name. Of several names a confirmed one that is not generic
 * comes before a generic one, then they go by the alphabet.
 *
 * Threads: that of the resolver.
 */
#ifndef ENRICH_IP_RDNS_H
#define ENRICH_IP_RDNS_H

#include "core/facts.h"
#include "core/ip.h"
#include "net/dns_name.h"
#include "net/resolver.h"

/* So many names of an address are looked at; of more, the first by the alphabet. */
#define IP_RDNS_NAMES_MAX 5

#define IP_RDNS_GOOD_MIN_S (6 * 3600)
#define IP_RDNS_GOOD_MAX_S (7 * 86400)

struct ip_rdns {
	enum rdns_state state;
	char name[DNS_NAME_LEN_MAX + 1]; /* "" = none; confirmed only with CONFIRMED and GENERIC */
	gboolean is_known;               /* all that was asked was answered */
	gint64 good_until;               /* Unix seconds */
};

typedef void (*ip_rdns_fn)(gpointer data, const struct ip *ip, const struct ip_rdns *rdns);

/* Put the questions; fn hears once, from resolver_run() or resolver_free(). now: Unix seconds. */
void ip_rdns_ask(struct resolver *resolver, const struct ip *ip, gint64 now, ip_rdns_fn fn,
		 gpointer data);

#endif
