/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - open gzip, zip, bzip2, xz, zstd, zlib and tar without trusting them.
 *
 * Open it on the bytes of one attachment, ask for the next entry until there is none, and read that
 * entry piece by piece: nothing is ever unpacked to a file, and nothing but one piece to memory.
 * Bytes that are no archive are one entry that reads as it is, so callers need one way only.
 *
 * One layer is opened at a time: an entry that is itself an archive is the caller's to open anew,
 * which is how nesting is counted. Directories, links and the resource forks of macOS are passed
 * over. An entry's error leaves the later entries readable.
 *
 * Owner: the caller keeps the input; a piece and an entry live until the next call.
 * Threads: one per struct unpack.
 */
#ifndef INGEST_UNPACK_H
#define INGEST_UNPACK_H

#include <glib.h>

#include "ingest/parse.h"
#include "ingest/sniff.h"

/* What one input may use up, over all its archives. */
struct unpack_budget {
	const struct parse_limits *limits;
	gsize total_bytes; /* unpacked so far */
	guint entries;     /* members seen so far */
};

struct unpack_entry {
	char *name;   /* cleaned; "" where there is none (gzip) */
	guint number; /* counts from 1 */
};

enum unpack_step {
	UNPACK_ENTRY,
	UNPACK_END,
	UNPACK_FAILED,
};

struct unpack;

/* kind says how to read bytes: an archive, or anything else for "as they are". */
struct unpack *unpack_open(const guint8 *bytes, gsize len, enum sniff kind,
			   struct unpack_budget *budget, GError **error);
void unpack_close(struct unpack *unpack);
typedef struct unpack unpack_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(unpack_auto, unpack_close)

/* LIMIT: max_entries. INVALID: damaged. After UNPACK_FAILED there is nothing more to ask for. */
enum unpack_step unpack_next(struct unpack *unpack, const struct unpack_entry **ret_entry,
			     GError **error);

/*
 * The next piece of the entry; ret_len 0 is its end. LIMIT: max_unpacked_bytes or
 * max_total_unpacked_bytes. INVALID: cut short, damaged, encrypted, bad checksum.
 */
gboolean unpack_read(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len,
		     GError **error);

/* The piece that the next unpack_read() will give; only at the beginning of an entry. */
gboolean unpack_peek(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len,
		     GError **error);

/* Read the current entry from its beginning again. */
gboolean unpack_again(struct unpack *unpack, GError **error);

/* All of the current entry. */
GByteArray *unpack_gather(struct unpack *unpack, GError **error);

enum sniff unpack_kind(const struct unpack *unpack);

/* After the end of a gzip entry: did something follow the gzip data? */
gboolean unpack_has_garbage(const struct unpack *unpack);

#endif
