/* SPDX-License-Identifier: MIT */
/*
 * judge.h - what the store asks of those who judge: what a record says, who speaks through a
 * report, and whose a source is. app plugs the answers in, so that the store judges nothing itself.
 *
 * Every answer must be a pure function of its arguments and of the configuration: the store keeps
 * what follows from it, and what arrives in another order has to end in the same tables. Where the
 * configuration changed, store_edit_rejudge() makes it all anew.
 *
 * Threads: the callbacks are called by the writer and by every view, at the same time.
 */
#ifndef STORE_JUDGE_H
#define STORE_JUDGE_H

#include <glib.h>

#include "core/alignment.h"
#include "core/facts.h"
#include "core/report.h"
#include "core/source.h"
#include "core/suspect.h"
#include "core/user_rule.h"

/* What one record says beyond its totals. */
struct row_reading {
	guint32 marks;     /* enum row_mark; ROW_OWNSIG where an own signature broke, whatever
			    * became of its selector elsewhere */
	guint32 alignment; /* enum alignment */
	/*
	 * The organisational domain that it passes for without being aligned: of a signature, or
	 * else of SPF; "" where there is none, or SPF passes aligned. Lives in the report.
	 */
	const char *via;
	/*
	 * The signatures of the own domain that passed, of a record that DKIM passed aligned; those
	 * that broke, of a record that fails. "s1._domainkey.example.com", several in order with a
	 * space between; "" for none.
	 */
	GString *signatures;
};

/* Under which name a reporter is counted, and since when its mails come authenticated. */
struct voice_question {
	const char *voice; /* what name_voice() said */
	gint64 first_at;   /* when its first and its last authenticated report came */
	gint64 last_at;
	gboolean is_approved; /* by a user */
};

/* What guard() answers of a source that is on the takedown list, and of one whose class alone keeps
 * it off; any other number is a guard's. Stored. */
#define GUARD_LISTED      0
#define GUARD_OTHER_CLASS 1
/* ... and of one that is kept off by its address alone. */
#define GUARD_ADDRESS 8

/* By what a sender may be known. */
struct sender_question {
	const char *sender; /* what name_sender() or name_host() said, "" = none */
	const char *host;   /* confirmed reverse name, "" = none */
	guint32 asn;        /* 0 = unknown */
};

/* What makes the sources of a domain be judged anew when it changes. */
struct domain_effect {
	gint64 cap[N_SIDES];     /* facts_cap() */
	gboolean signs[N_SIDES]; /* facts_domain_signs() */
};

struct judge_question {
	const struct facts *facts;
	const struct rule_subject *subject;
	const struct user_rule *rules;
	gsize n_rules;
	gint64 now; /* Unix seconds, for rules that expire */
};

struct store_judge {
	gpointer cookie;
	void (*free)(gpointer cookie); /* when the store is closed; NULL = not the store's */
	/* Read one record, in the thread that writes. reading->signatures is an empty string to be
	 * filled. */
	void (*read_row)(gpointer cookie, const struct report *report, const struct record *record,
			 struct row_reading *reading);
	/*
	 * The name that reports are counted under which came authenticated for auth_domain from
	 * this address. Caller frees.
	 */
	char *(*name_voice)(gpointer cookie, const char *auth_domain, const char *from);
	gboolean (*is_established)(gpointer cookie, const struct voice_question *question);
	/* Whose is a source whose mail passes for this organisational domain? An id of a known
	 * sender, or the domain itself. */
	const char *(*name_sender)(gpointer cookie, const char *domain);
	/* Whose is one of which nothing passes, by its confirmed reverse name? The same; "" where
	 * the name does not tell. */
	const char *(*name_host)(gpointer cookie, const char *host, gboolean is_generic);
	/* Where an address is; FALSE where nothing is known. NULL: nothing is known of any. */
	gboolean (*know_place)(gpointer cookie, const struct ip *ip, struct source_place *place);
	/*
	 * Fill in what is known of the sender besides the store: the category, and the mail that
	 * comes by way of a service.
	 */
	void (*know_sender)(gpointer cookie, const struct sender_question *question,
			    struct facts *facts);
	/* Is an address one of those that a domain's SPF names? networks: what look-ups had kept of
	 * it (store/dns_facts.h). */
	enum fact (*names_address)(gpointer cookie, gconstpointer networks, gsize len,
				   const struct ip *ip);
	gboolean (*is_parked)(gpointer cookie, const char *domain);
	void (*weigh_domain)(gpointer cookie, const struct domain_figures domain[N_SIDES],
			     struct domain_effect *effect);
	struct verdict (*judge)(gpointer cookie, const struct judge_question *question);
	/* For each source of suspect the guard that leaves it out of the takedown list;
	 * documentation addresses are left out. */
	void (*guard)(gpointer cookie, const struct suspect *suspect, guint8 *ret_guards);
};

#endif
