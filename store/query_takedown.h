/* SPDX-License-Identifier: MIT */
/*
 * query_takedown.h - questions about the takedown list: who is on it, and what keeps others off.
 *
 * What store/query.h says of questions, answers, cursors and threads holds here.
 */
#ifndef STORE_QUERY_TAKEDOWN_H
#define STORE_QUERY_TAKEDOWN_H

#include "store/query.h"

/* More than there are guards. */
#define QUERY_GUARDS_MAX 16

/* One address of the takedown list, as far as the store knows it. */
struct query_takedown {
	struct ip ip;
	struct source_place place;
	char *rdns;         /* its reverse name, confirmed or not; "" = not known */
	char *domains;      /* owned domains it claims to be, joined with ";" */
	char *header_froms; /* those of them that are subdomains, joined with ";" */
	enum reach reach;
	GArray *sources; /* struct suspect_source: all of the address, listed or not */
	guint worst;     /* index in sources: of those listed here the one with the highest score */
	char *worst_domain;
	struct totals totals; /* of the window, over the sources that are listed here */
	gint64 ruf_samples;
	gint64 first_day;
	gint64 last_day;
	gint64 days_active;
	gint64 reporters_count;
	char *reporters;          /* joined with ";" */
	gint64 reporters_counted; /* voices of them that count: authenticated and established */
	char *spf_results;        /* distinct words, joined with ";" */
	char *spf_domains;
	char *dkim_results;
	char *dkim_domains;
	char *envelope_froms;
	char *override_reasons;
	char *report_ids; /* reporters' ids, newest first, at most 20, joined with ";" */
};
struct takedown_question {
	struct scope scope;
	gboolean allow_documentation; /* see ip_is_reportable() */
	gboolean want_evidence;       /* FALSE leaves spf_results to report_ids "" */
	/* GUARD_LISTED: the list. Else what one guard leaves out, by its number
	 * (takedown/guards.h; not GUARD_OTHER_CLASS), unreportable addresses for GUARD_ADDRESS. */
	guint8 left_out_by;
	const char *after;
	guint limit;
};
/* rows: struct query_takedown *, most messages first. */
struct query_page *query_takedown(struct store_view *view, const struct takedown_question *question,
				  GError **error);

/* How many addresses are on it, and how many are left out, by class and by guard. */
struct query_takedown_counts {
	gint64 addresses;
	gint64 messages;
	gint64 left_out[N_CLASSES];       /* by their class alone */
	gint64 guarded[QUERY_GUARDS_MAX]; /* by the guard of this number */
};
gboolean query_takedown_counts(struct store_view *view, const struct scope *scope,
			       gboolean allow_documentation,
			       struct query_takedown_counts *ret_counts, GError **error);

/*
 * What the guards are asked of one address: its reach, and a struct suspect_source for each of its
 * sources with its domain. NULL without error where it was never seen. Caller frees.
 */
struct query_suspect {
	enum reach reach;
	GArray *sources;    /* struct suspect_source */
	GPtrArray *domains; /* char *, of the source at the same place */
};
struct query_suspect *query_suspect(struct store_view *view, const struct ip *ip, GError **error);
void query_suspect_free(struct query_suspect *suspect);
typedef struct query_suspect query_suspect_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_suspect_auto, query_suspect_free)

#endif
