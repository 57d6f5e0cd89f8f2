/* SPDX-License-Identifier: MIT */
/*
 * server_body.h - what a POST carries, while it arrives: a form of a few fields, or files.
 *
 * Where the page takes files, the visitor is asked who he is before anything is read. Files come as
 * multipart/form-data (RFC 7578), or the body is the one file itself, whatever type it claims.
 */
#ifndef WEB_SERVER_BODY_H
#define WEB_SERVER_BODY_H

#include <glib.h>
#include <microhttpd.h>

#include "web/exchange.h"

struct body;

/*
 * length: what Content-Length says, 0 = unknown. NULL: not to be read, x has the answer, and the
 * connection ends after it.
 */
struct body *body_new(struct MHD_Connection *handle, struct exchange *x, guint64 length);
void body_free(struct body *body);

/* FALSE: it does not end, cut it off. */
gboolean body_take(struct body *body, const char *bytes, gsize len);

/* All of it is there. FALSE: x has the answer. */
gboolean body_finish(struct body *body);

#endif
