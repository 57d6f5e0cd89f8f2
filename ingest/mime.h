/* SPDX-License-Identifier: MIT */
/*
 * mime.h - walk the parts of a mail under limits.
 *
 * Every leaf part is decoded and handed to a callback, forwarded mails (message/rfc822) are walked
 * too. A part that returns another mail - a failure report or a delivery status - is announced, and
 * what it encloses is not walked: a report in there was somebody's evidence, not sent to us.
 *
 * Threads: any number at once, after mime_init().
 */
#ifndef INGEST_MIME_H
#define INGEST_MIME_H

#include <glib.h>

#include "ingest/parse.h"

struct mime_part {
	guint number;     /* counts leaf parts from 1 over the whole input */
	const char *type; /* lower case, "application/gzip" */
	const char *name; /* file name, cleaned, "" for none */
	const guint8 *bytes;
	gsize len;
};

/* One walk; the counters run on when a part turns out to be a mail itself. */
struct mime_walk {
	const struct parse_limits *limits;
	gpointer cookie;
	/* A decoded leaf part; lives until the callback returns. */
	void (*on_part)(gpointer cookie, const struct mime_part *part);
	/* A part of a type that returns a mail: "message/feedback-report", ... */
	void (*on_returned)(gpointer cookie, const char *type);
	guint n_parts;
	guint depth;
	gboolean is_auto_reply; /* RFC 3834 section 5: Auto-Submitted says so */
};

/* Once, before any thread. */
void mime_init(void);

/*
 * Walk one mail. LIMIT: max_mail_bytes, max_header_bytes, max_parts, max_mime_depth; parts before
 * the limit were handed out. INVALID: a multipart without any part, or no mail at all.
 */
gboolean mime_walk(struct mime_walk *walk, const guint8 *bytes, gsize len, GError **error);

#endif
