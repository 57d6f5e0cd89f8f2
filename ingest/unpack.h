/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - open gzip, zip, bzip2, xz, zstd and zlib data without trusting them.
 *
 * Open it on the bytes of one attachment, ask for the next file inside until there is none, and
 * read each in pieces. Plain bytes are an archive of one file, so that one way serves all. Files
 * in a zip that are folders or resource forks of macOS are passed over.
 *
 * Limits (parse_limits): max_entries, max_unpacked_bytes for one file, four times that for all of
 * them together, and max_nesting for compressions in each other. Beyond one reading ends with LIMIT
 * and the limit's name. A file that was cut short ends with INVALID after its first pieces were
 * given: count on nothing before the end was reached.
 *
 * Owner: the caller keeps the input; pieces live until the next call. Threads: one.
 */
#ifndef INGEST_UNPACK_H
#define INGEST_UNPACK_H

#include <glib.h>

#include "ingest/parse.h"

struct unpack;

enum unpack_step {
	UNPACK_END,
	UNPACK_ENTRY,
	UNPACK_FAILED,
};

/* NULL and INVALID or LIMIT where it is damaged from the start. */
struct unpack *unpack_open(GBytes *bytes, const struct parse_limits *limits, GError **error);
void unpack_close(struct unpack *unpack);
typedef struct unpack unpack_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(unpack_auto, unpack_close)

/* ret_name: the file's name, "" where it has none; lives until the next entry. */
enum unpack_step unpack_next(struct unpack *unpack, const char **ret_name, GError **error);

/* The next piece of the file; ret_len 0 at its end. FALSE and error on failure. */
gboolean unpack_read(struct unpack *unpack, const guint8 **ret_piece, gsize *ret_len,
		     GError **error);

/* Bare zlib data, whole. */
GBytes *unpack_zlib(GBytes *bytes, const struct parse_limits *limits, GError **error);

#endif
