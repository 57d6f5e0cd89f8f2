/* SPDX-License-Identifier: MIT */
#include "ingest/pipeline.h"

#include "core/log.h"
#include "core/metrics.h"
#include "core/queue.h"
#include "ingest/worker_pool.h"

/* After a mail for which there was no worker: seconds, doubled each time. */
#define PAUSE_FIRST_S 1
#define PAUSE_MAX_S   30

struct pipeline {
	struct store *store;
	struct queue *queue; /* struct message * */
	GPtrArray *feeders;  /* struct feeder * */
	GMutex lock;         /* of what follows */
	GCond stopping;
	gboolean is_stopping;
	struct worker_options *options;
	guint n_changes; /* of the options */
};

struct feeder {
	struct pipeline *pipeline;
	struct worker *worker;
	guint n_changes; /* of the options, when the worker was made */
	GThread *thread;
	guint pause_s;
};

/* Nothing is said of the mail: it stays where it is, and is read when there are workers again. */
static void
give_back(struct feeder *feeder, struct message *message, const GError *error)
{
	struct pipeline *pipeline = feeder->pipeline;
	gint64 end = g_get_monotonic_time();

	feeder->pause_s =
		feeder->pause_s == 0 ? PAUSE_FIRST_S : MIN(2 * feeder->pause_s, PAUSE_MAX_S);
	end += feeder->pause_s * G_USEC_PER_SEC;
	log_event(LOG_ERROR, "mail cannot be read now", "mail", message->locator, "error",
		  error->message, NULL);
	g_mutex_lock(&pipeline->lock);
	while (!pipeline->is_stopping &&
	       g_cond_wait_until(&pipeline->stopping, &pipeline->lock, end))
		;
	g_mutex_unlock(&pipeline->lock);
	message_done(&message, OUTCOME_RETRY, error->message);
}

/* One that goes by the options of now. */
static struct worker *
have_worker(struct feeder *feeder)
{
	struct pipeline *pipeline = feeder->pipeline;

	g_mutex_lock(&pipeline->lock);
	if (feeder->worker && feeder->n_changes != pipeline->n_changes)
		g_clear_pointer(&feeder->worker, worker_free);
	if (!feeder->worker)
		feeder->worker = worker_new(pipeline->options);
	feeder->n_changes = pipeline->n_changes;
	g_mutex_unlock(&pipeline->lock);
	return feeder->worker;
}

static gpointer
feed(gpointer data)
{
	struct feeder *feeder = data;
	struct pipeline *pipeline = feeder->pipeline;
	struct message *message;

	while ((message = queue_pop(pipeline->queue, -1))) {
		g_autoptr(GError) error = NULL;
		struct parsed *parsed = worker_parse(have_worker(feeder), message->bytes, &error);
		if (parsed) {
			feeder->pause_s = 0;
			store_submit(pipeline->store, message, parsed, "");
		} else {
			give_back(feeder, message, error);
		}
	}
	/* In this thread: the worker's child is its own. */
	g_clear_pointer(&feeder->worker, worker_free);
	return NULL;
}

static void
feeder_free(gpointer data)
{
	struct feeder *feeder = data;

	g_thread_join(feeder->thread);
	g_free(feeder);
}

struct pipeline *
pipeline_start(struct store *store, const struct worker_options *options, guint feeders)
{
	struct pipeline *pipeline = g_new0(struct pipeline, 1);

	pipeline->store = store;
	pipeline->queue = queue_new(PIPELINE_QUEUE_MAILS, PIPELINE_QUEUE_BYTES, NULL);
	queue_count(pipeline->queue, METRIC_QUEUE_PIPELINE);
	pipeline->feeders = g_ptr_array_new_with_free_func(feeder_free);
	g_mutex_init(&pipeline->lock);
	g_cond_init(&pipeline->stopping);
	pipeline->options = worker_options_copy(options);
	if (feeders == 0)
		feeders = g_get_num_processors();
	if (!options->is_sealed)
		log_event(LOG_WARNING, "mails are parsed without a sandbox", NULL);
	for (guint i = 0; i < feeders; i++) {
		struct feeder *feeder = g_new0(struct feeder, 1);
		feeder->pipeline = pipeline;
		feeder->thread = g_thread_new("feeder", feed, feeder);
		g_ptr_array_add(pipeline->feeders, feeder);
	}
	return pipeline;
}

gboolean
pipeline_push(struct pipeline *pipeline, struct message *message)
{
	message->taken_at = metrics_mail_taken(message->intake);
	if (queue_push(pipeline->queue, message, g_bytes_get_size(message->bytes)))
		return TRUE;
	message_done(&message, OUTCOME_RETRY, "dmarcd is stopping");
	return FALSE;
}

gboolean
pipeline_offer(struct pipeline *pipeline, struct message *message, guint seconds)
{
	gsize size = g_bytes_get_size(message->bytes);

	message->taken_at = metrics_mail_taken(message->intake);
	if (queue_offer(pipeline->queue, message, size, (gint64)seconds * 1000))
		return TRUE;
	message_done(&message, OUTCOME_RETRY, "the queue is full");
	return FALSE;
}

void
pipeline_set_options(struct pipeline *pipeline, const struct worker_options *options)
{
	g_mutex_lock(&pipeline->lock);
	worker_options_free(pipeline->options);
	pipeline->options = worker_options_copy(options);
	pipeline->n_changes++;
	g_mutex_unlock(&pipeline->lock);
}

void
pipeline_stop(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	queue_close(pipeline->queue);
	g_mutex_lock(&pipeline->lock);
	pipeline->is_stopping = TRUE;
	g_cond_broadcast(&pipeline->stopping);
	g_mutex_unlock(&pipeline->lock);
	g_ptr_array_unref(pipeline->feeders);
	queue_free(pipeline->queue);
	g_mutex_clear(&pipeline->lock);
	g_cond_clear(&pipeline->stopping);
	worker_options_free(pipeline->options);
	g_free(pipeline);
}
