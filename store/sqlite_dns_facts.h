/* SPDX-License-Identifier: MIT */
/*
 * sqlite_dns_facts.h - what is known of one address, and from the DNS of one owned domain, for
 * judging.
 */
#ifndef STORE_SQLITE_DNS_FACTS_H
#define STORE_SQLITE_DNS_FACTS_H

#include "core/facts.h"
#include "store/judge.h"
#include "store/sqlite_handle.h"

/* A name of the DNS as text (RFC 1035 section 2.3.4), and its end. */
#define HOST_NAME_LEN 254

struct host_facts {
	struct ip ip; /* all 0 where the source is none */
	guint32 asn;  /* 0 = unknown */
	enum rdns_state rdns;
	char name[HOST_NAME_LEN]; /* "" = none is confirmed */
	gint64 dnsbl_spam;        /* FACT_N_UNKNOWN */
	enum fact on_policy_list;
};
gboolean host_facts_read(struct db *db, guint32 address, struct host_facts *ret_facts,
			 GError **error);

/* The published SPF of a domain. */
struct spf_facts {
	GBytes *networks; /* as the judge packed them; empty = not known */
	GStrv senders;    /* ids of the senders of services that it includes */
};
gboolean spf_facts_read(struct db *db, const struct store_judge *judge, guint32 domain,
			struct spf_facts *ret_facts, GError **error);
void spf_facts_clear(struct spf_facts *facts);

enum fact spf_facts_names(const struct spf_facts *facts, const struct store_judge *judge,
			  const struct ip *ip);
gboolean spf_facts_includes(const struct spf_facts *facts, const char *sender);

#endif
