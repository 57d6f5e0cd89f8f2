/* SPDX-License-Identifier: MIT */
/*
 * inflate.h - read gzip (RFC 1952, all members) and zlib (RFC 1950) streams out of memory.
 *
 * Checksums are verified. What follows the last gzip member is not read but can be asked for.
 *
 * Owner: the caller keeps the input. Threads: one per struct inflate.
 */
#ifndef INGEST_INFLATE_H
#define INGEST_INFLATE_H

#include <glib.h>

struct inflate;

struct inflate *inflate_new(const guint8 *bytes, gsize len, gboolean is_gzip);
void inflate_free(struct inflate *inflate);
typedef struct inflate inflate_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(inflate_auto, inflate_free)

/* Fill buffer as far as there is data; ret_len 0 is the end. INVALID: cut short or damaged. */
gboolean inflate_read(struct inflate *inflate, guint8 *buffer, gsize size, gsize *ret_len,
		      GError **error);

/* At the end: were there bytes other than NUL behind the last member? */
gboolean inflate_has_garbage(const struct inflate *inflate);

#endif
