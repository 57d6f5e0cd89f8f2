/* SPDX-License-Identifier: MIT */
#include "web/ratelimit.h"

struct tries {
	gint64 since;
	guint n;
};

struct ratelimit {
	guint max_tries;
	gint64 window_s;
	GMutex lock;
	GHashTable *tries; /* key → struct tries */
};

struct ratelimit *
ratelimit_new(guint max_tries, gint64 window_s)
{
	struct ratelimit *limit = g_new0(struct ratelimit, 1);

	limit->max_tries = max_tries;
	limit->window_s = window_s;
	limit->tries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_mutex_init(&limit->lock);
	return limit;
}

void
ratelimit_free(struct ratelimit *limit)
{
	if (!limit)
		return;
	g_hash_table_unref(limit->tries);
	g_mutex_clear(&limit->lock);
	g_free(limit);
}

static gboolean
is_over(const struct ratelimit *limit, const struct tries *tries, gint64 now)
{
	/* A clock that was set back must not lock anybody out for longer than the time of a key. */
	return now - tries->since >= limit->window_s || now < tries->since;
}

static void
forget_old(struct ratelimit *limit, gint64 now)
{
	GHashTableIter iter;
	gpointer tries;

	g_hash_table_iter_init(&iter, limit->tries);
	while (g_hash_table_iter_next(&iter, NULL, &tries)) {
		if (is_over(limit, tries, now))
			g_hash_table_iter_remove(&iter);
	}
}

/* The tries of key, fresh where its time is over; NULL where there is no place for another key. */
static struct tries *
find_tries(struct ratelimit *limit, const char *key, gint64 now)
{
	struct tries *tries = g_hash_table_lookup(limit->tries, key);

	if (tries && is_over(limit, tries, now)) {
		tries->since = now;
		tries->n = 0;
	}
	if (tries)
		return tries;
	if (g_hash_table_size(limit->tries) >= RATELIMIT_MAX_KEYS)
		forget_old(limit, now);
	if (g_hash_table_size(limit->tries) >= RATELIMIT_MAX_KEYS)
		return NULL;
	tries = g_new0(struct tries, 1);
	tries->since = now;
	g_hash_table_insert(limit->tries, g_strdup(key), tries);
	return tries;
}

gboolean
ratelimit_take(struct ratelimit *limit, const char *key, gint64 now, gint64 *ret_wait_s)
{
	g_mutex_lock(&limit->lock);
	struct tries *tries = find_tries(limit, key, now);
	gboolean is_ok = tries && tries->n < limit->max_tries;
	if (is_ok)
		tries->n++;
	else
		*ret_wait_s = tries ? tries->since + limit->window_s - now : limit->window_s;
	g_mutex_unlock(&limit->lock);
	return is_ok;
}

void
ratelimit_give_back(struct ratelimit *limit, const char *key)
{
	g_mutex_lock(&limit->lock);
	struct tries *tries = g_hash_table_lookup(limit->tries, key);
	if (tries && tries->n > 0)
		tries->n--;
	g_mutex_unlock(&limit->lock);
}
