/* SPDX-License-Identifier: MIT */
/*
 * parse.h - bytes to documents: the pure function that the worker, the CLI, tests and fuzzers call.
 *
 * The input is a mail, or a report file: XML, gzip, zip (every member), whatever its name says.
 * Content decides. Parts that claim to be a report and cannot be read become faults; parts that
 * are none are passed over. Nothing is written, asked or logged; the clock is an argument.
 *
 * Threads: any number at once, after parse_init() was called once in the process.
 */
#ifndef INGEST_PARSE_H
#define INGEST_PARSE_H

#include <glib.h>

#include "core/document.h"

/* What is refused, with the limit's name in the fault. 0 in a field means its default. */
struct parse_limits {
	gsize mail_bytes;     /* max_mail_bytes: 40 MiB */
	gsize header_bytes;   /* max_header_bytes: 1 MiB, of one header block */
	guint parts;          /* max_parts: 1000 */
	guint mime_depth;     /* max_mime_depth: 32 */
	gsize unpacked_bytes; /* max_unpacked_bytes: 64 MiB a report */
	gsize total_bytes;    /* max_total_unpacked_bytes: 256 MiB of all that one input holds */
	guint entries;        /* max_entries: 1000 an archive */
	guint nesting;        /* max_nesting: 3 archives in each other */
	guint xml_depth;      /* max_xml_depth: 64 */
	guint records;        /* max_records: 1,000,000 a report */
	gsize xml_name_bytes; /* max_xml_name_bytes: 256 KiB of different names in one XML */
	gsize json_bytes;     /* max_json_bytes: 4 MiB a TLS report */
	guint tls_policies;   /* max_tls_policies: 1000 a TLS report */
	guint tls_failures;   /* max_tls_failures: 100,000 a TLS report */
	gboolean want_raw;    /* keep the compressed raw XML or JSON in each document */
	/* Whose Authentication-Results are believed (authserv-ids, lower case, NULL at the end), or
	 * NULL for nobody's. Not owned. */
	const char *const *trusted_authserv;
	/* Gets the records of large reports as they are read, or NULL. Not owned. */
	const struct document_sink *sink;
};

/* The defaults above, with want_raw FALSE. */
extern const struct parse_limits parse_default_limits;

/* Once, before any thread parses: gmime, libxml2. */
void parse_init(void);

/* How a parsed mail is called: accepted, accepted-with-warnings, rejected, ignored. */
enum verdict_word {
	PARSED_ACCEPTED,
	PARSED_ACCEPTED_WITH_WARNINGS,
	PARSED_REJECTED,
	PARSED_IGNORED,
};
enum verdict_word parsed_verdict(const struct parsed *parsed);
const char *verdict_word_name(enum verdict_word word);

/*
 * Never NULL. now: Unix seconds, to find periods in the future.
 */
struct parsed *parse(GBytes *bytes, const struct parse_limits *limits, gint64 now);

#endif
