/* SPDX-License-Identifier: MIT */
/*
 * own_spf.h - the addresses that the published SPF of a domain names as its own (RFC 7208).
 *
 * The record is walked once, with what it includes, and gives a set of networks; addresses are then
 * tested against the set without any look-up. This is evidence of whose an address is, not a check
 * of SPF: an include of a service that serves others says that the domain is its customer, and
 * nothing about an address; so does a redirect. Networks that are too wide name nobody. Macros,
 * exists and ptr are not evaluated, since their answer depends on the message.
 *
 * Where the walk could not see everything, an address that is not in the set is unknown.
 *
 * Owner: the caller. Threads: one per walk; a finished set is read by any.
 */
#ifndef ENRICH_OWN_SPF_H
#define ENRICH_OWN_SPF_H

#include "core/facts.h"
#include "core/ip.h"
#include "net/resolver.h"

#define OWN_SPF_LOOK_UPS_MAX 10 /* section 4.6.4: a, mx, include, redirect, ptr, exists */
#define OWN_SPF_MX_HOSTS_MAX 10 /* the same */
#define OWN_SPF_NETWORKS_MAX 1000
/* Shorter prefixes name nobody. */
#define OWN_SPF_V4_BITS_MIN 8
#define OWN_SPF_V6_BITS_MIN 19

#define OWN_SPF_GOOD_MIN_S 3600
#define OWN_SPF_GOOD_MAX_S 86400

enum own_spf_state {
	OWN_SPF_UNKNOWN, /* its record could not be read, or there are two */
	OWN_SPF_NONE,    /* none is published */
	OWN_SPF_KNOWN,
};

/* What was met on the walk, as bits. */
enum own_spf_note {
	OWN_SPF_HAS_MACRO = 1 << 0, /* not evaluated */
	OWN_SPF_HAS_EXISTS = 1 << 1,
	OWN_SPF_HAS_PTR = 1 << 2,
	OWN_SPF_IS_WIDE = 1 << 3, /* "+all", or a network that is too wide */
	OWN_SPF_LOOK_UP_FAILED = 1 << 4,
	OWN_SPF_IS_INVALID = 1 << 5,    /* a record, maybe an included one, is none for receivers */
	OWN_SPF_MANY_LOOK_UPS = 1 << 6, /* more than receivers make */
	OWN_SPF_LOOPS = 1 << 7,
	OWN_SPF_MANY_NETWORKS = 1 << 8,
};
/* With one of these the set may lack addresses. */
#define OWN_SPF_PARTIAL                                                                      \
	(OWN_SPF_HAS_MACRO | OWN_SPF_HAS_EXISTS | OWN_SPF_HAS_PTR | OWN_SPF_LOOK_UP_FAILED | \
	 OWN_SPF_IS_INVALID | OWN_SPF_MANY_LOOK_UPS | OWN_SPF_LOOPS | OWN_SPF_MANY_NETWORKS)

struct own_spf_network {
	struct ip ip;
	guint bits; /* of 128, see ip_is_in() */
};

struct own_spf {
	enum own_spf_state state;
	guint notes;
	GArray *networks;    /* struct own_spf_network: named with "+" */
	GArray *refused;     /* the same, with "-", "~" or "?" anywhere on the way */
	GPtrArray *services; /* char *: includes and redirects that belong to a service */
	gboolean is_known;   /* all that was asked was answered */
	gint64 good_until;   /* Unix seconds */
};

void own_spf_free(struct own_spf *spf);
typedef struct own_spf own_spf_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(own_spf_auto, own_spf_free)

/* As bytes, to be kept: state, notes and networks, the same for the same set. Append to out. */
void own_spf_pack(const struct own_spf *spf, GByteArray *out);

/* Is it one of the domain's own? NO for all where none is published, UNKNOWN where bytes are none.
 */
enum fact own_spf_packed_names(gconstpointer bytes, gsize len, const struct ip *ip);

/* Does the target of an include belong to a service that sends or keeps mail for others? */
typedef gboolean (*own_spf_is_service_fn)(gpointer data, const char *domain);

/* spf is the receiver's. */
typedef void (*own_spf_fn)(gpointer data, const char *domain, struct own_spf *spf);

struct own_spf_question {
	const char *domain;
	gint64 now; /* Unix seconds */
	own_spf_is_service_fn is_service;
	gpointer is_service_data;
};

/* Put the questions; fn hears once, from resolver_run() or resolver_free(). Copies question. */
void own_spf_ask(struct resolver *resolver, const struct own_spf_question *question, own_spf_fn fn,
		 gpointer data);

#endif
