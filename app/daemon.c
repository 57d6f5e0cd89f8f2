/* SPDX-License-Identifier: MIT */
#include "app/daemon.h"

#include <glib-unix.h>
#include <stdio.h>

#include "app/command.h"
#include "app/intakes.h"
#include "app/jobs.h"
#include "app/judging.h"
#include "app/lookup_store.h"
#include "app/lookups.h"
#include "app/reread.h"
#include "app/uploads.h"
#include "core/error.h"
#include "core/log.h"
#include "core/notify.h"
#include "ingest/pipeline.h"
#include "store/query.h"
#include "web/web.h"

#define FIRST_USER   "admin"
#define LOGIN_LINK_S (15 * 60)
/* After the stop was asked for: how long mails on their way may take before they are given back. */
#define DRAIN_S 20

struct daemon {
	const struct daemon_options *options;
	struct store *store;
	struct pipeline *pipeline;
	struct jobs *jobs;
	struct intakes *intakes;
	struct reread *reread;
	struct uploads *uploads;
	struct lookup_store *lookup_store;
	struct lookups *lookups;
	struct web_hooks hooks;
	struct web *web;
	GMainLoop *loop;
	GThread *reload; /* the last one, NULL = none yet */
	gint is_reloading;
};

static gboolean
on_signal(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static gpointer
give_up_later(gpointer data)
{
	struct daemon *daemon = data;
	gint64 deadline = g_get_monotonic_time() + DRAIN_S * G_USEC_PER_SEC;

	while (store_in_flight(daemon->store) > 0 && g_get_monotonic_time() < deadline)
		g_usleep(G_USEC_PER_SEC / 20);
	store_give_up(daemon->store);
	return NULL;
}

/* Stop taking, finish what was taken, close. Also takes down what was only half started. */
static void
stop(struct daemon *daemon)
{
	GThread *watch = daemon->store ? g_thread_new("drain", give_up_later, daemon) : NULL;
	if (daemon->reload)
		g_thread_join(daemon->reload);
	if (daemon->intakes)
		intakes_cancel(daemon->intakes);
	web_stop(daemon->web);
	intakes_free(daemon->intakes);
	uploads_stop(daemon->uploads);
	pipeline_stop(daemon->pipeline);
	if (watch)
		g_thread_join(watch);
	lookups_stop(daemon->lookups);
	lookup_store_free(daemon->lookup_store);
	jobs_stop(daemon->jobs);
	reread_free(daemon->reread);
	store_close(daemon->store);
	g_main_loop_unref(daemon->loop);
}

/* ---- SIGHUP ---- */

static gboolean
differ(GStrv old, GStrv new)
{
	return !g_strv_equal((const char *const *)old, (const char *const *)new);
}

static void
warn_of_restart(const struct config *old, const struct config *new)
{
	const struct {
		const char *name;
		gboolean has_changed;
	} settings[] = {
		{ "store.url", !g_str_equal(old->store_url, new->store_url) },
		{ "web.listen", !g_str_equal(old->web_listen, new->web_listen) },
		{ "web.metrics", old->web_metrics != new->web_metrics },
		{ "score", memcmp(&old->weights, &new->weights, sizeof(old->weights)) != 0 },
		{ "parked_domains", differ(old->parked_domains, new->parked_domains) },
		{ "enrich.geo_databases", differ(old->geo_databases, new->geo_databases) },
		{ "enrich.senders_files", differ(old->senders_files, new->senders_files) },
		{ "enrich.senders_maps", differ(old->senders_maps, new->senders_maps) },
		/* Jobs have them at once. */
		{ "changes on the page",
		  memcmp(&old->changes, &new->changes, sizeof(old->changes)) != 0 },
		{ "limits.max_mail_bytes of uploads",
		  old->reading.parse.mail_bytes != new->reading.parse.mail_bytes },
		{ "allow_documentation_addresses",
		  old->allow_documentation_addresses != new->allow_documentation_addresses },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
		if (settings[i].has_changed)
			log_event(LOG_WARNING, "setting takes effect at the next start", "setting",
				  settings[i].name, NULL);
}

/* In a thread of its own: an intake that ends may wait for the store. */
static gpointer
reload(gpointer data)
{
	struct daemon *daemon = data;
	const struct daemon_options *options = daemon->options;
	g_autoptr(GError) error = NULL;

	notify_reloading();
	g_autoptr(config_auto) config = options->reload(options->data, &error);
	if (config && intakes_set(daemon->intakes, config, &error)) {
		pipeline_set_options(daemon->pipeline, &config->reading);
		reread_set_options(daemon->reread, &config->reading);
		const struct jobs_options jobs = { config->retention, config->changes };
		jobs_set_options(daemon->jobs, &jobs);
		lookups_set_options(daemon->lookups, &config->dns);
		log_set_options(&config->log);
		warn_of_restart(options->config, config);
		log_event(LOG_INFO, "configuration was read anew", NULL);
	} else {
		log_event(LOG_ERROR, "configuration stays as it was", "error", error->message,
			  NULL);
	}
	notify_ready();
	g_atomic_int_set(&daemon->is_reloading, FALSE);
	return NULL;
}

static gboolean
on_reload(gpointer data)
{
	struct daemon *daemon = data;

	if (!g_atomic_int_compare_and_exchange(&daemon->is_reloading, FALSE, TRUE)) {
		log_event(LOG_WARNING, "configuration is being read already; ask again later",
			  NULL);
		return G_SOURCE_CONTINUE;
	}
	if (daemon->reload)
		g_thread_join(daemon->reload);
	daemon->reload = g_thread_new("reload", reload, daemon);
	return G_SOURCE_CONTINUE;
}

/* ---- start ---- */

static void
start_lookups(struct daemon *daemon)
{
	daemon->lookup_store = lookup_store_new(daemon->store);
	const struct lookup_hooks hooks = {
		.next = lookup_store_next,
		.store = lookup_store_keep,
		.is_service = lookup_store_is_service,
		.data = daemon->lookup_store,
	};
	daemon->lookups = lookups_start(&daemon->options->config->dns, &hooks);
}

static void
tell_lookups(gpointer data, struct web_lookups *ret_lookups)
{
	const struct lookups_status status = lookups_get_status(data);

	*ret_lookups = (struct web_lookups){
		.is_enabled = status.is_enabled,
		.asked_at = status.tried_at,
		.n_asked = status.n_asked,
		.n_facts = status.n_facts,
	};
	g_strlcpy(ret_lookups->why, status.why, sizeof(ret_lookups->why));
}

static gboolean
start_reading(struct daemon *daemon, GError **error)
{
	const struct config *config = daemon->options->config;
	const struct jobs_options jobs = { config->retention, config->changes };

	daemon->store = command_open_store(config, FALSE, error);
	if (!daemon->store)
		return FALSE;
	daemon->pipeline = pipeline_start(daemon->store, &config->reading, 0);
	daemon->uploads = uploads_start(daemon->pipeline);
	daemon->jobs = jobs_start(daemon->store, &jobs);
	daemon->reread = reread_new(daemon->store, &config->reading);
	start_lookups(daemon);
	daemon->intakes = intakes_new(daemon->store, daemon->pipeline);
	return intakes_set(daemon->intakes, config, error);
}

static gboolean
start_web(struct daemon *daemon, GError **error)
{
	const struct config *config = daemon->options->config;
	const struct web_options options = {
		.listen = config->web_listen,
		.store = daemon->store,
		.hooks = &daemon->hooks,
		.allow_documentation = config->allow_documentation_addresses,
		.metrics = config->web_metrics,
		.weights = &config->weights,
		.mail_bytes = config->reading.parse.mail_bytes,
		.changes = config->changes,
		.version = DMARCD_VERSION,
	};

	daemon->hooks = (struct web_hooks){ .retry = reread_kept,
					    .data = daemon->reread,
					    .submit = uploads_submit,
					    .submit_data = daemon->uploads,
					    .find_sender = judging_find_sender,
					    .find_sender_data = store_judge(daemon->store)->cookie,
					    .find_org = judging_find_org,
					    .find_org_data = store_judge(daemon->store)->cookie,
					    .lookups = tell_lookups,
					    .lookups_data = daemon->lookups };
	daemon->web = web_start(&options, error);
	return daemon->web != NULL;
}

/* Nobody can log in yet: the first one gets in by a link on the terminal. */
static const char *
first_user(struct store *store, const char *wanted)
{
	g_autoptr(store_view_auto) view = store_view_open(store, NULL);

	return wanted || !view || query_has_users(view, NULL) ? wanted : FIRST_USER;
}

static gboolean
print_start(struct daemon *daemon, GError **error)
{
	const char *url = web_url(daemon->web);
	g_autofree char *reading = intakes_describe(daemon->intakes);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(reading), "\n", -1);
	const char *login_user = first_user(daemon->store, daemon->options->login_user);

	printf("dmarcd: web on %s\n", url);
	for (char **line = lines; *line; line++)
		printf("dmarcd: reading %s\n", *line);
	if (login_user) {
		g_autofree char *link =
			web_login_link(daemon->store, url, login_user, LOGIN_LINK_S, error);
		if (!link)
			return FALSE;
		printf("dmarcd: log in once within 15 minutes: %s\n", link);
	}
	fflush(stdout);
	return TRUE;
}

static void
wait_for_signal(struct daemon *daemon)
{
	const guint sources[] = {
		g_unix_signal_add(SIGTERM, on_signal, daemon->loop),
		g_unix_signal_add(SIGINT, on_signal, daemon->loop),
		g_unix_signal_add(SIGHUP, on_reload, daemon),
	};

	notify_ready();
	notify_watch();
	g_main_loop_run(daemon->loop);
	notify_stopping();
	/* From now on a second SIGTERM ends it at once. */
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
}

gboolean
daemon_run(const struct daemon_options *options, GError **error)
{
	struct daemon daemon = {
		.options = options,
		.loop = g_main_loop_new(NULL, FALSE),
	};
	log_set_options(&options->config->log);
	gboolean is_started = start_reading(&daemon, error) && start_web(&daemon, error) &&
			      print_start(&daemon, error);

	if (is_started)
		wait_for_signal(&daemon);
	stop(&daemon);
	return is_started;
}
