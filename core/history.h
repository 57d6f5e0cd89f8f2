/* SPDX-License-Identifier: MIT */
/*
 * history.h - what happened to one domain, day by day: all that finding changes needs.
 *
 * One history is about one domain of ours, or, with domain "", about all of them together; each
 * array says which of the two it is for. What is not known stays out: an empty array says nothing.
 * Rows may come in any order; rows of the same thing and day are added up. Days are UTC days since
 * 1970-01-01 (see report_day()), counts are messages.
 *
 * Changes are wanted from the day "from" on. Rows of days reach back to from - back_days, where
 * that is kept; older ones are not looked at. "First" and "last" days are those of all that is
 * kept.
 *
 * Owner: the caller. Passive.
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include <glib.h>

#include "core/facts.h"
#include "core/ip.h"
#include "core/source.h"

/* How many days before "from" are needed: those below, and some for what began before "from". */
#define HISTORY_DAYS 150
/* What is usual on a day is judged by at most so many days before it. */
#define HISTORY_USUAL_DAYS 90
/* The earliest day that can be asked for is this long ago. */
#define HISTORY_FROM_MAX 400

/* A reporter had a report on the day. */
struct history_report {
	const char *reporter;
	gint64 day;
	gint64 first_day; /* of the reporter; 0 = not known */
};

/* Mail of one class of sources. For one domain. */
struct history_class {
	enum class class;
	gint64 day;
	gint64 messages;
};

/*
 * Mail of one sender of ours: by sources of class authorized and fix, for what fell from one to the
 * other is what is looked for. For one domain.
 */
struct history_sender {
	const char *sender;
	gint64 day;
	gint64 messages;
	gint64 pass;
};

/*
 * Mail of one source on one day. Only sources whose first day is not before from - 90, and none
 * that a user's rule hides. For one domain.
 */
struct history_source {
	struct ip ip;
	enum class class; /* of today */
	guint32 asn;      /* 0 = not known */
	gint64 first_day;
	gint64 day;
	gint64 messages;
};

/* A DKIM selector with aligned passes. For one domain; all selectors. */
struct history_selector {
	const char *selector;
	const char *domain; /* d= */
	const char *home;   /* name of the sender; "" = none or not known */
	gint64 first_day;   /* of its aligned passes */
	gint64 last_day;
	gint64 days; /* with aligned passes, from first to last */
};

/* A name below the domain in From. For one domain; those first seen since "from" suffice. */
struct history_subdomain {
	const char *name;
	gint64 first_day;
	gint64 messages; /* on complete days, as far as known */
};

/* As reported or published, lower case, "" = tag absent. */
struct history_policy {
	const char *p;
	const char *sp;
	const char *adkim;
	const char *aspf;
};

/* So many reporters (not reports: one forger could send many) saw this policy on the day. For one
 * domain. */
struct history_policy_seen {
	gint64 number; /* of the policy, core/policy_number.h; what is none is passed over */
	gint64 day;
	gint64 reporters;
};

/* What DNS has. For one domain. */
struct history_dns {
	gboolean is_known;
	gint64 since_day; /* DNS has had it since then at least */
	struct history_policy policy;
};

/* Mails that came in on the day and could not be read. A fault is a word or a sentence that is the
 * same for mails of the same fault. For domain "". */
struct history_fault {
	const char *fault;
	gint64 day; /* of arrival */
	gint64 mails;
};

/*
 * What somebody found out on a day: is the address (object) on the list (part)? Is the record of
 * this name (object), which is our "rua", "ruf" or "external" (part), broken?
 */
struct history_state {
	const char *object;
	const char *part;
	gint64 day;
	enum fact answer; /* of several of a day, the worst counts */
};

enum history_mark {
	HISTORY_QUIET,
	HISTORY_RESUMED,
};

/* A takedown case got a mark on the day. */
struct history_incident {
	const char *incident; /* "D-1042" */
	const char *network;  /* as shown; "" = not known */
	gint64 day;
	enum history_mark mark;
};

struct history {
	const char *domain; /* "" = of all */
	gint64 today;       /* UTC */
	gint64 from;
	gint64 back_days; /* rows reach back so far before "from"; 0 = HISTORY_DAYS */
	gint64 first_day; /* with a report, since then; 0 = none: nothing is new */

	const struct history_report *reports; /* about this domain, or about any with "" */
	gsize n_reports;
	/* About any domain, of reporters in reports: alive, they only saw nothing of this one. May
	 * be empty, and is for domain "". */
	const struct history_report *other_reports;
	gsize n_other_reports;
	const struct history_class *classes;
	gsize n_classes;
	const struct history_sender *senders;
	gsize n_senders;
	const struct history_source *sources;
	gsize n_sources;
	const struct history_selector *selectors;
	gsize n_selectors;
	const struct history_subdomain *subdomains;
	gsize n_subdomains;
	const struct history_policy_seen *policies;
	gsize n_policies;
	struct history_dns dns;
	const struct history_fault *faults;
	gsize n_faults;
	const struct history_state *own_addresses; /* for domain "" */
	gsize n_own_addresses;
	const struct history_incident *incidents; /* for domain "" */
	gsize n_incidents;
	const struct history_state *records; /* for one domain */
	gsize n_records;
};

#endif
