/* SPDX-License-Identifier: MIT */
/*
 * mime_survey.h - what header blocks and boundaries of a mail would cost gmime, before it sees
 * them.
 *
 * Threads: any.
 */
#ifndef INGEST_MIME_SURVEY_H
#define INGEST_MIME_SURVEY_H

#include <glib.h>

#include "ingest/parse.h"

/* LIMIT: max_mail_bytes, max_header_bytes, max_parts. */
gboolean mime_survey(const struct parse_limits *limits, const guint8 *bytes, gsize len,
		     GError **error);

/* "WHAT over LIMIT (value)"; always FALSE. */
gboolean mime_set_limit(GError **error, const char *what, const char *limit, gsize value);

#endif
