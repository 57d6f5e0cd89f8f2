/* SPDX-License-Identifier: MIT */
/*
 * child.h - a child process that is asked one thing after the other through its standard input and
 * output, under a deadline.
 *
 * It gets no secrets: a clean environment, and no file but three pipes. What it says on standard
 * error is read along, bounded, and its last line is part of the reason when it dies.
 *
 * Owner: the caller. Threads: the one that started it, which has to outlive it: the kernel ends the
 * child with that thread (PR_SET_PDEATHSIG), so that no orphan stays.
 */
#ifndef CORE_CHILD_H
#define CORE_CHILD_H

#include <glib.h>

struct child;

struct child_options {
	const char *program;     /* NULL = the running program itself */
	const char *const *argv; /* with argv[0], NULL at the end */
};

/* AGAIN: no process to be had, or no program. */
struct child *child_start(const struct child_options *options, GError **error);

/* Kills it, where it still runs, and reaps it. NULL is fine. */
void child_free(struct child *child);
typedef struct child child_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(child_auto, child_free)

/*
 * Begin a question: from now on so many seconds, and so many of CPU time (0: as many as it wants).
 * What was to be written and was not is forgotten.
 */
void child_begin(struct child *child, guint seconds, guint cpu_seconds);

/*
 * What it shall read next, as soon as it takes it. bytes are the caller's, and stay until the
 * answer is read. At most CHILD_PIECES_MAX pieces a question.
 */
#define CHILD_PIECES_MAX 4
void child_send(struct child *child, gconstpointer bytes, gsize len);

/*
 * Wait for 1 to len bytes of its output, writing what is to be written meanwhile. 0 at the end of
 * its output; -1 with AGAIN where the time is over. data: a struct child *, since this has the
 * shape of a wire_source_fn.
 */
gssize child_read(gpointer data, guint8 *bytes, gsize len, GError **error);

/*
 * Kill it where it runs and say how it ended: "killed by signal 31 (SIGSYS)", "ended with exit code
 * 1", with what it said last. Caller frees.
 */
char *child_end(struct child *child);

/* Close its input and let it end by itself, at most seconds; then kill it. FALSE: it was killed. */
gboolean child_dismiss(struct child *child, guint seconds);

/* Of one that was dismissed: its exit code, -1 where a signal ended it. */
int child_exit_code(const struct child *child);

/* Its output ended: it died, or is about to. */
gboolean child_has_ended(const struct child *child);

GPid child_pid(const struct child *child);

/* In the child, first of all: end with the parent. */
void child_follow_parent(void);

#endif
