/* SPDX-License-Identifier: MIT */
/*
 * sniff.h - what is this really? Decided by the first bytes, never by name or label.
 */
#ifndef INGEST_SNIFF_H
#define INGEST_SNIFF_H

#include <glib.h>

enum sniffed {
	SNIFFED_EMPTY, /* nothing, or white space alone */
	SNIFFED_GZIP,
	SNIFFED_ZIP,
	SNIFFED_BZIP2,
	SNIFFED_XZ,
	SNIFFED_ZSTD,
	SNIFFED_ZLIB, /* RFC 1950 without a container */
	SNIFFED_TAR,
	SNIFFED_XML, /* also UTF-16, and after a byte order mark or white space */
	SNIFFED_HTML,
	SNIFFED_JSON,
	SNIFFED_MAIL, /* begins with a header field, or an mbox "From " line */
	SNIFFED_OTHER,
};

enum sniffed sniff(gconstpointer bytes, gsize len);

/* gzip to zlib: what has to be unpacked before it can be read. */
gboolean sniffed_is_packed(enum sniffed sniffed);

/* "gzip data", "an HTML page", ...: for reasons that people read. */
const char *sniffed_name(enum sniffed sniffed);

#endif
