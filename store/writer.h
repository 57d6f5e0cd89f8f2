/* SPDX-License-Identifier: MIT */
/*
 * writer.h - the one writer thread: batches of mails, edits between them, rollups when idle.
 *
 * Mails of a batch share a transaction, each under a savepoint, so that one that cannot be stored
 * does not spoil the others. They are acknowledged after the commit. Trouble that passes is waited
 * out with growing pauses, until writer_give_up().
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include <glib.h>

#include "store/store.h"

struct writer;
struct batch_mail;
struct db;

/* now: 0, or the clock's replacement. The writer opens a handle of its own on path. */
struct writer *writer_start(const char *path, const struct store_judge *judge, gint64 now,
			    GError **error);

/* Commits what is queued, brings the rollups up to date, ends the thread. */
void writer_stop(struct writer *writer);

/* See store_submit() and store_submit_kept(). Takes what the mail owns, and its message. */
void writer_submit(struct writer *writer, const struct batch_mail *mail);

/* Run edit inside a transaction of its own in the writer's thread, and wait for its commit. */
typedef gboolean (*writer_edit_fn)(struct db *db, gpointer data, GError **error);
gboolean writer_edit(struct writer *writer, writer_edit_fn edit, gpointer data, GError **error);

/* See store_flush(), store_give_up(), store_in_flight(). */
gboolean writer_flush(struct writer *writer, GError **error);
void writer_give_up(struct writer *writer);
gint64 writer_in_flight(struct writer *writer);

#endif
