/* SPDX-License-Identifier: MIT */
/*
 * dns_facts.h - what look-ups found out about addresses and owned domains, for the store to keep;
 * and what is to be asked next.
 *
 * A failed look-up replaces no known fact; it only says when to ask again. Whoever asks decides
 * what is asked and when a fact is too old (store_edit_lookups_expire()).
 *
 * Owner: texts and blobs are the caller's. Threads: as store.h and query.h say.
 */
#ifndef STORE_DNS_FACTS_H
#define STORE_DNS_FACTS_H

#include "core/facts.h"
#include "core/ip.h"
#include "store/query.h"
#include "store/store.h"

struct dns_address {
	struct ip ip;
	gboolean has_rdns; /* it was asked for */
	gboolean is_rdns_known;
	enum rdns_state rdns;
	const char *name; /* confirmed or not, "" = none */
	gint64 rdns_until;
	gboolean has_dnsbl;
	gboolean is_dnsbl_known; /* every list answered; what a few said counts all the same */
	gint64 dnsbl_spam;       /* FACT_N_UNKNOWN */
	enum fact on_policy_list;
	const char *said; /* see core/list_word.h */
	gint64 dnsbl_until;
};

struct dns_domain {
	const char *domain;
	gboolean has_spf; /* it was asked for */
	gboolean is_spf_known;
	gint64 spf_state; /* as the asker numbers it, and notes */
	gint64 spf_notes;
	const GByteArray *networks; /* what store_judge.names_address() reads */
	const char *services;       /* domains of services that it includes, a space between */
	gint64 spf_until;
	gboolean has_org; /* the organisational domain by DNS was asked for */
	gboolean is_org_known;
	gboolean has_record; /* a DMARC record was met; without one the domain stands for itself */
	const char *org;
	gint64 org_until;
};

struct dns_found {
	gint64 now;
	GArray *addresses; /* struct dns_address */
	GArray *domains;   /* struct dns_domain */
};

/*
 * Keep it, and have judged anew what it changes, when the writer is idle. An address or domain that
 * the store has not is left out.
 */
gboolean store_edit_lookups(struct store *store, const struct dns_found *found, GError **error);

/* Forget facts that were found out before this instant: nobody is accused by old news. */
gboolean store_edit_lookups_expire(struct store *store, gint64 before, GError **error);

/* --- What to ask --- */

struct dns_due {
	struct ip ip;
	gboolean wants_rdns; /* never asked for, or it is time to ask again */
	gboolean wants_dnsbl;
};
struct dns_due_question {
	gint64 now;
	gboolean does_rdns;
	gboolean does_dnsbl;
	guint limit;
};

/* How far sources were looked through; all 0 = from the start. */
struct dns_walk {
	guint step;
	gint64 rank; /* its class, and among those to review its score */
	gint64 messages;
	gint64 domain;
	gint64 address;
	gboolean is_begun; /* the step is */
	gboolean is_done;  /* all were looked through */
};

/* So many sources are looked at in one question. */
#define DNS_WALK_MAX 50000

/*
 * Append struct dns_due to due: addresses with mail in the last 30 days, those of spoofers, of
 * sources to review and to fix before the others, most messages first; those to review in the order
 * of their score, and of equal scores most messages first. It goes on where walk stands and may
 * find fewer than limit, or none, before walk is done. No address twice in one question.
 */
gboolean query_dns_due(struct store_view *view, const struct dns_due_question *question,
		       struct dns_walk *walk, GArray *due, GError **error);

struct dns_due_domain {
	char *name;
	gboolean wants_spf;
	gboolean wants_org;
};
struct dns_due_domains_question {
	gint64 now;
	gboolean does_spf;
	gboolean does_org;
	guint limit;
};

/* Owned domains with mail in the last 30 days of which something is to be asked: struct
 * dns_due_domain, most messages first. NULL and error on failure; caller unrefs. */
GArray *query_dns_due_domains(struct store_view *view,
			      const struct dns_due_domains_question *question, GError **error);

/* --- What is known --- */

struct query_dns {
	gboolean was_rdns_asked;
	gboolean is_rdns_known;
	enum rdns_state rdns;
	char *name; /* confirmed or not; "" = none */
	gint64 rdns_at;
	gboolean is_dnsbl_known;
	gint64 dnsbl_spam;
	enum fact on_policy_list;
	char *said;
	gint64 dnsbl_at;
};
void query_dns_clear(struct query_dns *dns);
typedef struct query_dns query_dns_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(query_dns_auto, query_dns_clear)

/* Nothing is known of an address that was never asked about. Clear it either way. */
gboolean query_dns(struct store_view *view, const struct ip *ip, struct query_dns *ret_dns,
		   GError **error);

/* The organisational domain of an owned domain by DNS (RFC 9989 section 4.10). */
struct query_org {
	gboolean was_asked;
	gboolean is_known;   /* and what follows is, however long ago */
	gboolean has_record; /* FALSE: no DMARC record was met, and the domain stands for itself */
	char *domain;        /* "" = unknown */
	gint64 known_at;
};
void query_org_clear(struct query_org *org);
typedef struct query_org query_org_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(query_org_auto, query_org_clear)

/* Nothing is known of a domain that was never asked about. Clear it either way. */
gboolean query_org(struct store_view *view, const char *domain, struct query_org *ret_org,
		   GError **error);

#endif
