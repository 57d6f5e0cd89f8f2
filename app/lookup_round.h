/* SPDX-License-Identifier: MIT */
/*
 * lookup_round.h - some addresses and domains whose facts are wanted, and what was found out.
 *
 * Passive but for lookup_round_ask(). Owner: the caller. Threads: one.
 */
#ifndef APP_LOOKUP_ROUND_H
#define APP_LOOKUP_ROUND_H

#include "enrich/ip_dnsbl.h"
#include "enrich/ip_rdns.h"
#include "enrich/own_org.h"
#include "enrich/own_spf.h"

#define LOOKUP_ADDRESSES_MAX 256
#define LOOKUP_DOMAINS_MAX   16

struct lookup_address {
	struct ip ip;
	gboolean wants_rdns; /* missing or stale */
	gboolean wants_dnsbl;
	gboolean has_rdns; /* what follows was found out */
	gboolean has_dnsbl;
	struct ip_rdns rdns;
	struct ip_dnsbl dnsbl;
};

struct lookup_domain {
	char *name;
	gboolean wants_spf; /* missing or stale */
	gboolean wants_org;
	struct own_spf *spf; /* NULL = was not found out */
	gboolean has_org;    /* what follows was found out */
	struct own_org org;
};

struct lookup_round {
	gint64 now; /* Unix seconds */
	/* What is switched on; other facts need not be put in. */
	gboolean does_rdns;
	gboolean does_dnsbl;
	gboolean does_own_spf;
	gboolean does_org_domain;
	GArray *addresses; /* struct lookup_address */
	GArray *domains;   /* struct lookup_domain */
};

struct lookup_round *lookup_round_new(gint64 now);
void lookup_round_free(struct lookup_round *round);
typedef struct lookup_round lookup_round_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lookup_round_auto, lookup_round_free)

/* FALSE: it is full. What is not switched on is not wanted. */
gboolean lookup_round_add_address(struct lookup_round *round, const struct ip *ip,
				  gboolean wants_rdns, gboolean wants_dnsbl);
gboolean lookup_round_add_domain(struct lookup_round *round, const char *name, gboolean wants_spf,
				 gboolean wants_org);

struct lookup_means {
	struct resolver *resolver;
	const struct dnsbl_zones *zones; /* NULL = none */
	own_spf_is_service_fn is_service;
	gpointer is_service_data;
	guint budget; /* of the resolver */
	GCancellable *cancel;
};

/*
 * Ask for all that is wanted, and wait. FALSE with AGAIN as of resolver_run(). Where the run ended
 * early or its budget was spent, what is not known was maybe never asked: it is left out, and
 * wanted again. Addresses of no network that others see are not asked about.
 */
gboolean lookup_round_ask(struct lookup_round *round, const struct lookup_means *means,
			  GError **error);

/* How many facts it has. */
guint lookup_round_n_facts(const struct lookup_round *round);

#endif
