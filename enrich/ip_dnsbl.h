/* SPDX-License-Identifier: MIT */
/*
 * ip_dnsbl.h - what the DNS block lists that the administrator named say of an address (RFC 5782).
 *
 * What an answer means stands in enrich/blocklists. A listing that was heard counts; "not listed"
 * is only said where every list that could have said otherwise answered. No answer, an error code
 * (127.255.255.x), a code that no row knows, and an address outside 127.0.0.0/8 are unknown: the
 * last is what a resolver or a new owner of the zone makes up.
 *
 * Owner: the caller; the table of block lists outlives it. Threads: that of the resolver; the set
 * of zones may be shared once it is complete.
 */
#ifndef ENRICH_IP_DNSBL_H
#define ENRICH_IP_DNSBL_H

#include "core/facts.h"
#include "core/ip.h"
#include "enrich/blocklists.h"
#include "net/resolver.h"

#define IP_DNSBL_ZONES_MAX 32
/* Listings that are kept of one zone; more are one that nobody understands. */
#define IP_DNSBL_LISTINGS_MAX 8

#define IP_DNSBL_GOOD_MIN_S (6 * 3600)
#define IP_DNSBL_GOOD_MAX_S 86400

/* The zones that are asked. */
struct dnsbl_zones;

struct dnsbl_zones *dnsbl_zones_new(const struct blocklists *blocklists);
void dnsbl_zones_free(struct dnsbl_zones *zones);
typedef struct dnsbl_zones dnsbl_zones_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dnsbl_zones_auto, dnsbl_zones_free)

/* Does the customer's key stand in the zone's name? */
gboolean dnsbl_zone_has_key(const char *zone);

/*
 * Add a zone by its name in the table ("KEY." in front where a key goes there). key: a label of
 * the DNS, NULL or "" = none. DENIED: closed, not in the table, wants names, or wants a key that
 * is missing or none; LIMIT: too many. Errors never hold the key.
 */
gboolean dnsbl_zones_add(struct dnsbl_zones *zones, const char *zone, const char *key,
			 GError **error);
guint dnsbl_zones_n(const struct dnsbl_zones *zones);

/*
 * Put the questions that tell whether a zone works (RFC 5782 section 5): 127.0.0.2 is listed and
 * 127.0.0.1 is not. What a zone says that fails, because the key is wrong or somebody else answers
 * in its name, is unknown from then on. To be asked and run first; without it every zone is
 * believed.
 */
void dnsbl_zones_check(struct dnsbl_zones *zones, struct resolver *resolver);

/* Is zone i believed? Its name in the table goes to *ret_zone. */
gboolean dnsbl_zones_is_sound(const struct dnsbl_zones *zones, guint i, const char **ret_zone);

/* What one zone said. */
struct dnsbl_said {
	const char *zone; /* as in the table, without the key */
	const char *operator;
	gboolean is_known; /* it was answered, and all of it is understood */
	guint n_listings;  /* with is_known: 0 = not listed */
	const struct blocklist_row *listings[IP_DNSBL_LISTINGS_MAX];
};

struct ip_dnsbl {
	/* Operators that list it for spam or exploits; FACT_N_UNKNOWN where nobody was heard to,
	 * and one could not be heard. */
	gint64 n_spam;
	gboolean is_certain; /* n_spam is all there are */
	enum fact on_policy_list;
	gboolean is_known; /* every zone answered what is understood */
	gint64 good_until; /* Unix seconds */
	GArray *said;      /* struct dnsbl_said, in the order of the zones */
};

/* dnsbl is gone when it returns. */
typedef void (*ip_dnsbl_fn)(gpointer data, const struct ip *ip, const struct ip_dnsbl *dnsbl);

struct ip_dnsbl_question {
	const struct dnsbl_zones *zones; /* outlives the answer */
	struct ip ip;
	gint64 now; /* Unix seconds */
};

/* Put the questions; fn hears once, from resolver_run() or resolver_free(). */
void ip_dnsbl_ask(struct resolver *resolver, const struct ip_dnsbl_question *question,
		  ip_dnsbl_fn fn, gpointer data);

#endif
