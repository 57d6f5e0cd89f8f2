/* SPDX-License-Identifier: MIT */
/*
 * dmarc_values.h - what the values of an aggregate report mean, and warnings about odd ones.
 *
 * All texts are cleaned by core/text. The rule (RFC 9990 section 3.1.1; known deviations of real
 * reporters): recover where the number is certain, warn, never invent.
 */
#ifndef INGEST_DMARC_VALUES_H
#define INGEST_DMARC_VALUES_H

#include <glib.h>

#include "core/document.h"

/* Counts above this are not believed: 2^53, the last integer that every reader of JSON keeps. */
#define DMARC_COUNT_MAX (G_GINT64_CONSTANT(1) << 53)

/* 1 to 19 digits. What is no count is 0, with a warning: totals never come from a guess. */
gint64 dmarc_read_count(struct document *document, const char *text);

/* Seconds since 1970; milliseconds and ISO 8601 with a warning. FALSE: no time. */
gboolean dmarc_read_time(struct document *document, const char *text, gint64 *ret_at);

enum disposition dmarc_read_disposition(struct document *document, const char *text);
enum aligned dmarc_read_aligned(struct document *document, const char *text);

/* Warn where a result of auth_results is no word of RFC 8601 section 2.7. */
void dmarc_check_result(struct document *document, enum auth_kind kind, const char *text);

#endif
