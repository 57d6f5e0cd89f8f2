/* SPDX-License-Identifier: MIT */
/*
 * ratelimit.h - so many tries for a key within a time, and not one more.
 *
 * The time of a key begins with its first try. Keys are bounded: while too many are in use, new
 * ones are refused like those that have no try left. Any thread.
 */
#ifndef WEB_RATELIMIT_H
#define WEB_RATELIMIT_H

#include <glib.h>

#define RATELIMIT_MAX_KEYS 10000

struct ratelimit;

struct ratelimit *ratelimit_new(guint max_tries, gint64 window_s);
void ratelimit_free(struct ratelimit *limit);
typedef struct ratelimit ratelimit_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ratelimit_auto, ratelimit_free)

/* Use up a try of key. FALSE where none is left: ret_wait_s is how long until there is one. */
gboolean ratelimit_take(struct ratelimit *limit, const char *key, gint64 now, gint64 *ret_wait_s);

/* The try was a good one: it does not count. */
void ratelimit_give_back(struct ratelimit *limit, const char *key);

#endif
