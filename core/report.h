/* SPDX-License-Identifier: MIT */
/*
 * report.h - one DMARC aggregate report (RFC 9990 section 3; RFC 7489 appendix C).
 *
 * Header fields are plain strings. Records are many and repeat themselves, so whatever a record
 * says in words is a number: an index into the report's table of names, or the number of a set of
 * authentication results or override reasons that several records share. Name 0 is always "".
 *
 * Strings are UTF-8 without control or bidi characters, never NULL ("" = absent), and live in the
 * document that owns the report. Texts are verbatim after trimming; defaults are not filled in.
 * Instants are Unix seconds, UTC; counts are messages.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include <glib.h>

#include "core/ip.h"

enum disposition {
	DISPOSITION_MISSING,
	DISPOSITION_NONE,
	DISPOSITION_PASS, /* RFC 9990: passed under an enforcing policy; delivered like "none" */
	DISPOSITION_QUARANTINE,
	DISPOSITION_REJECT,
	DISPOSITION_OTHER, /* a word no RFC knows; record.disposition_name has it */
	N_DISPOSITIONS,
};

/* What policy_evaluated says of one aligned mechanism. */
enum aligned {
	ALIGNED_MISSING, /* not reported: unknown, never counted as a pass */
	ALIGNED_PASS,
	ALIGNED_FAIL,
	N_ALIGNED,
};

enum auth_kind {
	AUTH_DKIM,
	AUTH_SPF,
};

/* One <dkim> or <spf> element of auth_results; every word is a name index. */
struct auth_result {
	enum auth_kind kind;
	guint32 domain;
	guint32 selector; /* DKIM only */
	guint32 scope;    /* SPF only: mfrom or helo */
	guint32 result;   /* lower case, as reported: pass, fail, softfail, ... */
	guint32 human_result;
};

/* One policy override reason. */
struct reason {
	guint32 type; /* lower case */
	guint32 comment;
};

/* A run of report.auth_results or report.reasons. Set 0 is always the empty one. */
struct run {
	guint32 first;
	guint32 n;
};

struct record {
	struct ip source_ip; /* none where the text is no address; then source_text has it */
	gint64 count;        /* messages */
	guint32 source_text; /* name index, 0 where source_ip is good */
	guint32 header_from;
	guint32 envelope_from;
	guint32 envelope_to;
	guint32 auth_set;         /* index into report.auth_sets */
	guint32 reason_set;       /* index into report.reason_sets */
	guint32 disposition_name; /* name index, lower case, as reported */
	guint8 disposition;       /* enum disposition */
	guint8 dkim;              /* enum aligned */
	guint8 spf;               /* enum aligned */
};

/* The policy record as the reporter saw it. Absent tags are "". */
struct policy {
	const char *domain; /* lower case, no trailing dot */
	const char *p;
	const char *sp;
	const char *np;
	const char *adkim;
	const char *aspf;
	const char *fo;
	const char *pct;
	const char *testing;
	const char *discovery_method;
};

struct report {
	const char *xmlns; /* namespace of the root element, "" for none */
	const char *version;
	const char *org_name;
	const char *org_email;
	const char *extra_contact_info;
	const char *report_id;
	const char *generator;
	gint64 begin_at;
	gint64 end_at;
	struct policy policy;
	GPtrArray *errors; /* const char *: report_metadata/error */
	GPtrArray *names;  /* const char *: the table of names; names[0] is "" */
	GArray *records;   /* struct record, in file order */
	gint64 left_out;   /* records of which nothing certain was left, and which are not here */
	GArray *auth_results; /* struct auth_result */
	GArray *auth_sets;    /* struct run over auth_results */
	GArray *reasons;      /* struct reason */
	GArray *reason_sets;  /* struct run over reasons */
	/* Of records that document_hand_on() has given away, which stood before those above. */
	guint n_taken;
	gint64 taken_messages;
};

/* DMARC passes where DKIM or SPF passed aligned (RFC 9989 section 5.4). */
static inline gboolean
record_is_pass(const struct record *record)
{
	return record->dkim == ALIGNED_PASS || record->spf == ALIGNED_PASS;
}

static inline const char *
report_name(const struct report *report, guint32 index)
{
	return g_ptr_array_index(report->names, index);
}

/*
 * Who sent the report, for keys and display: org_name, or else the domain of org_email, or else
 * "unknown". Owned by the document.
 */
const char *report_reporter(const struct report *report);

/* A message total that stays at G_MAXINT64 instead of wrapping. */
gint64 count_add(gint64 a, gint64 b);

/*
 * The UTC day (days since 1970-01-01) a report counts on: that of the middle of its period up to 36
 * hours, else that of begin. Longer periods are spread by the store's rollups.
 */
gint64 report_day(const struct report *report);

/*
 * Does one override reason say that the message was forwarded? forwarded, trusted_forwarder,
 * mailing_list, or local_policy whose comment tells of arc=pass (RFC 9990 dropped "forwarded").
 */
gboolean reason_is_forwarding(const char *type, const char *comment);

#endif
