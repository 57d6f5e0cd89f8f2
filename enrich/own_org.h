/* SPDX-License-Identifier: MIT */
/*
 * own_org.h - the organisational domain of an owned domain, as its DNS has it (RFC 9989 section
 * 4.10): enrich/tree_walk.h over a resolver.
 *
 * For people to read. What judges a source goes by the Public Suffix List (enrich/org_domain.h) as
 * before: reports come from receivers of both kinds, and what they say of alignment is taken as
 * they say it.
 *
 * Threads: one per walk.
 */
#ifndef ENRICH_OWN_ORG_H
#define ENRICH_OWN_ORG_H

#include "net/resolver.h"

#define OWN_ORG_GOOD_MIN_S 3600
#define OWN_ORG_GOOD_MAX_S 86400

enum own_org_state {
	OWN_ORG_UNKNOWN, /* not known now: an answer that the walk needs is missing or incomplete */
	OWN_ORG_NONE,    /* no DMARC record at the name or above: it stands for itself */
	OWN_ORG_FOUND,
};

struct own_org {
	enum own_org_state state;
	char *domain;      /* in lower case; "" = unknown */
	gint64 good_until; /* Unix seconds */
};

/* Afterwards all is 0. */
void own_org_clear(struct own_org *org);

/* org is the receiver's, to be cleared; the struct itself is gone when it returns. */
typedef void (*own_org_fn)(gpointer data, const struct own_org *org);

/*
 * Put the questions, one after the other; at most TREE_WALK_QUERIES_MAX. fn hears once, from
 * resolver_run() or resolver_free(), or at once where name is none. now: Unix seconds.
 */
void own_org_ask(struct resolver *resolver, const char *name, gint64 now, own_org_fn fn,
		 gpointer data);

#endif
