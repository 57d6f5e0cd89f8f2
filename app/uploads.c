/* SPDX-License-Identifier: MIT */
#include "app/uploads.h"

#include "core/message.h"

#define THREADS 4
/* How long a file waits for room in the pipeline, from when it was handed in. */
#define ROOM_S 10

struct uploads {
	struct pipeline *pipeline;
	GThreadPool *pool;
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

static void
push(gpointer data, gpointer pool_data)
{
	struct task *task = data;
	struct uploads *uploads = pool_data;
	struct message *message = task->message;
	gint64 left_s = (task->deadline - g_get_monotonic_time()) / G_USEC_PER_SEC;

	if (g_atomic_int_get(&uploads->is_stopping))
		message_done(&message, OUTCOME_RETRY, "dmarcd is stopping");
	else
		pipeline_offer(uploads->pipeline, message, (guint)MAX(left_s, 0));
}

struct uploads *
uploads_start(struct pipeline *pipeline)
{
	struct uploads *uploads = g_new0(struct uploads, 1);

	uploads->pipeline = pipeline;
	uploads->pool = g_thread_pool_new(push, uploads, THREADS, FALSE, NULL);
	return uploads;
}

void
uploads_stop(struct uploads *uploads)
{
	if (!uploads)
		return;
	g_atomic_int_set(&uploads->is_stopping, TRUE);
	g_thread_pool_free(uploads->pool, FALSE, TRUE);
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
	g_thread_pool_push(uploads->pool, task, NULL);
}
