/* SPDX-License-Identifier: MIT */
/*
 * page.h - what a page is: one handler that fills one value tree, with three faces.
 *
 * A page handler reads the request, asks the store, and fills page->root, a JSON object. The HTML
 * template, the JSON answer and the CSV are renderings of that same tree, so they cannot disagree.
 *
 * Conventions of the tree
 *   - Members whose name begins with "_" are for HTML only (links, SVG, ticks, "_selected") and
 *     are left out of the JSON answer.
 *   - A list page puts its rows under the name "data" and the cursor for more under "next".
 *   - Numbers are JSON integers. Beside a number n that HTML shows, the template writes {{n}}: the
 *     renderer prints integers with thousands separators; "{{&n}}" prints them bare.
 *   - What is unknown is null or left out, never 0 or "".
 *   - Days are "2026-11-22", instants "2026-11-22T05:10:00Z".
 *
 * Adding a page: one page_NAME.c with a `const struct page_route`, one line in router.c's table,
 * one template, its tests.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <glib.h>
#include <jansson.h>

#include "analysis/change_limits.h"
#include "analysis/weights.h"
#include "core/sender.h"
#include "store/query.h"
#include "store/store.h"
#include "web/request.h"

/* reason: "" or why. arrival: the mail's number in the store's ledger. Must not block. */
typedef void (*web_submitted_fn)(gpointer cookie, enum outcome outcome, const char *reason,
				 gint64 arrival);

/* Look-ups in the DNS, since the start. */
#define WEB_WHY_LEN 256
struct web_lookups {
	gboolean is_enabled;
	gint64 asked_at; /* Unix seconds, 0 = not yet */
	gint64 n_asked;
	gint64 n_facts;
	char why[WEB_WHY_LEN]; /* they do not work; "" = they do */
};

/* What app plugs in; the web floor does not know ingest. All may be called from any thread. */
struct web_hooks {
	/* Read a kept mail again. FALSE and error where it still cannot be read. */
	gboolean (*retry)(gpointer data, gint64 kept_id, GError **error);
	gpointer data;
	/*
	 * Read a mail or report file and store it; never waits. done is called once, from any
	 * thread: after the commit, or with RETRY.
	 */
	void (*submit)(gpointer submit_data, GBytes *bytes, const char *locator,
		       web_submitted_fn done, gpointer cookie);
	gpointer submit_data;
	/* The known sender of this id, NULL for any other. */
	const struct sender *(*find_sender)(gpointer find_sender_data, const char *id);
	gpointer find_sender_data;
	/* The organisational domain by the public suffix list, a suffix of domain; NULL = there is
	 * no list. */
	const char *(*find_org)(gpointer find_org_data, const char *domain);
	gpointer find_org_data;
	/* What look-ups in the DNS do; NULL = there are none. */
	void (*lookups)(gpointer lookups_data, struct web_lookups *ret_lookups);
	gpointer lookups_data;
};

/* Who may read /metrics. */
enum web_metrics {
	WEB_METRICS_TOKEN, /* a token with that right, and users */
	WEB_METRICS_OPEN,  /* everybody */
	WEB_METRICS_OFF,   /* nobody: there is no such page */
	N_WEB_METRICS,
};

struct page_context {
	struct store *store;
	const struct web_hooks *hooks;
	gboolean allow_documentation;
	enum web_metrics metrics;
	struct weights weights; /* that sources were judged with */
	struct change_limits changes;
	const char *version;
	gint64 now; /* Unix seconds, the same for the whole request */
};

enum page_face {
	PAGE_HTML,
	PAGE_JSON,
	PAGE_CSV,
	PAGE_XML,
};

struct page {
	const struct page_context *context;
	struct store_view *view; /* of the serving thread */
	const struct request *request;
	enum page_face face;
	const char *user; /* NULL where a token asks */
	guint rights;     /* enum right, as bits */
	const char *tail; /* what stands for "*" in the route: "192.0.2.1", "17" */
	guint limit;      /* rows to show: 50, or up to 1000 for CSV, JSON, print */

	/* Filled by the handler. */
	json_t *root;          /* an empty object to begin with */
	guint status;          /* 200 unless set */
	char *location;        /* set: answer 303 See Other to it (after a POST) */
	GBytes *body;          /* set: answer these bytes instead of root ... */
	const char *body_type; /* ... of this type, as an attachment ... */
	char *body_name;       /* ... of this file name */
};

/* FALSE with error: INVALID shows as 400, DENIED as 403, AGAIN as 503, others 500. 404:
 * page_absent. */
typedef gboolean (*page_fn)(struct page *page, GError **error);

struct csv_column {
	const char *name; /* header cell, and the member of each row of "data" */
};

struct page_route {
	const char *path;     /* "/sources", or with a star for one segment: "/sources/" "*" */
	const char *menu;     /* which menu entry is current: "sources" */
	const char *template; /* "sources" for templates/sources.html */
	page_fn get;
	page_fn post; /* NULL, or the change; the CSRF token was checked before */
	const char *const
		*csv; /* NULL-terminated column names = members of the rows; NULL: no CSV */
	const char *file_name; /* of the CSV download, without suffix */
	gboolean has_xml;      /* the handler also answers PAGE_XML by page->body */
	gboolean is_public;    /* works without login */
	guint get_right;       /* enum right: who lacks it gets 403; 0 = none is needed ... */
	guint post_right;      /* ... and a token reaches nothing that needs none */
	/* NULL, or whether it works without login as things are; then it says something else each
	 * time. */
	gboolean (*is_open)(const struct page_context *context);
	gboolean takes_files; /* post gets mails and report files, see exchange.upload */
};

/* May the visitor see what people wrote to each other? */
static inline gboolean
page_shows_samples(const struct page *page)
{
	return (page->rights & RIGHT_RUF_READ) != 0;
}

/* Mark the answer as 404 with a sentence; returns TRUE so that handlers can return it. */
gboolean page_absent(struct page *page, const char *sentence);

#endif
