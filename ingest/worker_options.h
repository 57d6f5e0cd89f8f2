/* SPDX-License-Identifier: MIT */
/*
 * worker_options.h - how mails are parsed: in a sealed worker or in the own process, and within
 * which limits.
 *
 * All limits with a name are rows of one table, which feeds the configuration and what the parent
 * tells a worker.
 */
#ifndef INGEST_WORKER_OPTIONS_H
#define INGEST_WORKER_OPTIONS_H

#include <glib.h>

#include "ingest/parse.h"

struct worker_options {
	struct parse_limits parse;
	guint parse_seconds;     /* max_parse_seconds: 60 */
	guint parse_cpu_seconds; /* max_parse_cpu_seconds: 20 */
	gsize worker_memory;     /* max_worker_memory: 512 MiB of address space */
	gsize wire_bytes;        /* max_wire_bytes: 256 MiB that one answer makes the parent keep */
	gboolean is_sealed;      /* FALSE: parse in this process (--no-sandbox, tests) */
	const char *program;     /* that is run as "worker"; NULL = the running one. Not owned. */
};

/* Sealed, with the defaults above, no trusted_authserv. */
extern const struct worker_options worker_default_options;

/* With all that it points to. Only a copy is freed. */
struct worker_options *worker_options_copy(const struct worker_options *options);
void worker_options_free(struct worker_options *copy);

struct worker_limit {
	const char *name;
	gsize offset;     /* in struct worker_options */
	gboolean is_size; /* gsize; else guint */
	gint64 smallest;
	gint64 largest;
};

extern const struct worker_limit worker_limits[];
extern const gsize n_worker_limits;

gint64 worker_limit_get(const struct worker_options *options, const struct worker_limit *limit);
void worker_limit_set(struct worker_options *options, const struct worker_limit *limit,
		      gint64 value);

#endif
