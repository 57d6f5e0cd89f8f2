/* SPDX-License-Identifier: MIT */
/*
 * query_documents.h - questions about failure reports, complaints, bounces and TLS reports.
 *
 * The same rules as in store/query.h. A domain of the scope stands for all below it as well, and
 * need not be an owned one. Recipients are tokens in all texts, see store/redact.h. Counts of TLS
 * reports are sessions.
 */
#ifndef STORE_QUERY_DOCUMENTS_H
#define STORE_QUERY_DOCUMENTS_H

#include <glib.h>

#include "core/document.h"
#include "store/query.h"

struct query_document {
	gint64 id;
	gint64 day;
	gint64 received_at;
	gboolean is_revision;
	gint64 revision_of; /* id of the one that it contradicts, 0: that one is forgotten */
	char *reporter;
	char *domain; /* the first one that it is about, "" = none named */
	gint64 incidents;
	char *intake;
	char *locator;
	gboolean has_raw;
	gboolean is_known_source; /* its address is in aggregate reports as well */
	/* Its noun, warnings, part, and of its carrier authenticated and auth_domain. */
	struct document *document;
};
void query_document_free(struct query_document *document);
typedef struct query_document query_document_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_document_auto, query_document_free)

struct document_question {
	enum document_kind kind; /* with a shape */
	struct scope scope;
	const struct ip *ip; /* NULL, or the source */
	const char *after;
	guint limit;
};
/* rows: struct query_document *, newest day first. */
struct query_page *query_documents(struct store_view *view,
				   const struct document_question *question, GError **error);

/* NULL without error where there is none of this id and kind. */
struct query_document *query_document(struct store_view *view, enum document_kind kind, gint64 id,
				      GError **error);

/* The raw JSON of a TLS report, unpacked. NULL without error where none was kept. */
GBytes *query_document_raw(struct store_view *view, gint64 id, GError **error);

/* Counted documents of a question, and the incidents that they stand for; no revisions. */
struct query_document_totals {
	gint64 documents;
	gint64 incidents;
};
gboolean query_document_totals(struct store_view *view, const struct document_question *question,
			       struct query_document_totals *ret_totals, GError **error);

/* --- TLS reports --- */

/* One policy of one report. */
struct query_tls_policy {
	gint64 document;
	gint64 day;
	gboolean is_revision;
	char *org_name;
	char *report_id;
	char *domain;
	char *type;
	struct number success;
	struct number failure;
	char *results; /* "starttls-not-supported 2; ...", as far as reported */
};
struct tls_question {
	struct scope scope;
	const char *after;
	guint limit;
};
/* rows: struct query_tls_policy *, newest day first. */
struct query_page *query_tls_policies(struct store_view *view, const struct tls_question *question,
				      GError **error);

/* Over the counted reports of a scope. */
struct query_tls_totals {
	gint64 policies;
	gint64 success;
	gint64 failure;
	gint64 without_counts; /* policies that miss one of the two */
};
gboolean query_tls_totals(struct store_view *view, const struct scope *scope,
			  struct query_tls_totals *ret_totals, GError **error);

struct query_tls_result {
	char *result;
	char *mx; /* "" = not named */
	gint64 sessions;
	gint64 details;        /* failure details that say it ... */
	gint64 without_counts; /* ... and those of them without a number */
	gint64 last_day;
};
/* struct query_tls_result *, most sessions first, at most 100. Caller unrefs. */
GPtrArray *query_tls_results(struct store_view *view, const struct scope *scope, GError **error);

#endif
