/* SPDX-License-Identifier: MIT */
/*
 * sniff.h - what are these bytes really? Names and labels lie; the first bytes rarely do.
 *
 * Threads: any; nothing is kept.
 */
#ifndef INGEST_SNIFF_H
#define INGEST_SNIFF_H

#include <glib.h>

enum sniff {
	SNIFF_UNKNOWN,
	SNIFF_EMPTY, /* nothing, or nothing but white space and NUL */
	SNIFF_XML,   /* "<" after an optional byte order mark and white space, UTF-16 too, or behind
		      * a little junk */
	SNIFF_JSON,
	SNIFF_GZIP,
	SNIFF_ZLIB,
	SNIFF_BZIP2,
	SNIFF_XZ,
	SNIFF_ZSTD,
	SNIFF_ZIP,
	SNIFF_TAR,
	SNIFF_TNEF, /* winmail.dat of Outlook */
	SNIFF_OLE,  /* .msg of Outlook */
	SNIFF_MAIL, /* begins with a header field */
	SNIFF_MBOX, /* begins with a "From " line */
	N_SNIFFS,
};

/* 512 bytes are enough to tell; fewer are taken for all there is. */
#define SNIFF_LEN 512

enum sniff sniff(const guint8 *bytes, gsize len);

/* Something that has to be unpacked first. */
gboolean sniff_is_archive(enum sniff kind);

/* "gzip", "zip", ...; for texts. */
const char *sniff_name(enum sniff kind);

#endif
