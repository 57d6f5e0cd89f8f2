/* SPDX-License-Identifier: MIT */
/*
 * jobs.h - what serve does by the clock: forget what retention says, and facts from the DNS that
 * got too old, every hour; find what changed, every few minutes where something came.
 */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include <glib.h>

#include "analysis/change_limits.h"
#include "store/retention.h"

struct jobs;

struct jobs_options {
	struct retention retention;
	struct change_limits changes;
};

/* The first time at once, in a thread of their own. Copies options. */
struct jobs *jobs_start(struct store *store, const struct jobs_options *options);

/* From the next time on. */
void jobs_set_options(struct jobs *jobs, const struct jobs_options *options);

/* Ends after the job that is running. NULL is fine. */
void jobs_stop(struct jobs *jobs);

#endif
