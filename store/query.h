/* SPDX-License-Identifier: MIT */
/*
 * query.h - questions to the store and their answers, as plain structs.
 *
 * A store_view is a read-only handle for one thread; the types do not let a page write. Every
 * question that lists takes a limit and a cursor and reads an ordered index from there, so that a
 * page costs the same at any size of the store. Answers own their strings and are freed by the
 * function beside them; unknown texts are "", never NULL.
 *
 * Days are UTC days since 1970-01-01. The last day of a window is min(last day with mail, today).
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include <glib.h>

#include "core/alignment.h"
#include "core/document.h"
#include "core/facts.h"
#include "core/report.h"
#include "core/source.h"
#include "core/suspect.h"
#include "store/store.h"

struct store_view;

struct store_view *store_view_open(struct store *store, GError **error);
void store_view_close(struct store_view *view);
typedef struct store_view store_view_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_view_auto, store_view_close)

/* Changes whenever an answer may change: for ETags. */
gint64 store_view_version(struct store_view *view);

/* The windows that have rollups of their own. */
enum window {
	WINDOW_7D,
	WINDOW_30D,
	WINDOW_90D,
	WINDOW_ALL,
	N_WINDOWS,
};

/* "7d", "30d", "90d", "all". */
const char *window_name(enum window window);
gboolean window_parse(const char *name, enum window *ret_window);

/* What a page is about: one owned domain (NULL = all of them) in one window. */
struct scope {
	const char *domain;
	enum window window;
};

/* --- The whole --- */

struct query_bounds {
	gboolean has_mail;       /* FALSE: the store is empty, days mean nothing */
	gint64 first_day;        /* first day of the scope that has mail */
	gint64 last_day;         /* the last day of every window */
	gint64 from_day;         /* first day of the window */
	gint64 domains;          /* owned domains in all */
	gint64 reports;          /* counted reports in all */
	gint64 last_received_at; /* when the last mail came in, 0 = never */
};
gboolean query_bounds(struct store_view *view, const struct scope *scope,
		      struct query_bounds *ret_bounds, GError **error);

/* Sources and messages by class in the scope; index is enum class. before: the window before it. */
struct query_class_totals {
	gint64 sources[N_CLASSES];
	struct totals totals[N_CLASSES];
};
gboolean query_class_totals(struct store_view *view, const struct scope *scope,
			    struct query_class_totals *ret_totals, GError **error);

/* One UTC day of the scope, by class; days without mail are left out. WINDOW_ALL: the last 400. */
struct query_day {
	gint64 day;
	struct totals totals[N_CLASSES];
};
GArray *query_days(struct store_view *view, const struct scope *scope, GError **error);

struct query_reporter_days {
	gint64 day;
	gint64 reporters; /* that reported for this day so far */
	gint64 usual;     /* that reported for at least half of the 14 complete days before */
};
/* Completeness of the youngest days, newest first, at most 3. */
GArray *query_completeness(struct store_view *view, const struct scope *scope, GError **error);

/* --- Domains --- */

struct query_domain {
	char *domain;
	char *policy; /* p as last seen in a report, "" = never */
	gint64 policy_seen_at;
	gint64 reports; /* counted, lifetime */
	gint64 last_day;
	struct totals totals; /* of the window */
	gint64 sources[N_CLASSES];
	struct totals by_class[N_CLASSES];
};
/* Most messages in the window first. after: NULL or the cursor from the last answer. */
struct query_page {
	GPtrArray *rows; /* of the struct that the question names */
	char *next;      /* cursor for the next page, NULL at the end */
};
void query_page_free(struct query_page *page);
typedef struct query_page query_page_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_page_auto, query_page_free)

/* rows: struct query_domain *. A cursor that is none is INVALID. */
struct query_page *query_domains(struct store_view *view, const struct scope *scope,
				 const char *after, guint limit, GError **error);

/* --- Sources --- */

#define QUERY_SPARK_DAYS 30

struct query_source {
	struct ip ip;
	char *domain;
	enum class class; /* verdict.class and .rule */
	guint8 rule;
	struct verdict verdict;
	char *sender; /* id of a known sender, or an organisational domain; "" = not known */
	struct source_place place;
	struct totals totals; /* of the window */
	gint64 reporters;     /* distinct, lifetime */
	gint64 first_day;     /* lifetime */
	gint64 last_day;
	gint64 spark[QUERY_SPARK_DAYS]; /* messages a day, the last one is the store's last day */
};

enum source_order {
	SOURCE_ORDER_CLASS,    /* class order, then messages; what is to be reviewed by its score */
	SOURCE_ORDER_MESSAGES, /* most messages first, over all classes asked for */
};

struct source_question {
	struct scope scope;
	enum class class; /* CLASS_NONE = all */
	enum source_order order;
	const char *find; /* NULL, or an address, or its beginning ("192.0.2.", "2001:db8:1:") */
	const char *after;
	guint limit;
};
/* rows: struct query_source *; one row a source, that is an address and an owned domain. */
struct query_page *query_sources(struct store_view *view, const struct source_question *question,
				 GError **error);

