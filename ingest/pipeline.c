/* SPDX-License-Identifier: MIT */
#include "ingest/pipeline.h"

#include "core/queue.h"
#include "ingest/worker_pool.h"

struct pipeline {
	struct store *store;
	struct queue *queue; /* struct message * */
	GPtrArray *feeders;  /* struct feeder * */
};

struct feeder {
	struct pipeline *pipeline;
	struct worker *worker;
	GThread *thread;
};

static gpointer
feed(gpointer data)
{
	struct feeder *feeder = data;
	struct pipeline *pipeline = feeder->pipeline;
	struct message *message;

	while ((message = queue_pop(pipeline->queue, -1))) {
		g_autoptr(GError) error = NULL;
		struct parsed *parsed = worker_parse(feeder->worker, message->bytes, &error);
		store_submit(pipeline->store, message, parsed, error ? error->message : "");
	}
	return NULL;
}

static void
feeder_free(gpointer data)
{
	struct feeder *feeder = data;

	if (feeder->thread)
		g_thread_join(feeder->thread);
	worker_free(feeder->worker);
	g_free(feeder);
}

static gboolean
start_feeder(struct pipeline *pipeline, const struct parse_limits *limits, GError **error)
{
	struct feeder *feeder = g_new0(struct feeder, 1);

	feeder->pipeline = pipeline;
	g_ptr_array_add(pipeline->feeders, feeder);
	feeder->worker = worker_new(limits, error);
	if (!feeder->worker)
		return FALSE;
	feeder->thread = g_thread_new("feeder", feed, feeder);
	return TRUE;
}

struct pipeline *
pipeline_start(struct store *store, const struct parse_limits *limits, guint feeders,
	       GError **error)
{
	struct pipeline *pipeline = g_new0(struct pipeline, 1);

	pipeline->store = store;
	pipeline->queue = queue_new(PIPELINE_QUEUE_MAILS, PIPELINE_QUEUE_BYTES, NULL);
	pipeline->feeders = g_ptr_array_new_with_free_func(feeder_free);
	if (feeders == 0)
		feeders = g_get_num_processors();
	for (guint i = 0; i < feeders; i++) {
		if (!start_feeder(pipeline, limits, error)) {
			pipeline_stop(pipeline);
			return NULL;
		}
	}
	return pipeline;
}

gboolean
pipeline_push(struct pipeline *pipeline, struct message *message)
{
	if (queue_push(pipeline->queue, message, g_bytes_get_size(message->bytes)))
		return TRUE;
	message_done(&message, OUTCOME_RETRY, "dmarcd is stopping");
	return FALSE;
}

void
pipeline_stop(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	queue_close(pipeline->queue);
	g_ptr_array_unref(pipeline->feeders);
	queue_free(pipeline->queue);
	g_free(pipeline);
}
