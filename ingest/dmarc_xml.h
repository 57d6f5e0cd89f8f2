/* SPDX-License-Identifier: MIT */
/*
 * dmarc_xml.h - one aggregate report from its XML (RFC 9990 section 3, RFC 7489 appendix C).
 *
 * Elements are known by their local names wherever they stand, namespaces are ignored, unknown
 * elements are passed over with all below them. Any DOCTYPE ends reading. Odd values become
 * warnings; what makes the report uncountable is an error.
 *
 *	dmarc_xml_begin(reader);
 *	while (more)
 *		dmarc_xml_feed(reader, piece, len);
 *	document = dmarc_xml_end(reader, &error);
 *
 * XML that is not well-formed fails first with is_repairable set; then read all bytes again and
 * give them to dmarc_xml_repair().
 *
 * Owner: the caller of the reader; it may be used for many reports, one after the other.
 * Threads: one thread per reader.
 */
#ifndef INGEST_DMARC_XML_H
#define INGEST_DMARC_XML_H

#include <glib.h>

#include "core/document.h"
#include "ingest/parse.h"

struct dmarc_reader;

struct dmarc_reader *dmarc_reader_new(void);
void dmarc_reader_free(struct dmarc_reader *reader);

/* limits and now stay the caller's until the end. */
void dmarc_xml_begin(struct dmarc_reader *reader, const struct parse_limits *limits);

/* FALSE: reading is over, more pieces change nothing. */
gboolean dmarc_xml_feed(struct dmarc_reader *reader, const guint8 *piece, gsize len);

/* The report, or NULL and error. ret_is_repairable: whether dmarc_xml_repair() may help. */
struct document *dmarc_xml_end(struct dmarc_reader *reader, gboolean *ret_is_repairable,
			       GError **error);

/* Read bytes that are not well-formed, where the counts are certain all the same. */
struct document *dmarc_xml_repair(struct dmarc_reader *reader, GByteArray *bytes,
				  const struct parse_limits *limits, GError **error);

#endif
