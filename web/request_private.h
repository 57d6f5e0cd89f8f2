/* SPDX-License-Identifier: MIT */
/*
 * request_private.h - how the server makes a request; pages see request.h only.
 *
 * Errors: LIMIT shows as 414 or 413, INVALID as 400.
 */
#ifndef WEB_REQUEST_PRIVATE_H
#define WEB_REQUEST_PRIVATE_H

#include <glib.h>

#include "web/page.h"
#include "web/request.h"

#define REQUEST_MAX_TARGET_BYTES 8192
#define REQUEST_MAX_PATH_BYTES   512
#define REQUEST_MAX_PARAMS       64    /* max_request_params */
#define REQUEST_MAX_PARAM_BYTES  1024  /* max_param_bytes */
#define REQUEST_MAX_BODY_BYTES   65536 /* max_body_bytes */

/* The header fields that decide something. */
enum request_header {
	REQUEST_COOKIE,
	REQUEST_HOST,
	REQUEST_ORIGIN,
	REQUEST_SEC_FETCH_SITE,
	REQUEST_IF_NONE_MATCH,
	REQUEST_ACCEPT_ENCODING,
	REQUEST_CONTENT_TYPE,
	REQUEST_AUTHORIZATION,
	N_REQUEST_HEADERS,
};

/* "Cookie", "Host", ... */
const char *request_header_name(enum request_header header);

/* Read the target of a request line: "/sources.json?domain=example.org". */
struct request *request_new(const char *target, GError **error);
void request_free(struct request *request);
typedef struct request request_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(request_auto, request_free)

/* The target as it came. */
const char *request_target(const struct request *request);

void request_set_peer(struct request *request, const char *peer);
void request_set_header(struct request *request, enum request_header header, const char *value);

/* Read a body of application/x-www-form-urlencoded. */
gboolean request_set_body(struct request *request, const char *bytes, gsize len, GError **error);

/* Append to the field of a form that comes in pieces. LIMIT as request_set_body(), INVALID. */
gboolean request_add_field(struct request *request, const char *name, const char *bytes, gsize len,
			   GError **error);

/* Let parameter name have value from now on: for the next page of a list. */
void request_set_param(struct request *request, const char *name, const char *value);

/* What the suffix asks for; PAGE_HTML where there is none. Below /api/v1 no suffix is PAGE_JSON. */
enum page_face request_face(const struct request *request);

/* The field's value, or NULL. */
const char *request_header(const struct request *request, enum request_header header);

/* The value of a cookie, or NULL. Caller frees. */
char *request_cookie(const struct request *request, const char *name);

/* Where to go after a form: path as given where it is a path of this site, or else "/". */
const char *request_local_path(const char *path);

#endif
