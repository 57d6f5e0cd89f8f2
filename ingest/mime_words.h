/* SPDX-License-Identifier: MIT */
/*
 * mime_words.h - what stands in the value of a header field: encoded words, dates, addresses.
 *
 * Owner: the caller frees. Threads: any number at once, after mime_init().
 */
#ifndef INGEST_MIME_WORDS_H
#define INGEST_MIME_WORDS_H

#include <glib.h>

/* A value with its RFC 2047 words decoded, cleaned. */
char *mime_decode_words(const char *value);

/* A date of RFC 5322 as Unix seconds; FALSE where it is none. */
gboolean mime_read_date(const char *value, gint64 *ret_at);

/* The address of the first mailbox in a From-like value, "" for none. */
char *mime_read_address(const char *value);

/* The domain behind the last @ of an address, lower case, "" for none. */
char *mime_domain_of(const char *address);

#endif
