/* SPDX-License-Identifier: MIT */
/*
 * dmarc_values.h - read the numbers and words of an aggregate report.
 *
 * All take len bytes without outer white space and need no terminator.
 */
#ifndef INGEST_DMARC_VALUES_H
#define INGEST_DMARC_VALUES_H

#include <glib.h>

#include "core/report.h"
#include "ingest/oddities.h"

/* 1 to 19 digits, at most 2^53: what every consumer of our JSON can hold. */
gboolean value_count(const char *text, gsize len, gint64 *ret_count);

/*
 * Seconds, or what some write in their place: milliseconds, ISO 8601. ret_oddity is N_ODDITIES
 * where the text is as it should be.
 */
gboolean value_instant(const char *text, gsize len, gint64 *ret_at, enum oddity *ret_oddity);

/* DISPOSITION_OTHER for a word that is none of them. */
enum disposition value_disposition(const char *text, gsize len);

/* Is_known FALSE: neither pass nor one of the words that mean "no pass". */
enum aligned value_aligned(const char *text, gsize len, gboolean *ret_is_known);

/* An address as the RFC writes it, in brackets, or IPv4-mapped. */
gboolean value_ip(const char *text, gsize len, struct ip *ret_ip);

#endif
