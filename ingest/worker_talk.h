/* SPDX-License-Identifier: MIT */
/*
 * worker_talk.h - what a worker and its parent say to each other before and around an answer.
 *
 * The parent begins with the settings, the worker answers that it is sealed, and how. Then each
 * mail is a frame of MAIL_FRAME_LEN bytes (its length, and the time it is) and its bytes, and the
 * answer is that of core/wire. Either side stops where the other one is of another version.
 */
#ifndef INGEST_WORKER_TALK_H
#define INGEST_WORKER_TALK_H

#include <glib.h>

#include "core/sandbox.h"
#include "core/wire_io.h"
#include "ingest/worker_options.h"

/* Length and time, 8 bytes each. */
#define MAIL_FRAME_LEN 16

/* Flushes. */
gboolean talk_send_settings(struct wire_out *out, const struct worker_options *options,
			    GError **error);

/* names: gets the names of the trusted servers, which options then point to. */
gboolean talk_read_settings(struct wire_in *in, GStringChunk *strings, GPtrArray *names,
			    struct worker_options *ret_options, GError **error);

/* Flushes. */
gboolean talk_send_hello(struct wire_out *out, const struct sandbox_state *state, GError **error);
gboolean talk_read_hello(struct wire_in *in, struct sandbox_state *ret_state, GError **error);

#endif
