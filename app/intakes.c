/* SPDX-License-Identifier: MIT */
#include "app/intakes.h"

#include <gio/gio.h>
#include <string.h>

#include "core/log.h"
#include "core/metrics.h"
#include "ingest/intake.h"
#include "store/lease.h"

/* How often one that waits for another dmarcd looks whether it is gone. */
#define LEASE_PAUSE_MS 500

struct intakes {
	struct store *store;
	struct pipeline *pipeline;
	GPtrArray *running; /* struct running * */
};

struct running {
	struct intake_config *config;
	const struct intake_type *type;
	gpointer intake;
	struct intake_context context;
	GThread *thread;
};

/* ---- one intake ---- */

/* What it reads, the same for every dmarcd that reads it. */
static char *
name_mailbox(const struct running *running)
{
	const struct intake_config *config = running->config;
	g_autofree char *folders = config->folders ? g_strjoinv("\n", config->folders) : NULL;

	return g_strjoin("\n", running->type->name, running->type->where(running->intake),
			 config->user ? config->user : "", folders ? folders : "", NULL);
}

static void
pause_until_cancelled(GCancellable *cancel, int ms)
{
	GPollFD fd;

	if (!g_cancellable_make_pollfd(cancel, &fd))
		return;
	g_poll(&fd, 1, ms);
	g_cancellable_release_fd(cancel);
}

/* NULL where it was cancelled, or the system knows no locks; then it is read without. */
static struct lease *
wait_for_lease(struct running *running)
{
	g_autofree char *mailbox = name_mailbox(running);
	struct lease *lease = NULL;
	gboolean is_said = FALSE;

	while (!g_cancellable_is_cancelled(running->context.cancel)) {
		g_autoptr(GError) error = NULL;
		if (!lease_take(running->context.store, mailbox, &lease, &error)) {
			log_event(LOG_WARNING, "cannot tell whether another dmarcd reads here",
				  "intake", running->config->name, "error", error->message, NULL);
			return NULL;
		}
		if (lease)
			break;
		if (!is_said)
			log_event(LOG_INFO,
				  "another dmarcd reads this mailbox: waiting for its end",
				  "intake", running->config->name, NULL);
		is_said = TRUE;
		pause_until_cancelled(running->context.cancel, LEASE_PAUSE_MS);
	}
	return lease;
}

static gpointer
run(gpointer data)
{
	struct running *running = data;
	g_autoptr(GError) error = NULL;
	struct lease *lease = running->type->is_mailbox ? wait_for_lease(running) : NULL;

	if (!running->type->run(running->intake, &running->context, &error))
		log_event(LOG_ERROR, "intake stopped", "intake", running->config->name, "error",
			  error->message, NULL);
	lease_give_back(lease);
	return NULL;
}

static void
running_free(gpointer data)
{
	struct running *running = data;

	g_cancellable_cancel(running->context.cancel);
	if (running->thread) {
		g_thread_join(running->thread);
		metrics_intake_end(running->config->name);
	}
	if (running->intake)
		running->type->close(running->intake);
	g_object_unref(running->context.cancel);
	intake_config_unref(running->config);
	g_free(running);
}

/* Opened, and not running yet. */
static struct running *
running_open(const struct intakes *intakes, struct intake_config *config, GError **error)
{
	struct running *running = g_new0(struct running, 1);

	running->config = intake_config_ref(config);
	running->context = (struct intake_context){ intakes->store, intakes->pipeline,
						    g_cancellable_new(), config->mail_bytes };
	running->type = intake_type_find(config->type, error);
	if (running->type)
		running->intake = running->type->open(running->config, error);
	if (running->intake)
		return running;
	g_prefix_error(error, "intake \"%s\": ", config->name);
	running_free(running);
	return NULL;
}

/* ---- all of them ---- */

