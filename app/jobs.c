/* SPDX-License-Identifier: MIT */
#include "app/jobs.h"

#include "app/changing.h"
#include "core/log.h"
#include "store/dns_facts.h"

#define TURN_US ((gint64)300 * G_USEC_PER_SEC)
/* A fact from the DNS that nobody could renew for so long. */
#define LOOKUPS_KEPT_S ((gint64)30 * 86400)

struct jobs {
	struct store *store;
	GThread *thread;
	GMutex lock; /* of what follows */
	struct jobs_options options;
	GCond changed;
	gboolean is_stopping;
};

static void
tell(const char *event, gint64 n)
{
	g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, n);

	if (n > 0)
		log_event(LOG_INFO, event, "count", count, NULL);
}

static void
forget(struct store *store, const struct jobs_options *options)
{
	g_autoptr(GError) error = NULL;
	gint64 n = 0;

	if (!store_forget(store, &options->retention, &n, &error))
		log_event(LOG_ERROR, "cannot forget old mails", "error", error->message, NULL);
	tell("forgot old mails", n);
}

static void
find_changes(struct store *store, const struct jobs_options *options)
{
	g_autoptr(GError) error = NULL;
	gint64 n = 0;

	if (!changing_run(store, &options->changes, &n, &error))
		log_event(LOG_ERROR, "cannot find what changed", "error", error->message, NULL);
	tell("something changed", n);
}

/* Nobody is accused by old news. */
static void
forget_lookups(struct store *store, const struct jobs_options *options)
{
	g_autoptr(GError) error = NULL;
	gint64 before = g_get_real_time() / G_USEC_PER_SEC - LOOKUPS_KEPT_S;

	(void)options;
	if (!store_edit_lookups_expire(store, before, &error))
		log_event(LOG_ERROR, "cannot forget old facts", "error", error->message, NULL);
}

static const struct {
	void (*run)(struct store *store, const struct jobs_options *options);
	guint turns; /* from one run to the next */
} all_jobs[] = {
	{ forget, 12 },
	{ forget_lookups, 12 },
	{ find_changes, 1 },
};

static struct jobs_options
read_options(struct jobs *jobs)
{
	g_mutex_lock(&jobs->lock);
	const struct jobs_options options = jobs->options;
	g_mutex_unlock(&jobs->lock);
	return options;
}

static gboolean
wait_for_turn(struct jobs *jobs)
{
	gint64 until = g_get_monotonic_time() + TURN_US;

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
	guint turn = 0;

	do {
		const struct jobs_options options = read_options(jobs);
		for (gsize i = 0; i < G_N_ELEMENTS(all_jobs); i++)
			if (turn % all_jobs[i].turns == 0)
				all_jobs[i].run(jobs->store, &options);
		turn++;
	} while (wait_for_turn(jobs));
	return NULL;
}

struct jobs *
jobs_start(struct store *store, const struct jobs_options *options)
{
	struct jobs *jobs = g_new0(struct jobs, 1);

	jobs->store = store;
	jobs->options = *options;
	g_mutex_init(&jobs->lock);
	g_cond_init(&jobs->changed);
	jobs->thread = g_thread_new("jobs", run, jobs);
	return jobs;
}

void
jobs_set_options(struct jobs *jobs, const struct jobs_options *options)
{
	g_mutex_lock(&jobs->lock);
	jobs->options = *options;
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
