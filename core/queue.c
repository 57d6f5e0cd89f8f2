/* SPDX-License-Identifier: MIT */
#include "core/queue.h"

struct entry {
	gpointer item;
	gsize bytes;
};

struct queue {
	GMutex lock;
	GCond not_full;
	GCond not_empty;
	GQueue entries; /* struct entry * */
	guint max_items;
	gsize max_bytes;
	gsize bytes;
	gboolean is_closed;
	GDestroyNotify free_item;
	enum metric_queue metric; /* METRIC_QUEUE_NONE: nobody counts it */
};

struct queue *
queue_new(guint max_items, gsize max_bytes, GDestroyNotify free_item)
{
	struct queue *queue = g_new0(struct queue, 1);

	g_mutex_init(&queue->lock);
	g_cond_init(&queue->not_full);
	g_cond_init(&queue->not_empty);
	g_queue_init(&queue->entries);
	queue->max_items = max_items;
	queue->max_bytes = max_bytes;
	queue->free_item = free_item;
	return queue;
}

void
queue_free(struct queue *queue)
{
	if (!queue)
		return;
	struct entry *entry;
	while ((entry = g_queue_pop_head(&queue->entries))) {
		if (queue->free_item)
			queue->free_item(entry->item);
		g_free(entry);
	}
	g_mutex_clear(&queue->lock);
	g_cond_clear(&queue->not_full);
	g_cond_clear(&queue->not_empty);
	g_free(queue);
}

/* The lock is held. */
static void
tell(const struct queue *queue)
{
	if (queue->metric != METRIC_QUEUE_NONE)
		metrics_queue(queue->metric, queue->entries.length, queue->bytes);
}

static gboolean
is_full(const struct queue *queue, gsize bytes)
{
	guint len = queue->entries.length;

	return len >= queue->max_items || (len > 0 && queue->bytes + bytes > queue->max_bytes);
}

gboolean
queue_push(struct queue *queue, gpointer item, gsize bytes)
{
	return queue_offer(queue, item, bytes, -1);
}

gboolean
queue_offer(struct queue *queue, gpointer item, gsize bytes, gint64 timeout_ms)
{
	gint64 deadline = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;

	g_mutex_lock(&queue->lock);
	while (!queue->is_closed && is_full(queue, bytes)) {
		if (timeout_ms < 0)
			g_cond_wait(&queue->not_full, &queue->lock);
		else if (!g_cond_wait_until(&queue->not_full, &queue->lock, deadline))
			break;
	}
	gboolean is_taken = !queue->is_closed && !is_full(queue, bytes);
	if (is_taken) {
		struct entry *entry = g_new(struct entry, 1);
		*entry = (struct entry){ item, bytes };
		g_queue_push_tail(&queue->entries, entry);
		queue->bytes += bytes;
		tell(queue);
		g_cond_signal(&queue->not_empty);
	}
	g_mutex_unlock(&queue->lock);
	return is_taken;
}

gpointer
queue_pop(struct queue *queue, gint64 timeout_ms)
{
	gint64 deadline = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;
	gpointer item = NULL;

	g_mutex_lock(&queue->lock);
	while (g_queue_is_empty(&queue->entries) && !queue->is_closed) {
		if (timeout_ms < 0)
			g_cond_wait(&queue->not_empty, &queue->lock);
		else if (!g_cond_wait_until(&queue->not_empty, &queue->lock, deadline))
			break;
	}
	struct entry *entry = g_queue_pop_head(&queue->entries);
	if (entry) {
		item = entry->item;
		queue->bytes -= entry->bytes;
		tell(queue);
		g_free(entry);
		/* All who wait: a large item may not fit where a small one does. */
		g_cond_broadcast(&queue->not_full);
	}
	g_mutex_unlock(&queue->lock);
	return item;
}

void
queue_close(struct queue *queue)
{
	g_mutex_lock(&queue->lock);
	queue->is_closed = TRUE;
	g_cond_broadcast(&queue->not_full);
	g_cond_broadcast(&queue->not_empty);
	g_mutex_unlock(&queue->lock);
}

gboolean
queue_is_done(struct queue *queue)
{
	g_mutex_lock(&queue->lock);
	gboolean is_done = queue->is_closed && g_queue_is_empty(&queue->entries);
	g_mutex_unlock(&queue->lock);
	return is_done;
}

void
queue_count(struct queue *queue, enum metric_queue metric)
{
	queue->metric = metric;
	metrics_queue_limits(metric, queue->max_items, queue->max_bytes);
}

guint
queue_len(struct queue *queue)
{
	g_mutex_lock(&queue->lock);
	guint len = queue->entries.length;
	g_mutex_unlock(&queue->lock);
	return len;
}
