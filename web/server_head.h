/* SPDX-License-Identifier: MIT */
/*
 * server_head.h - the header of a request: what is not read any further, and what pages need of it.
 */
#ifndef WEB_SERVER_HEAD_H
#define WEB_SERVER_HEAD_H

#include <glib.h>
#include <microhttpd.h>

#include "web/exchange.h"

enum method head_method(const char *name);

/* Why a proxy may have understood this header otherwise, or NULL. ret_length: Content-Length. */
const char *head_check(struct MHD_Connection *handle, enum method method, guint64 *ret_length);

/* The fields that decide something, and who asks. */
void head_copy(struct MHD_Connection *handle, struct request *request);

#endif
