/* SPDX-License-Identifier: MIT */
/*
 * compress.h - pack the raw bytes that are kept (Zstandard, fast level), piece by piece.
 *
 * Owner: the caller. Threads: one thread per compressor; compress_unpack() from any.
 */
#ifndef CORE_COMPRESS_H
#define CORE_COMPRESS_H

#include <glib.h>

struct compressor;

struct compressor *compressor_new(void);
void compressor_free(struct compressor *compressor);
typedef struct compressor compressor_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(compressor_auto, compressor_free)

/* Start a new stream; what was added before is forgotten. The compressor may be used again. */
void compressor_reset(struct compressor *compressor);
void compressor_add(struct compressor *compressor, gconstpointer bytes, gsize len);

/* End the stream and give it to the caller. */
GBytes *compressor_finish(struct compressor *compressor);

/* Unpack at most max_len bytes: LIMIT beyond (max_unpacked_bytes), INVALID where it is no stream.
 */
GBytes *compress_unpack(GBytes *packed, gsize max_len, GError **error);

/* Pack all at once. */
GBytes *compress_pack(GBytes *bytes);

#endif
