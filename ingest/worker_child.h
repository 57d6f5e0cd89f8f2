/* SPDX-License-Identifier: MIT */
/*
 * worker_child.h - the sealed side: take settings, lock the door, then mail after mail.
 *
 * It reads standard input and writes standard output until its input ends. Everything that needs a
 * file is opened before the door is locked. Between two mails it keeps nothing of either.
 */
#ifndef INGEST_WORKER_CHILD_H
#define INGEST_WORKER_CHILD_H

#include <glib.h>

/* Returns at the end of the input; FALSE and error where it cannot go on. After parse_init(). */
gboolean worker_child_run(GError **error);

#endif
