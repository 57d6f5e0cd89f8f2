/* SPDX-License-Identifier: MIT */
/*
 * wire_io.h - numbers, texts and bytes on a pipe: little endian, length-prefixed, bounded.
 *
 * Both directions go through a small buffer, so that neither side ever holds a whole answer. Errors
 * stick: after the first one puts do nothing and gets give 0, "" or NULL, and the caller looks once
 * at the end of a block. The reader believes nothing: what it is told to keep is counted against a
 * budget before it is kept, and a text has to be UTF-8 without NUL.
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef CORE_WIRE_IO_H
#define CORE_WIRE_IO_H

#include <glib.h>

#include "core/error.h"

/* The longest text, in bytes: the writer cuts, the reader refuses. */
#define WIRE_TEXT_MAX 60000

/* Take all len bytes, or fail. */
typedef gboolean (*wire_sink_fn)(gpointer cookie, const guint8 *bytes, gsize len, GError **error);

/* Give 1 to len bytes, waiting for them; 0 at the end of the input, -1 and error on failure. */
typedef gssize (*wire_source_fn)(gpointer cookie, guint8 *bytes, gsize len, GError **error);

struct wire_out;

struct wire_out *wire_out_new(wire_sink_fn sink, gpointer cookie);
void wire_out_free(struct wire_out *out);
typedef struct wire_out wire_out_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wire_out_auto, wire_out_free)

/* Room for len bytes (at most 4096), which the caller fills at once. Never NULL. */
guint8 *wire_room(struct wire_out *out, gsize len);
void wire_put_u8(struct wire_out *out, guint8 value);
void wire_put_u32(struct wire_out *out, guint32 value);
void wire_put_i64(struct wire_out *out, gint64 value);
/* A text that is not UTF-8 is repaired. */
void wire_put_text(struct wire_out *out, const char *text);
/* Without a length in front. */
void wire_put_bytes(struct wire_out *out, gconstpointer bytes, gsize len);

/* Hand what is buffered to the sink; FALSE and the first error there was since the last call. */
gboolean wire_out_flush(struct wire_out *out, GError **error);

struct wire_in;

struct wire_in *wire_in_new(wire_source_fn source, gpointer cookie);
void wire_in_free(struct wire_in *in);
typedef struct wire_in wire_in_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wire_in_auto, wire_in_free)

/* Begin an answer that may make the reader keep this many bytes (limit max_wire_bytes). */
void wire_in_begin(struct wire_in *in, gsize budget);

/* len bytes (at most WIRE_TEXT_MAX) that live until the next call, or NULL. */
const guint8 *wire_take(struct wire_in *in, gsize len);
guint8 wire_get_u8(struct wire_in *in);
guint32 wire_get_u32(struct wire_in *in);
gint64 wire_get_i64(struct wire_in *in);
/* A text kept in strings, or "". */
const char *wire_get_text(struct wire_in *in, GStringChunk *strings);
/* The same on the heap. */
char *wire_get_new_text(struct wire_in *in);
/* Append len bytes to bytes, as they come. */
void wire_get_bytes(struct wire_in *in, GByteArray *bytes, gsize len);

/* Is anything left to read? Waits; FALSE at the end of the input, which is no error here. */
gboolean wire_has_more(struct wire_in *in);

/* Count memory that is about to be kept. FALSE and LIMIT where it is over the budget. */
gboolean wire_spend(struct wire_in *in, gsize len);

/* Refuse the answer: INVALID, with why. */
void wire_refuse(struct wire_in *in, const char *why);
gboolean wire_is_good(const struct wire_in *in);

/* End the answer; FALSE and the first error there was. */
gboolean wire_in_finish(struct wire_in *in, GError **error);

/* Little endian, at any address. */
static inline void
wire_pack_u32(guint8 *at, guint32 value)
{
	guint32 wire = GUINT32_TO_LE(value);

	memcpy(at, &wire, sizeof(wire));
}

static inline void
wire_pack_i64(guint8 *at, gint64 value)
{
	gint64 wire = GINT64_TO_LE(value);

	memcpy(at, &wire, sizeof(wire));
}

static inline guint32
wire_unpack_u32(const guint8 *at)
{
	guint32 wire;

	memcpy(&wire, at, sizeof(wire));
	return GUINT32_FROM_LE(wire);
}

static inline gint64
wire_unpack_i64(const guint8 *at)
{
	gint64 wire;

	memcpy(&wire, at, sizeof(wire));
	return GINT64_FROM_LE(wire);
}

#endif
