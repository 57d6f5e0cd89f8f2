/* SPDX-License-Identifier: MIT */
/*
 * exchange.h - one request and its answer; knows nothing of the HTTP library.
 *
 * The server makes it, fills the request, calls exchange_answer() and sends what then stands in
 * answer. Pages of the house itself (login, appearance) reach from their page to the exchange
 * around it by exchange_of().
 */
#ifndef WEB_EXCHANGE_H
#define WEB_EXCHANGE_H

#include <glib.h>

#include "web/page.h"
#include "web/request_private.h"
#include "web/site.h"

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_OTHER,
};

struct answer {
	guint status;
	const char *type;
	GBytes *body;       /* NULL: exchange_more() makes it piece by piece */
	GPtrArray *headers; /* char *: name, value, name, value ... */
};

struct exchange {
	struct page page; /* first, see exchange_of() */
	struct page_context context;
	struct site *site;
	enum method method;
	struct request *request;
	const struct page_route *route;
	char *tail; /* see page.tail */
	char *user;
	char *token;           /* of the session, where user is set */
	char *program;         /* the name of the token, where a token asks; then user is NULL */
	struct upload *upload; /* the files of a POST, where the route takes them */
	gboolean is_admitted;
	char *theme;
	const char *template;      /* shown instead of the route's own, where not NULL */
	const char *cache_control; /* "private, no-store", but for static files */
	char *tag;                 /* ETag of the answer, or NULL */
	char **columns;            /* of a CSV; NULL in any other answer */
	GString *piece;            /* of the CSV that is rendered and not sent yet, or NULL */
	gboolean has_more;         /* rows of the CSV that are not rendered yet */
	char *fault;               /* what the log should say, or NULL */
	struct answer answer;
};

struct exchange *exchange_new(struct site *site, enum method method);
void exchange_free(struct exchange *x);
typedef struct exchange exchange_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(exchange_auto, exchange_free)

struct exchange *exchange_of(struct page *page);

/*
 * Find the page and ask all that is asked before it runs, but for the form's token, which is in the
 * body. FALSE: it is answered. For the server, which reads no large body for nobody.
 */
gboolean exchange_admit(struct exchange *x);

/* Does the form of an admitted POST come from a page of ours? Asked before files are handed in. */
gboolean exchange_may_change(const struct exchange *x);

/* Answer x->request, whatever it is. */
void exchange_answer(struct exchange *x);

/* Answer with text, which is taken. */
void exchange_set_answer(struct exchange *x, guint status, const char *type, GString *text);

/* Answer with a page in the frame. */
void exchange_answer_html(struct exchange *x, guint status, const char *template, json_t *root);

/* Answer with 303 See Other. */
void exchange_redirect(struct exchange *x, const char *location);

/* Answer with an error of this status: a page, or RFC 9457 problem JSON. */
void exchange_fail(struct exchange *x, guint status, const char *sentence);

/* The same, with status by the code of error: INVALID 400, DENIED 403, AGAIN 503, others 500. */
void exchange_fail_error(struct exchange *x, const GError *error);

/*
 * Append the next piece of a CSV to out. FALSE where there is no more, or with error where the
 * rest cannot be had: the answer then must end as broken.
 */
gboolean exchange_more(struct exchange *x, GString *out, GError **error);

void exchange_add_header(struct exchange *x, const char *name, const char *value);

/* Put in what the frame around every HTML page shows, see render.h. */
void exchange_add_frame(struct exchange *x, json_t *root);

/* Answer with the static file of this name. */
void exchange_answer_file(struct exchange *x, const char *name);

/* Does the client hold the answer of this ETag already? Then it is answered with 304. */
gboolean exchange_answer_unchanged(struct exchange *x, const char *tag);

#endif
