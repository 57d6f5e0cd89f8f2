/* SPDX-License-Identifier: MIT */
/*
 * jobs.h - what serve does by the clock: forget what retention says, and facts from
 * the DNS that got too old.
 */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include <glib.h>

#include "store/retention.h"

struct jobs;

/* The first time at once, then every hour, in a thread of their own. Copies retention. */
struct jobs *jobs_start(struct store *store, const struct retention *retention);

/* From the next time on. */
void jobs_set_retention(struct jobs *jobs, const struct retention *retention);

/* Ends after the job that is running. NULL is fine. */
void jobs_stop(struct jobs *jobs);

#endif
