/* SPDX-License-Identifier: MIT */
/*
 * server.h - the server with a table of pages of the caller's choice; others use web.h.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "web/web.h"

/* As web_start(). pages ends with NULL and outlives the server. */
struct web *server_start(const struct web_options *options, const struct page_route *const *pages,
			 GError **error);

#endif
