/* SPDX-License-Identifier: MIT */
/*
 * uploads.h - from the web server into the pipeline, without the web server's threads waiting.
 */
#ifndef APP_UPLOADS_H
#define APP_UPLOADS_H

#include <glib.h>

#include "ingest/pipeline.h"
#include "web/page.h"

struct uploads;

/* The pipeline outlives it. */
struct uploads *uploads_start(struct pipeline *pipeline);

/* Nobody hands in any more. What waits for room is answered with RETRY. NULL is fine. */
void uploads_stop(struct uploads *uploads);

/*
 * The web server's hook; data: struct uploads *. Where the pipeline is full this waits for room for
 * some seconds, in a thread of its own, then the answer is RETRY.
 */
void uploads_submit(gpointer data, GBytes *bytes, const char *locator, web_submitted_fn done,
		    gpointer cookie);

#endif
