/* SPDX-License-Identifier: MIT */
/*
 * dmarc_read.h - read the aggregate reports of one XML stream.
 *
 * It is read strictly first. What is not well-formed is read once more through dmarc_repair, which
 * may find several reports in it; each of these gets the warning "xml-repaired".
 *
 * Threads: any number at once; what is kept between streams belongs to the thread.
 */
#ifndef INGEST_DMARC_READ_H
#define INGEST_DMARC_READ_H

#include <glib.h>

#include "ingest/parse.h"
#include "ingest/unpack.h"

enum dmarc_read_result {
	DMARC_READ_DONE,   /* all reports there were added */
	DMARC_READ_OTHER,  /* XML of another kind; error says which */
	DMARC_READ_FAILED, /* error says why; whole reports that stood before it were added */
};

/* Read the current entry of unpack; adds struct document * to documents. */
enum dmarc_read_result dmarc_read(struct unpack *unpack, const struct parse_limits *limits,
				  GPtrArray *documents, GError **error);

#endif
