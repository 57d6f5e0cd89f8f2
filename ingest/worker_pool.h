/* SPDX-License-Identifier: MIT */
/*
 * worker_pool.h - the room in which outside bytes are opened.
 *
 * A worker parses one mail at a time for the one thread that owns it. Callers see bytes go in and
 * struct parsed come out, or a reason why the worker gave up on the mail.
 */
#ifndef INGEST_WORKER_POOL_H
#define INGEST_WORKER_POOL_H

#include <glib.h>

#include "core/document.h"
#include "ingest/parse.h"

struct worker;

/* limits are copied. */
struct worker *worker_new(const struct parse_limits *limits, GError **error);
void worker_free(struct worker *worker);

/* NULL and error (INVALID or LIMIT: quarantine the mail) where the worker gave up. */
struct parsed *worker_parse(struct worker *worker, GBytes *bytes, GError **error);

#endif
