/* SPDX-License-Identifier: MIT */
/*
 * judging.h - the judge that the store asks (store/judge.h): analysis with the administrator's
 * weights, and the tables of known senders, known reporters and public suffixes.
 */
#ifndef APP_JUDGING_H
#define APP_JUDGING_H

#include "analysis/weights.h"
#include "app/enrichment.h"
#include "core/sender.h"
#include "store/judge.h"

struct judging_options {
	struct weights weights;
	GStrv parked;                  /* domains that never send, lower case; NULL = none */
	struct enrichment *enrichment; /* taken */
};

/* For one store, which frees it. The rest of options is copied. */
const struct store_judge *judging_new(const struct judging_options *options);

/*
 * The known sender of this id, NULL where there is none: built in, or of the administrator's
 * tables. cookie is that of a judge of judging_new(), whose owner keeps what is returned. Any
 * thread.
 */
const struct sender *judging_find_sender(gpointer cookie, const char *id);

/* The organisational domain that sources are judged by, a suffix of domain: by the Public Suffix
 * List. cookie as above. Any thread. */
const char *judging_find_org(gpointer cookie, const char *domain);

/* For any number of stores, without options of anybody: made once, never freed. */
const struct store_judge *judging_default(void);

#endif
