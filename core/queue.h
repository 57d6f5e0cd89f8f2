/* SPDX-License-Identifier: MIT */
/*
 * queue.h - a first-in first-out queue between threads, bounded by items and by bytes, closable.
 *
 * A full queue makes the pusher wait: that is how a slow writer stops an intake. An item larger
 * than the bound in bytes is let in alone.
 *
 * Threads: any number may push and pop. Owner: an item belongs to the queue from a push that
 * returned TRUE until it is popped.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <glib.h>

#include "core/metrics.h"

struct queue;

/* free_item: for items still inside at queue_free(); may be NULL. */
struct queue *queue_new(guint max_items, gsize max_bytes, GDestroyNotify free_item);
void queue_free(struct queue *queue);

/* Waits while full. FALSE where the queue is closed; the item stays the caller's. */
gboolean queue_push(struct queue *queue, gpointer item, gsize bytes);

/* The same, waiting at most timeout_ms. FALSE where it is still full, too. */
gboolean queue_offer(struct queue *queue, gpointer item, gsize bytes, gint64 timeout_ms);

/* Waits at most timeout_ms (-1 = for ever). NULL on time-out, and once closed and empty. */
gpointer queue_pop(struct queue *queue, gint64 timeout_ms);

/* No more pushes; pops go on until the queue is empty. */
void queue_close(struct queue *queue);

/* Closed and empty: nothing will come any more. */
gboolean queue_is_done(struct queue *queue);

/* Its length is a metric from now on. */
void queue_count(struct queue *queue, enum metric_queue metric);

guint queue_len(struct queue *queue);

#endif
