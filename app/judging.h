/* SPDX-License-Identifier: MIT */
/*
 * judging.h - the judge that the store asks (store/judge.h): analysis with the administrator's
 * weights, and the tables of known senders, known reporters and public suffixes.
 */
#ifndef APP_JUDGING_H
#define APP_JUDGING_H

#include "analysis/weights.h"
#include "store/judge.h"

struct judging;

struct judging_options {
	struct weights weights;
	GStrv parked; /* domains that never send, lower case; NULL = none */
};

/* options are copied. */
struct judging *judging_new(const struct judging_options *options);
void judging_free(struct judging *judging);

/* Lives as long as judging. */
const struct store_judge *judging_ops(const struct judging *judging);

/* The same for all who need no options: made once, never freed. */
const struct store_judge *judging_default(void);

#endif
