/* SPDX-License-Identifier: MIT */
/*
 * parse_private.h - what the files of parse() share: the state of one call.
 *
 *   parse.c          the call, its limits, what came of it
 *   parse_content.c  bytes of any kind but mail: archives and the reports in them
 *   parse_mail.c     mails: their parts, and those that are a report as a whole
 */
#ifndef INGEST_PARSE_PRIVATE_H
#define INGEST_PARSE_PRIVATE_H

#include "ingest/mime.h"
#include "ingest/parse.h"
#include "ingest/sniff.h"
#include "ingest/unpack.h"

/* One call of parse(). */
struct parse {
	struct parse_limits limits;
	gint64 now;
	struct parsed *parsed;
	struct unpack_budget budget;
	struct mime_walk walk;
	const struct mime_mail *mail; /* that is walked, NULL for a bare file */
	guint n_before_mail;          /* documents and faults */
	char *other;                  /* why the last thing that was passed over is no report */
	const char *note;             /* what this mail is in place of a report */
};

/* Bytes that may be or hold a report. */
struct content {
	const guint8 *bytes;
	gsize len;
	const char *where; /* for humans; "" for the input itself */
	guint nesting;     /* archives around it */
};

/* Bytes of any kind but mail. FALSE: passed over, p->other says why. */
gboolean parse_content(struct parse *p, const struct content *content);

/* Do bytes of this kind look like a report or an archive? */
gboolean parse_content_is_known(enum sniff kind);

void parse_mail(struct parse *p, const guint8 *bytes, gsize len);
void parse_mbox(struct parse *p, const guint8 *bytes, gsize len);

/* Take a report over; where: as document.part. */
void parse_keep(struct parse *p, struct document *document, const char *where);

void parse_add_fault(struct parse *p, const char *where, const GError *error);

/* What claims to be a report and is none; p->other says why. */
void parse_add_no_report(struct parse *p, const char *where);

void parse_set_other(struct parse *p, const char *why);

#endif
