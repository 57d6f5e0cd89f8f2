/* SPDX-License-Identifier: MIT */
/*
 * log_line.h - how one event of the log is written down. Pure functions; core/log.h is who logs.
 *
 * Values come from outside. Whatever they hold, they stay values: a line is one line, a JSON object
 * is one object, and nothing in them moves a cursor or turns the direction of writing.
 *
 * Threads: any.
 */
#ifndef CORE_LOG_LINE_H
#define CORE_LOG_LINE_H

#include "core/log.h"

struct log_line {
	enum log_level level;
	gint64 at; /* Unix time in microseconds */
	const char *event;
	const GPtrArray *fields; /* char *: key, value, key, value */
};

/* 2026-11-22T05:10:00Z warning: mail quarantined intake=drop reason="not XML" */
void log_line_text(const struct log_line *line, GString *out);

/*
 * {"time":"2026-11-22T05:10:00.123456Z","level":"warning","event":"mail quarantined","intake":...}
 * No key of a field is time, level or event.
 */
void log_line_json(const struct log_line *line, GString *out);

/* <4>mail quarantined intake=drop ...: for who reads standard error as sd-daemon(3) says. */
void log_line_prefixed(const struct log_line *line, GString *out);

/*
 * A datagram of the journal's native protocol: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, DMARCD_EVENT,
 * and DMARCD_KEY for each field.
 */
void log_line_journal(const struct log_line *line, GString *out);

#endif
