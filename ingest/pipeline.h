/* SPDX-License-Identifier: MIT */
/*
 * pipeline.h - from intakes to the store: a bounded queue and the threads that feed the workers.
 *
 * Each feeder thread has a worker of its own, takes one mail at a time from the queue, has it
 * parsed, and submits the result to the store, whose writer acknowledges the mail. Where no worker
 * can be started the mail is given back (RETRY) after a pause, which grows as long as that lasts.
 */
#ifndef INGEST_PIPELINE_H
#define INGEST_PIPELINE_H

#include <glib.h>

#include "core/message.h"
#include "ingest/worker_options.h"
#include "store/store.h"

/* The queue between intakes and feeders. */
#define PIPELINE_QUEUE_MAILS 64
#define PIPELINE_QUEUE_BYTES (64 * 1024 * 1024)

struct pipeline;

/* feeders 0 = one per processor. Starts the threads; store outlives the pipeline. Copies options.
 */
struct pipeline *pipeline_start(struct store *store, const struct worker_options *options,
				guint feeders);

/*
 * Hand over a mail; waits while the queue is full. FALSE where the pipeline is stopping: the mail
 * was acknowledged with RETRY. Takes the message either way.
 */
gboolean pipeline_push(struct pipeline *pipeline, struct message *message);

/* The same, waiting at most so many seconds; then the mail was acknowledged with RETRY. */
gboolean pipeline_offer(struct pipeline *pipeline, struct message *message, guint seconds);

/* The mails to come are parsed so. Copies options. */
void pipeline_set_options(struct pipeline *pipeline, const struct worker_options *options);

/* No more mails; parses and submits what is queued, then stops the threads. NULL is fine. */
void pipeline_stop(struct pipeline *pipeline);

#endif
