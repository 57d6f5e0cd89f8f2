/* SPDX-License-Identifier: MIT */
#include "app/uploads.h"

#include "core/message.h"
#include "core/queue.h"

#define THREADS 4
/* How long a file waits for room in the pipeline, from when it was handed in. */
#define ROOM_S 10

struct uploads {
	struct pipeline *pipeline;
	struct queue *queue; /* struct task * */
	GThread *threads[THREADS];
	gint is_stopping; /* atomic */
};

/* One file on its way; freed when its outcome is told. */
struct task {
	struct message *message;
	gint64 deadline; /* monotonic, in microseconds */
	gint64 arrival;
	web_submitted_fn done;
	gpointer cookie;
};

static void
on_done(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct task *task = cookie;

	task->done(task->cookie, outcome, reason, task->arrival);
	g_free(task);
}

static gpointer
run(gpointer data)
{
	struct uploads *uploads = data;
	struct task *task;

	while ((task = queue_pop(uploads->queue, -1))) {
		struct message *message = task->message;
		gint64 left_s = (task->deadline - g_get_monotonic_time()) / G_USEC_PER_SEC;

		if (g_atomic_int_get(&uploads->is_stopping))
			message_done(&message, OUTCOME_RETRY, "dmarcd is stopping");
		else
			pipeline_offer(uploads->pipeline, message, (guint)MAX(left_s, 0));
	}
	return NULL;
}

struct uploads *
uploads_start(struct pipeline *pipeline)
{
	struct uploads *uploads = g_new0(struct uploads, 1);

	uploads->pipeline = pipeline;
	/* The web server bounds what it hands in, and must not wait. */
	uploads->queue = queue_new(G_MAXUINT, G_MAXSIZE, NULL);
	for (guint i = 0; i < THREADS; i++)
		uploads->threads[i] = g_thread_new("upload", run, uploads);
	return uploads;
}

void
uploads_stop(struct uploads *uploads)
{
	if (!uploads)
		return;
	g_atomic_int_set(&uploads->is_stopping, TRUE);
	queue_close(uploads->queue);
	for (guint i = 0; i < THREADS; i++)
		g_thread_join(uploads->threads[i]);
	queue_free(uploads->queue);
	g_free(uploads);
}

void
uploads_submit(gpointer data, GBytes *bytes, const char *locator, web_submitted_fn done,
	       gpointer cookie)
{
	struct uploads *uploads = data;
	struct task *task = g_new0(struct task, 1);

	task->message = message_new(bytes, "upload", locator, on_done, task);
	task->message->arrival = &task->arrival;
	task->deadline = g_get_monotonic_time() + ROOM_S * G_USEC_PER_SEC;
	task->done = done;
	task->cookie = cookie;
	queue_push(uploads->queue, task, 0);
}