struct intakes *
intakes_new(struct store *store, struct pipeline *pipeline)
{
	struct intakes *intakes = g_new0(struct intakes, 1);

	intakes->store = store;
	intakes->pipeline = pipeline;
	intakes->running = g_ptr_array_new_with_free_func(running_free);
	return intakes;
}

void
intakes_cancel(struct intakes *intakes)
{
	for (guint i = 0; i < intakes->running->len; i++) {
		const struct running *running = g_ptr_array_index(intakes->running, i);
		g_cancellable_cancel(running->context.cancel);
	}
}

void
intakes_free(struct intakes *intakes)
{
	if (!intakes)
		return;
	/* All of them first: each may take its time to end. */
	intakes_cancel(intakes);
	g_ptr_array_unref(intakes->running);
	g_free(intakes);
}

static gboolean
runs_already(const struct intakes *intakes, const struct intake_config *config)
{
	for (guint i = 0; i < intakes->running->len; i++) {
		const struct running *running = g_ptr_array_index(intakes->running, i);
		if (config_is_same_intake(running->config, config))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_wanted(const struct config *config, const struct intake_config *intake)
{
	for (guint i = 0; i < config->intakes->len; i++)
		if (config_is_same_intake(g_ptr_array_index(config->intakes, i), intake))
			return TRUE;
	return FALSE;
}

/* An address that one of ours listens on cannot be tried before that one ends. */
static gboolean
holds_address(const struct intakes *intakes, const struct intake_config *config)
{
	for (guint i = 0; i < intakes->running->len; i++) {
		const struct running *running = g_ptr_array_index(intakes->running, i);
		if (!running->type->is_mailbox &&
		    g_str_equal(running->config->listen, config->listen))
			return TRUE;
	}
	return FALSE;
}

static gboolean
check(const struct intakes *intakes, const struct config *config, GError **error)
{
	for (guint i = 0; i < config->intakes->len; i++) {
		struct intake_config *intake = g_ptr_array_index(config->intakes, i);
		if (runs_already(intakes, intake) || holds_address(intakes, intake))
			continue;
		struct running *trial = running_open(intakes, intake, error);
		if (!trial)
			return FALSE;
		running_free(trial);
	}
	return TRUE;
}

static void
stop_unwanted(struct intakes *intakes, const struct config *config)
{
	for (guint i = intakes->running->len; i > 0; i--) {
		const struct running *running = g_ptr_array_index(intakes->running, i - 1);
		if (!is_wanted(config, running->config))
			g_ptr_array_remove_index(intakes->running, i - 1);
	}
}

/* It could be opened a moment ago. The others are read all the same, and Status shows this one. */
static void
note_lost(const struct intake_config *config, const GError *error)
{
	metrics_intake_lost(config->name, error->message);
	log_event(LOG_ERROR, "intake cannot be opened", "intake", config->name, "error",
		  error->message, NULL);
}

static void
start(struct intakes *intakes, struct intake_config *config)
{
	g_autoptr(GError) error = NULL;
	struct running *running = running_open(intakes, config, &error);

	if (!running) {
		note_lost(config, error);
		return;
	}
	metrics_intake_lost(config->name, "");
	running->thread = g_thread_new(config->name, run, running);
	g_ptr_array_add(intakes->running, running);
}

gboolean
intakes_set(struct intakes *intakes, const struct config *config, GError **error)
{
	if (!check(intakes, config, error))
		return FALSE;
	stop_unwanted(intakes, config);
	for (guint i = 0; i < config->intakes->len; i++) {
		struct intake_config *intake = g_ptr_array_index(config->intakes, i);
		if (!runs_already(intakes, intake))
			start(intakes, intake);
	}
	return TRUE;
}

char *
intakes_describe(const struct intakes *intakes)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < intakes->running->len; i++) {
		const struct running *running = g_ptr_array_index(intakes->running, i);
		g_string_append_printf(text, "%s %s\n", running->type->name,
				       running->type->where(running->intake));
	}
	return g_string_free(text, FALSE);
}
