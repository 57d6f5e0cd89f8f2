/* SPDX-License-Identifier: MIT */
/*
 * log.h - one line an event: the event first, then key=value fields, on standard error.
 *
 *	log_event(LOG_WARNING, "mail quarantined", "intake", "drop", "reason", reason, NULL);
 *	-> 2026-11-22T05:10:00Z warning: mail quarantined intake=drop reason="not XML"
 *
 * Values are escaped, so that a line stays a line. The same event is written at most 10 times a
 * minute; then a count follows. Only app, ingest/pipeline, ingest/intake_*, ingest/worker_*,
 * store/writer and web/server log; others return errors. Secrets never become a field.
 *
 * Threads: any.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <glib.h>

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

/* event: static text. Then pairs of const char * key and value, ended by NULL; value NULL = "". */
void log_event(enum log_level level, const char *event, ...) G_GNUC_NULL_TERMINATED;

/* Write nothing below level. The default is LOG_INFO. */
void log_set_level(enum log_level level);

#endif
