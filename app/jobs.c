/* SPDX-License-Identifier: MIT */
#include "app/jobs.h"

#include "core/log.h"
#include "store/dns_facts.h"

/* A fact from the DNS that nobody could renew for so long. */
#define LOOKUPS_KEPT_S ((gint64)30 * 86400)
#define EVERY_US       ((gint64)3600 * G_USEC_PER_SEC)

struct jobs {
	struct store *store;
	GThread *thread;
	GMutex lock; /* of what follows */
	struct retention retention;
	GCond changed;
	gboolean is_stopping;
};

static void
forget(struct jobs *jobs)
{
	g_autoptr(GError) error = NULL;
	gint64 n = 0;

	g_mutex_lock(&jobs->lock);
	const struct retention retention = jobs->retention;
	g_mutex_unlock(&jobs->lock);
	if (!store_forget(jobs->store, &retention, &n, &error))
		log_event(LOG_ERROR, "cannot forget old mails", "error", error->message, NULL);
	if (n == 0)
		return;
	g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, n);
	log_event(LOG_INFO, "forgot old mails", "count", count, NULL);
}

/* Nobody is accused by old news. */
static void
forget_lookups(struct jobs *jobs)
{
	g_autoptr(GError) error = NULL;
	gint64 before = g_get_real_time() / G_USEC_PER_SEC - LOOKUPS_KEPT_S;

	if (!store_edit_lookups_expire(jobs->store, before, &error))
		log_event(LOG_ERROR, "cannot forget old facts", "error", error->message, NULL);
}

static gboolean
wait_for_turn(struct jobs *jobs)
{
	gint64 until = g_get_monotonic_time() + EVERY_US;

	g_mutex_lock(&jobs->lock);
	while (!jobs->is_stopping && g_cond_wait_until(&jobs->changed, &jobs->lock, until))
		continue;
	gboolean is_stopping = jobs->is_stopping;
	g_mutex_unlock(&jobs->lock);
	return !is_stopping;
}

static gpointer
run(gpointer data)
{
	struct jobs *jobs = data;

	do {
		forget(jobs);
		forget_lookups(jobs);
	} while (wait_for_turn(jobs));
	return NULL;
}

struct jobs *
jobs_start(struct store *store, const struct retention *retention)
{
	struct jobs *jobs = g_new0(struct jobs, 1);

	jobs->store = store;
	jobs->retention = *retention;
	g_mutex_init(&jobs->lock);
	g_cond_init(&jobs->changed);
	jobs->thread = g_thread_new("jobs", run, jobs);
	return jobs;
}

void
jobs_set_retention(struct jobs *jobs, const struct retention *retention)
{
	g_mutex_lock(&jobs->lock);
	jobs->retention = *retention;
	g_mutex_unlock(&jobs->lock);
}

void
jobs_stop(struct jobs *jobs)
{
	if (!jobs)
		return;
	g_mutex_lock(&jobs->lock);
	jobs->is_stopping = TRUE;
	g_cond_broadcast(&jobs->changed);
	g_mutex_unlock(&jobs->lock);
	g_thread_join(jobs->thread);
	g_mutex_clear(&jobs->lock);
	g_cond_clear(&jobs->changed);
	g_free(jobs);
}
