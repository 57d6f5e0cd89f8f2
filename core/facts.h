/* SPDX-License-Identifier: MIT */
/*
 * facts.h - all that judging one source needs: one address, one owned domain, the
 * window W of 30 days that ends at the source's last day with mail.
 *
 * Counts are messages unless the name says otherwise. What was not looked up is UNKNOWN, never 0:
 * an unknown fact adds nothing, takes nothing off and accuses nobody, but where a rule of R8 needs
 * it to be absent (ever_passed), unknown bars R8.
 *
 * There are two sides: every report, and "counted" reports alone, those whose mail was
 * authenticated and whose reporter is established (Rv), or that an operator handed in as bare
 * files. R8 and its score look at the counted side only, so that forged reports move nothing.
 *
 * Who fills what: store = sums of records; domain = sums over all sources of the domain; config =
 * the administrator; catalogue = enrich/catalogue by confirmed reverse name, domain or AS number;
 * DNS = look-ups, off by default. Passive; no pointer in it is owned.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include <glib.h>

#include "core/sender.h"

/* A number that nobody asked for. */
#define FACT_N_UNKNOWN ((gint64)-1)

enum fact {
	FACT_UNKNOWN,
	FACT_NO,
	FACT_YES,
};

/* Where the selector of the source's aligned DKIM passes lives: its home is the sender with at
 * least half of the selector's aligned passes. */
enum selector_home {
	SELECTOR_HOME_UNKNOWN,   /* no aligned DKIM pass here, or not computed */
	SELECTOR_HOME_HERE,      /* one of its selectors lives at this source's sender */
	SELECTOR_HOME_ELSEWHERE, /* all of them live at other senders */
	SELECTOR_HOME_NONE,      /* none lives here, and one is spread: a selector without a home */
};

/* A reverse name that is not confirmed by a forward look-up is no sign: RDNS_UNKNOWN. */
enum rdns_state {
	RDNS_UNKNOWN,
	RDNS_CONFIRMED, /* forward-confirmed and not generic */
	RDNS_GENERIC,   /* a name made of the address */
	RDNS_NONE,      /* looked up, there is none */
};

/* What one failing record says (analysis/row_facts.h). */
enum row_mark {
	ROW_FORWARDED = 1 << 0,
	ROW_NEUTRAL = 1 << 1,
	ROW_BARE = 1 << 2,
	ROW_OWNSIG = 1 << 3,
	ROW_NOOWN = 1 << 4,
	ROW_ORGMTA = 1 << 5,
	ROW_ESP = 1 << 6,
	ROW_TMP = 1 << 7,
};

/* Sums over the records of a set of reports; a failing message may be in several of the lower
 * ones. Filled by the store from analysis/row_facts. */
struct figures {
	gint64 messages;  /* N */
	gint64 pass;      /* A: policy_evaluated says dkim=pass or spf=pass */
	gint64 spf_pass;  /* AS */
	gint64 dkim_pass; /* AD */
	gint64 forwarded; /* Fo */
	gint64 neutral;   /* overridden for a reason that explains nothing */
	gint64 bare;      /* no authentication of any kind */
	gint64 ownsig;    /* own signature broken, selector known: forgeable */
	gint64 noown;     /* no signature of the domain */
	gint64 orgmta;    /* SPF or DKIM passed for a domain of others */
	gint64 esp;       /* by way of a known sending service */
	gint64 tmp;       /* every result of the own domain is an error of DNS or key */
	gint64 days;      /* D: distinct UTC days with mail; days, not messages */
};

/* Aligned passes of the domain in W, over all its sources. */
struct domain_figures {
	gint64 authorised;        /* the volume that cap is a share of */
	gint64 authorised_signed; /* of these: DKIM passed aligned */
};

enum side {
	SIDE_ALL,
	SIDE_COUNTED,
	N_SIDES,
};

struct facts {
	struct figures all;     /* store: every report */
	struct figures counted; /* store: counted reports only */
	struct domain_figures domain[N_SIDES];
	gint64 reporters;   /* store, Rv: counted reporters; one per row of known_reporters */
	gint64 last_seen;   /* store: last UTC day with mail */
	gint64 ever_passed; /* store: aligned passes of the address, any owned domain, whole
			     * retention; FACT_N_UNKNOWN */
	gint64 ruf_samples; /* store: counted failure reports of the address and domain */
	enum fact is_multi; /* store: by counted reports the address fails for two owned domains
			     * or more, and it passes for none */
	enum selector_home selector_home; /* store: aligned passes by selector and sender */
	enum fact
		in_own_spf; /* DNS, spfmine: ip4, ip6, a, mx or an include that is nobody's service
			     */
	enum fact is_customer; /* store, DNS, user: the sender passed aligned for an owned domain in
				* 90 days, or own SPF includes it, or a user said so */
	enum category category; /* catalogue */
	gint64 dnsbl_spam; /* DNS: operators that list it for spam or exploits; FACT_N_UNKNOWN */
	enum fact on_policy_list; /* DNS: listed as an end-user range */
	enum rdns_state rdns;     /* DNS */
	gboolean is_parked;       /* config: the domain never sends */
};

static inline gint64
figures_fail(const struct figures *figures)
{
	return MAX(figures->messages - figures->pass, 0);
}

#endif
