/* SPDX-License-Identifier: MIT */
/*
 * log.h - one line an event: the event first, then key=value fields, on standard error.
 *
 *	log_event(LOG_WARNING, "mail quarantined", "intake", "drop", "reason", reason, NULL);
 *	-> 2026-11-22T05:10:00Z warning: mail quarantined intake=drop reason="not XML"
 *
 * Values are escaped, so that a line stays a line, and cut at 4 KiB. The same event is written at
 * most 10 times a minute; then a count follows. Only app, ingest/pipeline, ingest/intake_*,
 * ingest/worker_*, store/writer and web/server log; others return errors. Secrets never become a
 * field.
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

enum log_format {
	LOG_FORMAT_TEXT,    /* lines as above */
	LOG_FORMAT_JSON,    /* an object a line */
	LOG_FORMAT_JOURNAL, /* fields to the journal; where there is none, lines with a priority */
	LOG_FORMAT_AUTO,    /* journal where standard error is the journal, text elsewhere */
};

struct log_options {
	enum log_format format;
	enum log_level level; /* nothing below it is written */
};

/* event: static text. Then pairs of const char * key and value, ended by NULL; value NULL = "". */
void log_event(enum log_level level, const char *event, ...) G_GNUC_NULL_TERMINATED;

/* Without it: text, LOG_INFO. */
void log_set_options(const struct log_options *options);

/* "warning" */
const char *log_level_name(enum log_level level);

/* By the names that the configuration has for them. FALSE: no such name. */
gboolean log_level_find(const char *name, enum log_level *ret_level);
gboolean log_format_find(const char *name, enum log_format *ret_format);

#endif
