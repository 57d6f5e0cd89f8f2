/* SPDX-License-Identifier: MIT */
#include "ingest/worker_pool.h"

struct worker {
	struct parse_limits limits;
};

struct worker *
worker_new(const struct parse_limits *limits, GError **error)
{
	(void)error;
	struct worker *worker = g_new0(struct worker, 1);

	worker->limits = *limits;
	return worker;
}

void
worker_free(struct worker *worker)
{
	g_free(worker);
}

struct parsed *
worker_parse(struct worker *worker, GBytes *bytes, GError **error)
{
	(void)error;
	return parse(bytes, &worker->limits, g_get_real_time() / G_USEC_PER_SEC);
}
