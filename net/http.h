/* SPDX-License-Identifier: MIT */
/*
 * http.h - one request over HTTPS, under ceilings.
 *
 * libcurl does names, TCP, TLS 1.2 or later with verification, and HTTP. Redirects are not followed
 * and cookies not kept. Without TLS it is spoken on this very host only.
 *
 * Owner: the caller. Threads: any; nothing is shared.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <gio/gio.h>
#include <glib.h>

struct http_request {
	const char *url;      /* see http_check_url() */
	const char *form;     /* posted as application/x-www-form-urlencoded */
	const char *ca_file;  /* trust these certificates alone; "" = those of the system */
	guint timeout_s;      /* of all of it */
	gsize body_len_max;   /* ceiling of the answer; LIMIT beyond */
	GCancellable *cancel; /* gives up; NULL = nobody does */
};

struct http_answer {
	guint status;  /* RFC 9110 §15 */
	GString *body; /* as it came; may hold secrets */
};

/* https://, or http:// where the host is this one; no user in it. DENIED names the option. */
gboolean http_check_url(const char *url, const char *option, GError **error);

/*
 * Ask and read the answer, whatever its status. DENIED where a person has to change something (a
 * certificate), AGAIN for what passes, LIMIT where the answer is too long. Errors hold the URL, and
 * nothing of form or body.
 */
gboolean http_post(const struct http_request *request, struct http_answer *ret_answer,
		   GError **error);

/* Overwrites the body. */
void http_answer_clear(struct http_answer *answer);
typedef struct http_answer http_answer_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(http_answer_auto, http_answer_clear)

#endif
