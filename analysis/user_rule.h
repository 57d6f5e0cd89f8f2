/* SPDX-License-Identifier: MIT */
/*
 * user_rule.h - what a user said about senders, and which of these rules speaks of a source.
 *
 * The most specific match wins: address, then the longest network, the longest reverse name, DKIM
 * domain with selector, DKIM domain, SPF domain, sender, AS number. Of two equals the one for a
 * domain wins over one for all, then the newest. A rule labels; it changes no record and no number.
 *
 * Owner: the caller; nothing here is copied. Pure; threads: any.
 */
#ifndef ANALYSIS_USER_RULE_H
#define ANALYSIS_USER_RULE_H

#include <glib.h>

#include "core/ip.h"

/* Most specific first. Stored by name. */
enum rule_kind {
	RULE_KIND_IP,
	RULE_KIND_CIDR,
	RULE_KIND_RDNS,     /* suffix of a confirmed reverse name, on a label border */
	RULE_KIND_SELECTOR, /* d= or selector._domainkey.d= of a passing signature */
	RULE_KIND_SPF,      /* a domain that SPF passed for */
	RULE_KIND_SENDER,   /* id of the sender */
	RULE_KIND_ASN,
	N_RULE_KINDS,
};

enum rule_class {
	RULE_CLASS_MINE,      /* authorized */
	RULE_CLASS_FIX,       /* "mine-fix" */
	RULE_CLASS_FORWARDER, /* forwarder */
	RULE_CLASS_IGNORE,    /* keeps its class, is hidden from headlines and alerts */
	RULE_CLASS_SPOOF,     /* unauthorized */
	N_RULE_CLASSES,
};

struct user_rule {
	gint64 id;
	enum rule_kind kind;
	enum rule_class class;
	const char *text;   /* what is matched, lower case: kinds RDNS to SENDER */
	const char *domain; /* the owned domain it speaks of, "" = all */
	gint64 expires_at;  /* 0 = never */
	struct ip ip;       /* kinds IP and CIDR */
	guint32 prefix;     /* kind CIDR: bits of the 128 (an IPv4 /24 is 120) */
	guint32 asn;        /* kind ASN */
};

/* A signature that passed. */
struct rule_signature {
	const char *domain;
	const char *selector; /* "" = not reported */
};

/* What a rule may match. Texts are lower case, "" = not known; results that failed stand nowhere,
 * since anybody can write them. */
struct rule_subject {
	struct ip ip;
	const char *domain; /* the owned domain */
	const char *rdns;   /* confirmed */
	const char *sender;
	guint32 asn; /* 0 = not known */
	const struct rule_signature *signatures;
	gsize n_signatures;
	const char *const *spf_domains;
	gsize n_spf_domains;
};

/*
 * Read the text a user wrote for kind ("198.51.100.0/24", "mail.example", "AS64500") into rule's
 * kind and its match members. DENIED with what was expected. rule->text borrows text, which must
 * be lower case.
 */
gboolean user_rule_parse(struct user_rule *rule, enum rule_kind kind, const char *text,
			 GError **error);

/* The rule in force for subject at now (Unix seconds), or NULL. */
const struct user_rule *user_rules_find(const struct user_rule *rules, gsize n_rules,
					const struct rule_subject *subject, gint64 now);

/* "ip", "cidr", ...; "mine", "mine-fix", "forwarder", "ignore", "spoof". */
const char *rule_kind_name(enum rule_kind kind);
const char *rule_class_name(enum rule_class class);

#endif
