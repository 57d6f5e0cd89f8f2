/* SPDX-License-Identifier: MIT */
/*
 * mime.h - the leaf parts of a mail, decoded (RFC 2045, 2046), however deep they stand.
 *
 * Enclosed mails (message/rfc822) are walked too, but not where the mail is a bounce or a failure
 * report: what it returns is somebody's mail and no report to us (RFC 6522, RFC 3464).
 *
 * Limits (parse_limits): max_header_bytes, max_parts, max_mime_depth; beyond one LIMIT.
 */
#ifndef INGEST_MIME_H
#define INGEST_MIME_H

#include <glib.h>

#include "ingest/parse.h"

/* What kind of mail it is, by its structure. */
enum mime_nature {
	MIME_PLAIN,
	MIME_FAILURE,    /* has a message/feedback-report (RFC 5965) */
	MIME_BOUNCE,     /* has a message/delivery-status (RFC 3464) */
	MIME_AUTO_REPLY, /* Auto-Submitted other than "no" (RFC 3834) */
};

struct mime_part {
	GBytes *content;  /* transfer encoding undone */
	const char *type; /* "application/gzip", lower case */
	const char *name; /* file name, "" where it has none; repaired text */
	guint number;     /* from 1 */
	guint depth;      /* enclosing mails */
};

/* Called for each leaf. FALSE and error ends the walk. */
typedef gboolean (*mime_part_fn)(const struct mime_part *part, gpointer data, GError **error);

gboolean mime_walk(GBytes *mail, const struct parse_limits *limits, mime_part_fn each,
		   gpointer data, enum mime_nature *ret_nature, GError **error);

#endif
