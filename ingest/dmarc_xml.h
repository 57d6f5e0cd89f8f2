/* SPDX-License-Identifier: MIT */
/*
 * dmarc_xml.h - libxml2's SAX parser over one aggregate report, strict and under limits.
 *
 * No entity is expanded, nothing is loaded; depth, names, attributes, records and text are limited.
 * One struct dmarc_xml reads one document after the other, so that element names are interned once
 * in its life and then compared by pointer.
 *
 * Owner: the caller. Threads: one per struct dmarc_xml.
 */
#ifndef INGEST_DMARC_XML_H
#define INGEST_DMARC_XML_H

#include <glib.h>

#include "core/document.h"
#include "ingest/parse.h"

/* What came of one document. */
struct dmarc_xml_end {
	struct document *document; /* NULL unless the root element closed and nothing was refused */
	gboolean is_well_formed;   /* FALSE with a document: only what follows it is damaged */
	gboolean is_other;         /* XML, but the root is not <feedback>; complaint names it */
	GError *refusal;           /* a limit or a declaration: reading it again is of no use */
	char *complaint;           /* NULL, or what is wrong, with the line */
	char *encoding;            /* NULL, or the declared 8-bit encoding */
};

struct dmarc_xml;

/* Once, before any thread. */
void dmarc_xml_init(void);

struct dmarc_xml *dmarc_xml_new(void);
void dmarc_xml_free(struct dmarc_xml *xml);

/* Where the bytes come from: the next piece, len 0 at the end; FALSE ends the reading as well. */
typedef gboolean (*dmarc_xml_input_fn)(gpointer cookie, const char **ret_bytes, gsize *ret_len);

/*
 * Read one document. A good one is read to the end of its input, so that what guards the input (a
 * checksum) was seen too.
 */
void dmarc_xml_read(struct dmarc_xml *xml, const struct parse_limits *limits,
		    dmarc_xml_input_fn input, gpointer cookie, struct dmarc_xml_end *ret_end);

void dmarc_xml_end_clear(struct dmarc_xml_end *end);

#endif
