/* SPDX-License-Identifier: MIT */
#include "app/daemon.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>

#include "app/command.h"
#include "app/jobs.h"
#include "app/reread.h"
#include "core/error.h"
#include "core/log.h"
#include "ingest/intake.h"
#include "ingest/pipeline.h"
#include "store/query.h"
#include "web/web.h"

#define FIRST_USER   "admin"
#define LOGIN_LINK_S (15 * 60)
/* After the stop was asked for: how long mails on their way may take before they are given back. */
#define DRAIN_S 20

struct daemon {
	const struct config *config;
	struct store *store;
	struct pipeline *pipeline;
	struct jobs *jobs;
	GCancellable *cancel;
	GPtrArray *intakes; /* struct running_intake * */
	struct web *web;
	GMainLoop *loop;
};

struct running_intake {
	const struct intake_config *config;
	const struct intake_type *type;
	gpointer intake;
	struct intake_context context;
	GThread *thread;
};

static gpointer
run_intake(gpointer data)
{
	struct running_intake *running = data;
	g_autoptr(GError) error = NULL;

	if (!running->type->run(running->intake, &running->context, &error))
		log_event(LOG_ERROR, "intake stopped", "intake", running->config->name, "error",
			  error->message, NULL);
	return NULL;
}

static void
running_intake_free(gpointer data)
{
	struct running_intake *running = data;

	if (running->thread)
		g_thread_join(running->thread);
	if (running->intake)
		running->type->close(running->intake);
	g_free(running);
}

static gboolean
start_intake(struct daemon *daemon, const struct intake_config *config, GError **error)
{
	struct running_intake *running = g_new0(struct running_intake, 1);

	g_ptr_array_add(daemon->intakes, running);
	running->config = config;
	running->context = (struct intake_context){ daemon->store, daemon->pipeline, daemon->cancel,
						    daemon->config->reading.parse.mail_bytes };
	running->type = intake_type_find(config->type, error);
	if (running->type)
		running->intake = running->type->open(config, error);
	if (!running->intake) {
		g_prefix_error(error, "intake \"%s\": ", config->name);
		return FALSE;
	}
	running->thread = g_thread_new(config->name, run_intake, running);
	return TRUE;
}

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
	g_cancellable_cancel(daemon->cancel);
	GThread *watch = daemon->store ? g_thread_new("drain", give_up_later, daemon) : NULL;
	web_stop(daemon->web);
	g_ptr_array_unref(daemon->intakes);
	pipeline_stop(daemon->pipeline);
	if (watch)
		g_thread_join(watch);
	jobs_stop(daemon->jobs);
	store_close(daemon->store);
	g_object_unref(daemon->cancel);
	g_main_loop_unref(daemon->loop);
}

static gboolean
start_reading(struct daemon *daemon, GError **error)
{
	daemon->store = command_open_store(daemon->config, FALSE, error);
	if (!daemon->store)
		return FALSE;
	daemon->pipeline = pipeline_start(daemon->store, &daemon->config->reading, 0);
	daemon->jobs = jobs_start(daemon->store, &daemon->config->retention);
	for (guint i = 0; i < daemon->config->intakes->len; i++)
		if (!start_intake(daemon, g_ptr_array_index(daemon->config->intakes, i), error))
			return FALSE;
	return TRUE;
}

static gboolean
start_web(struct daemon *daemon, const struct web_hooks *hooks, GError **error)
{
	const struct web_options options = {
		.listen = daemon->config->web_listen,
		.store = daemon->store,
		.hooks = hooks,
		.allow_documentation = daemon->config->allow_documentation_addresses,
		.version = DMARCD_VERSION,
	};

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
print_start(struct daemon *daemon, const char *login_user, GError **error)
{
	const char *url = web_url(daemon->web);

	printf("dmarcd: web on %s\n", url);
	for (guint i = 0; i < daemon->intakes->len; i++) {
		const struct running_intake *running = g_ptr_array_index(daemon->intakes, i);
		printf("dmarcd: reading %s %s\n", running->type->name,
		       running->type->where(running->intake));
	}
	login_user = first_user(daemon->store, login_user);
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

gboolean
daemon_run(const struct daemon_options *options, GError **error)
{
	struct daemon daemon = {
		.config = options->config,
		.cancel = g_cancellable_new(),
		.intakes = g_ptr_array_new_with_free_func(running_intake_free),
		.loop = g_main_loop_new(NULL, FALSE),
	};
	struct reread reread = { .options = &options->config->reading };
	struct web_hooks hooks = { .retry = reread_kept, .data = &reread };
	gboolean is_started = start_reading(&daemon, error);

	if (is_started) {
		reread.store = daemon.store;
		is_started = start_web(&daemon, &hooks, error) &&
			     print_start(&daemon, options->login_user, error);
	}
	if (is_started) {
		guint term = g_unix_signal_add(SIGTERM, on_signal, daemon.loop);
		guint interrupt = g_unix_signal_add(SIGINT, on_signal, daemon.loop);
		g_main_loop_run(daemon.loop);
		g_source_remove(term);
		g_source_remove(interrupt);
	}
	stop(&daemon);
	return is_started;
}