/*
 * Lifetime totals by address over all domains, in the order in which they were first seen; for
 * export. A page may hold fewer rows than limit and have a next one.
 */
struct query_address {
	struct ip ip;
	struct totals totals;
	char *domains; /* owned domains that it sends for, joined with ";" */
	/*
	 * Of the one source of it that says most: unauthorized, else of the highest score, else of
	 * the most messages.
	 */
	char *domain;
	char *sender; /* as in struct query_source */
	struct source_place place;
	struct verdict verdict;
	struct facts facts;
};
struct query_page *query_addresses(struct store_view *view, const char *after, guint limit,
				   GError **error);

/* --- One source --- */

struct query_source_day {
	gint64 day;
	struct totals totals;
};
struct query_source_reporter {
	char *reporter;
	struct totals totals;
	gint64 messages_by[N_AUTHENTICATED]; /* by how the mails of its reports were authenticated
					      */
	gint64 counted;                      /* messages that rules and scores count */
	gint64 first_day;
	gint64 last_day;
};
/* One combination of results, over the newest reports that name the source. */
struct query_source_auth {
	char *domain; /* owned */
	char *header_from;
	char *envelope_from;
	char *spf;     /* "fail bounce.example (mfrom)", joined with "; " */
	char *dkim;    /* "pass example.com s1", joined with "; " */
	char *reasons; /* "mailing_list: comment", joined with "; " */
	enum disposition disposition;
	enum aligned aligned_spf;
	enum aligned aligned_dkim;
	gint64 messages;
	gint64 report; /* row id of the newest report that shows it */
};
struct query_source_detail {
	struct ip ip;
	GPtrArray *domains;   /* struct query_source *, one per owned domain, most messages first */
	GArray *days;         /* struct query_source_day, of the window, oldest first */
	GPtrArray *reporters; /* struct query_source_reporter *, most messages first */
	GPtrArray *auths;     /* struct query_source_auth *, most messages first, at most 50 */
	GPtrArray *report_ids; /* char *: "ROWID", newest first, at most 50 */
	gint64 reports_read;   /* how many reports the auths come from ... */
	gint64 reports;        /* ... of how many that name the source in the window */
};
void query_source_detail_free(struct query_source_detail *detail);

/* NULL without error where the address was never seen (in the scope's domain). */
struct query_source_detail *query_source(struct store_view *view, const struct scope *scope,
					 const struct ip *ip, GError **error);

/*
 * What the source of ip and domain is judged by, as it was judged last: for reasons in words, and
 * for the score line by line. FALSE without error where there is no such source.
 */
gboolean query_source_facts(struct store_view *view, const struct ip *ip, const char *domain,
			    struct facts *ret_facts, GError **error);

/* Its messages in the days it is judged on, by bits of enum alignment: N_ALIGNMENTS numbers. */
gboolean query_source_alignment(struct store_view *view, const struct ip *ip, const char *domain,
				gint64 *ret_messages, GError **error);

/* --- Reports --- */

struct query_report {
	gint64 id;
	gint64 day;
	char *reporter;
	char *org_name;
	char *org_email;
	char *report_id;
	char *domain;
	gint64 begin_at;
	gint64 end_at;
	gint64 received_at;
	gint64 revision_of; /* 0, or the id of the report that this one contradicts */
	gint64 warnings;
	struct totals totals;
};
struct report_question {
	struct scope scope;
	const char *reporter; /* NULL = all */
	const char *find;     /* NULL, or a report id */
	const char *after;
	guint limit;
};
/* rows: struct query_report *, newest day first. */
struct query_page *query_reports(struct store_view *view, const struct report_question *question,
				 GError **error);
void query_report_free(struct query_report *report);

struct query_warning {
	char *code;
	char *text;
};
struct query_report_detail {
	struct query_report report;
	char *version;
	char *xmlns;
	char *extra_contact_info;
	char *generator;
	char *errors; /* joined with "; " */
	char *intake;
	char *locator;
	char *part;
	char *p, *sp, *np, *adkim, *aspf, *fo, *pct, *testing, *discovery_method;
	GArray *warnings; /* struct query_warning */
	gint64 left_out;  /* records that it has beyond report.totals.records */
	gboolean has_raw;
	enum authenticated authenticated; /* the mail that carried it ... */
	char *auth_domain;                /* ... as this domain */
};
void query_report_detail_free(struct query_report_detail *detail);

/* NULL without error where there is none of this id. */
struct query_report_detail *query_report(struct store_view *view, gint64 id, GError **error);

/* The parts of a record's results, for who wants each in a column of its own. */
enum record_column {
	RECORD_DKIM_DOMAINS,
	RECORD_DKIM_SELECTORS,
	RECORD_DKIM_RESULTS,
	RECORD_SPF_DOMAINS,
	RECORD_SPF_SCOPES,
	RECORD_SPF_RESULTS,
	RECORD_REASON_TYPES,
	RECORD_REASON_COMMENTS,
	N_RECORD_COLUMNS,
};

