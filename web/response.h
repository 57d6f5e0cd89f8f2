/* SPDX-License-Identifier: MIT */
/*
 * response.h - hand an answer to the HTTP library, with the header fields that every answer has.
 */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include <glib.h>
#include <microhttpd.h>

#include "web/exchange.h"

/* Called before each piece of a streamed answer: its client is still reading. */
typedef void (*response_progress_fn)(gpointer data);

/*
 * Queue x's answer; with want_close the connection ends after it. A streamed answer goes on reading
 * from x, which therefore has to live until the request has completed.
 */
enum MHD_Result response_queue(struct MHD_Connection *connection, struct exchange *x,
			       gboolean want_close, response_progress_fn progress, gpointer data);

#endif
