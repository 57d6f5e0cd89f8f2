/* SPDX-License-Identifier: MIT */
/*
 * wire.h - documents across the pipe from a sealed worker.
 *
 * An answer is a row of blocks: each document begins, sends names, sets and records as they are
 * read, then what stands once in it, and ends - or is dropped, since a reader knows only at the end
 * whether a document is good. Faults, a note and the end of the answer follow. Several documents
 * may be open at once; they are numbered in the order in which they begin, and the answer has them
 * in the order in which they end.
 *
 * The reader trusts nothing: every number is checked against what it points into, every kept byte
 * is counted against max_wire_bytes, and memory grows with what came, not with what was announced.
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef CORE_WIRE_H
#define CORE_WIRE_H

#include <glib.h>

#include "core/document.h"
#include "core/wire_io.h"

/* Goes up with every change of the format: both sides say theirs before anything else. */
#define WIRE_VERSION 2

struct wire_writer;

struct wire_writer *wire_writer_new(struct wire_out *out);
void wire_writer_free(struct wire_writer *writer);

/* Send what was not sent of names, sets and records. The caller empties the records. */
void wire_send_records(struct wire_writer *writer, const struct document *document);

/* Nothing where the document was never sent or has ended: it is as if it had not been. */
void wire_drop(struct wire_writer *writer, const struct document *document);

/* Send all documents to their end, the faults, the note, and the end of the answer. Flushes. */
gboolean wire_send_parsed(struct wire_writer *writer, const struct parsed *parsed, GError **error);

/*
 * Read one answer. NULL: INVALID (not an answer, or cut short), LIMIT (max_wire_bytes), or what the
 * source says. After that nothing more can be read from in.
 */
struct parsed *wire_read_parsed(struct wire_in *in, gsize max_wire_bytes, GError **error);

#endif