struct query_record {
	gint64 seq; /* place in the report, from 1 */
	struct ip source_ip;
	char *source_text; /* what stood there instead of an address */
	enum class class;  /* of the source today */
	gint64 count;
	enum disposition disposition;
	char *disposition_name;
	enum aligned dkim;
	enum aligned spf;
	char *header_from;
	char *envelope_from;
	char *envelope_to;
	char *spf_results; /* as query_source_auth.spf */
	char *dkim_results;
	char *reasons;
	char *columns[N_RECORD_COLUMNS]; /* joined with ","; NULL unless they were asked for */
};
struct record_question {
	gint64 report;
	gboolean want_columns;
	gboolean want_failing_only;
	const char *after;
	guint limit;
};
/* rows: struct query_record *, in file order. */
struct query_page *query_records(struct store_view *view, const struct record_question *question,
				 GError **error);

/* The raw XML, unpacked. NULL without error where none was kept. */
GBytes *query_report_raw(struct store_view *view, gint64 id, GError **error);

/* --- Status --- */

/* Documents of one kind, since the store began; retention takes away and changes no number. */
struct query_document_count {
	gint64 counted;
	gint64 revisions;
	gint64 forgotten; /* of both, by retention */
	gint64 incidents; /* that the counted stand for */
};

struct query_stats_domain {
	char *domain;
	gint64 reports;
	struct totals totals;
};
struct query_stats {
	gint64 arrivals[N_OUTCOMES]; /* mails by outcome, since the store began */
	gint64 reports;              /* counted aggregate reports */
	gint64 revisions;
	struct query_document_count documents[N_DOCUMENT_KINDS]; /* 0 for aggregate reports */
	gint64 kept; /* unreadable mails that are kept */
	struct totals totals;
	GPtrArray *domains; /* struct query_stats_domain *, by name */
	gint64 size_bytes;  /* of the store on disk */
};
void query_stats_free(struct query_stats *stats);
/* Exact, from the reports themselves; reads every report row (not the records). */
struct query_stats *query_stats(struct store_view *view, GError **error);

struct query_status {
	gint64 arrivals[N_OUTCOMES];
	gint64 reports;
	gint64 revisions;
	struct query_document_count documents[N_DOCUMENT_KINDS]; /* as in struct query_stats */
	gint64 kept;
	gint64 kept_forgotten; /* by retention */
	gint64 last_received_at;
	gint64 size_bytes;
	gint64 lagging; /* reports that are stored and not in the rollups yet */
};
gboolean query_status(struct store_view *view, struct query_status *ret_status, GError **error);

/* What became of one part of a mail. */
struct query_part {
	char *part;
	gboolean is_document;
	enum document_kind kind; /* of a document */
	enum outcome outcome;
	char *code; /* of a fault: FAULT_* */
	char *reason;
	gint64 id; /* of the document that it brought or repeated, 0 = none */
};

/* One mail that came in. */
struct query_arrival {
	gint64 id;
	gint64 received_at;
	char *intake;
	char *locator;
	enum outcome outcome;
	char *code; /* of the reason, "" = none or not known */
	char *reason;
	/* struct query_part *, where there were a fault or several documents; at most 100. */
	GPtrArray *parts;
};
/* rows: struct query_arrival *, newest first. */
struct query_page *query_arrivals(struct store_view *view, const char *after, guint limit,
				  GError **error);
/*
 * The one of this id; parts has the only document too. NULL without error where there is none.
 * Caller frees.
 */
struct query_arrival *query_arrival(struct store_view *view, gint64 id, GError **error);
void query_arrival_free(struct query_arrival *arrival);
typedef struct query_arrival query_arrival_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_arrival_auto, query_arrival_free)

/* Mails of one outcome and one reason, apart from numbers and names in it. */
struct query_cause {
	enum outcome outcome;
	char *code;
	char *pattern;
	gint64 arrivals;
	gint64 last_at;
};
/* struct query_cause *, most mails first. Caller unrefs. */
GPtrArray *query_causes(struct store_view *view, guint limit, GError **error);

/* One unreadable mail that is kept; the same bytes are kept once. */
struct query_kept {
	gint64 id;
	gint64 first_at;
	gint64 last_at;
	gint64 arrivals;
	gint64 size_bytes;
	char *intake;
	char *locator;
	char *reason;
};
/* rows: struct query_kept *, newest first. */
struct query_page *query_kept(struct store_view *view, const char *after, guint limit,
			      GError **error);

/* --- People --- */

/* NULL without error where there is no such user. Caller frees. */
char *query_password_hash(struct store_view *view, const char *user, GError **error);
/* The user of a session that has not expired, or NULL. */
char *query_session_user(struct store_view *view, const char *token_hash, gint64 now,
			 GError **error);
/* enum right, as bits; none where there is no such user. */
gboolean query_user_rights(struct store_view *view, const char *user, guint *ret_rights,
			   GError **error);
gboolean query_has_users(struct store_view *view, GError **error);

/* ret_digest NULL where there is no token of this name. Free it. */
gboolean query_token(struct store_view *view, const char *name, char **ret_digest,
		     guint *ret_rights, GError **error);
struct query_token {
	char *name;
	guint rights;
	gint64 made_at;
};
/* struct query_token *, by name. Caller unrefs. */
GPtrArray *query_tokens(struct store_view *view, GError **error);

#endif
