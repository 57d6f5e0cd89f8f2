/* SPDX-License-Identifier: MIT */
/*
 * user_rule.h - what a user said about senders, and what such a rule is matched with.
 *
 * A rule labels; it changes no record and no number. Passive; no pointer in it is owned.
 */
#ifndef CORE_USER_RULE_H
#define CORE_USER_RULE_H

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
	RULE_CLASS_IGNORE,    /* ignored: hidden from headlines and alerts */
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

#endif
