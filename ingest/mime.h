/* SPDX-License-Identifier: MIT */
/*
 * mime.h - walk the parts of a mail under limits.
 *
 * Every leaf part is decoded and handed to a callback, forwarded mails (message/rfc822) are walked
 * too. A multipart that returns another mail - a failure report or a delivery status - is handed
 * over whole, and what it encloses is not walked: a report in there was somebody's evidence, not
 * sent to us.
 *
 * Threads: any number at once, after mime_init().
 */
#ifndef INGEST_MIME_H
#define INGEST_MIME_H

#include <glib.h>

#include "ingest/fields.h"
#include "ingest/parse.h"

/* The text of a mail that is kept for those who read prose, in bytes. */
#define MIME_TEXT_MAX (64 * 1024)

struct mime_part {
	guint number;     /* counts leaf parts from 1 over the whole input */
	const char *type; /* lower case, "application/gzip" */
	const char *name; /* file name, cleaned, "" for none */
	const guint8 *bytes;
	gsize len;
};

/* A mail that a walk is in, as a whole. Lives until the callback returns. */
struct mime_mail {
	const struct mime_mail *outer; /* NULL for one that came to us, and was not enclosed */
	struct fields *head;
	char *report_type;       /* of multipart/report, lower case, "" for none */
	GByteArray *text;        /* its first text part for people, NULL for none */
	GByteArray *report;      /* of a returned mail: the part that machines read */
	gboolean is_partless;    /* it has a multipart whose boundary does not occur */
	struct fields *original; /* the header of the mail that it encloses, NULL for none */
};

/* One walk; the counters run on when a part turns out to be a mail itself. */
struct mime_walk {
	const struct parse_limits *limits;
	gpointer cookie;
	/* A decoded leaf part; lives until the callback returns. */
	void (*on_part)(gpointer cookie, const struct mime_mail *mail,
			const struct mime_part *part);
	/* A mail with a part of a type that returns a mail: "message/feedback-report", ... */
	void (*on_returned)(gpointer cookie, const struct mime_mail *mail, const char *type);
	/* Does this mail return the one it encloses, which is then not walked? */
	gboolean (*is_returning)(const struct mime_mail *mail);
	/* The end of a mail that was not enclosed in another one. */
	void (*on_mail)(gpointer cookie, const struct mime_mail *mail);
	guint n_parts;
	guint depth;
};

/* Once, before any thread. */
void mime_init(void);

/*
 * Walk one mail. outer: the mail whose part it was, or NULL. LIMIT: max_mail_bytes,
 * max_header_bytes, max_parts, max_mime_depth; parts before the limit were handed out. INVALID: no
 * mail at all.
 */
gboolean mime_walk(struct mime_walk *walk, const struct mime_mail *outer, const guint8 *bytes,
		   gsize len, GError **error);

#endif
