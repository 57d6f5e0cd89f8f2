/* SPDX-License-Identifier: MIT */
/*
 * worker_pool.h - the room in which outside bytes are opened.
 *
 * A worker parses one mail at a time for the one thread that owns it, in a sealed child process
 * that it starts when the first mail comes, replaces after some thousand mails, and replaces at
 * once when it dies. A mail over which it dies is tried a second time by a fresh one; then the
 * answer is one fault, FAULT_KILLED, that says how it died. So callers always get an answer, but
 * for one case: no worker can be started. That is never the mail's fault.
 *
 * With is_sealed FALSE in the options all this happens in the own process.
 *
 * Threads: one per worker, from the first mail to worker_free(); the child ends with that thread.
 */
#ifndef INGEST_WORKER_POOL_H
#define INGEST_WORKER_POOL_H

#include <glib.h>

#include "core/document.h"
#include "core/sandbox.h"
#include "ingest/worker_options.h"

struct worker;

/* options are copied. */
struct worker *worker_new(const struct worker_options *options);
void worker_free(struct worker *worker);
typedef struct worker worker_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(worker_auto, worker_free)

/* NULL with AGAIN: no worker can be started; the mail was not looked at. */
struct parsed *worker_parse(struct worker *worker, GBytes *bytes, GError **error);

/* Start a child, see which layers of its seal are live, and let it go. FALSE as worker_parse(). */
gboolean worker_probe(const struct worker_options *options, struct sandbox_state *ret_state,
		      GError **error);

#endif
