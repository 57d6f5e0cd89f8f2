/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/changing.h"
#include "app/command.h"
#include "core/error.h"
#include "core/log.h"
#include "ingest/intake_files.h"
#include "ingest/pipeline.h"

#define PROGRESS_EVERY_US (G_USEC_PER_SEC / 2)

struct ingest_options {
	struct common_options *common;
	gboolean want_json;
	gboolean is_quiet;
};

/* Counted in the writer's thread, read in the main thread. */
struct tally {
	GMutex lock;
	gint64 outcomes[N_OUTCOMES];
	gint64 submitted;
	gint64 started_at; /* monotonic, microseconds */
	gint64 shown_at;
	gboolean want_progress;
	char *retry_reason; /* the first one */
};

struct ingest {
	const struct config *config;
	struct pipeline *pipeline;
	struct tally tally;
};

static volatile sig_atomic_t is_interrupted;

static void
on_interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

static gint64
tally_done(const struct tally *tally)
{
	gint64 done = 0;

	for (gsize i = 0; i < N_OUTCOMES; i++)
		done += tally->outcomes[i];
	return done;
}

static void
show_progress(struct tally *tally)
{
	gint64 now = g_get_monotonic_time();

	if (!tally->want_progress || now - tally->shown_at < PROGRESS_EVERY_US)
		return;
	tally->shown_at = now;
	gint64 done = tally_done(tally);
	double seconds = (double)(now - tally->started_at) / G_USEC_PER_SEC;
	fprintf(stderr, "\r%" G_GINT64_FORMAT " mails, %.0f a second ", done,
		(double)done / MAX(seconds, 0.001));
}

static void
on_done(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct tally *tally = cookie;

	g_mutex_lock(&tally->lock);
	tally->outcomes[outcome]++;
	if (outcome == OUTCOME_RETRY && !tally->retry_reason)
		tally->retry_reason = g_strdup(reason);
	show_progress(tally);
	g_mutex_unlock(&tally->lock);
}

/* What could not be stored once will not be stored a moment later. */
static gboolean
has_trouble(struct tally *tally)
{
	g_mutex_lock(&tally->lock);
	gboolean has_retry = tally->outcomes[OUTCOME_RETRY] > 0;
	g_mutex_unlock(&tally->lock);
	return has_retry;
}

static gboolean
push(GBytes *bytes, const char *locator, gint64 at, gpointer data)
{
	struct ingest *ingest = data;
	struct message *message = message_new(bytes, "ingest", locator, on_done, &ingest->tally);

	message->received_at = at;
	ingest->tally.submitted++;
	return pipeline_push(ingest->pipeline, message) && !is_interrupted &&
	       !has_trouble(&ingest->tally);
}

static void
print_tally(const struct tally *tally, gboolean want_json)
{
	gint64 mails = tally_done(tally);
	double seconds = (double)(g_get_monotonic_time() - tally->started_at) / G_USEC_PER_SEC;

	if (want_json) {
		json_t *root =
			json_pack("{s:I,s:f}", "mails", (json_int_t)mails, "seconds", seconds);
		for (enum outcome o = OUTCOME_RETRY; o < N_OUTCOMES; o++)
			json_object_set_new(root, outcome_name(o),
					    json_integer(tally->outcomes[o]));
		json_dumpf(root, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(root);
		return;
	}
	printf("%" G_GINT64_FORMAT " mails in %.1f s:", mails, seconds);
	for (enum outcome o = OUTCOME_STORED; o < N_OUTCOMES; o++)
		printf("%s %" G_GINT64_FORMAT " %s", o == OUTCOME_STORED ? "" : ",",
		       tally->outcomes[o], outcome_name(o));
	if (tally->outcomes[OUTCOME_RETRY] > 0)
		printf(", %" G_GINT64_FORMAT " not stored", tally->outcomes[OUTCOME_RETRY]);
	putchar('\n');
}

/* Reads everything; the walk's own trouble and what the store gave back end in error. */
static gboolean
walk_all(struct ingest *ingest, char **paths, GError **error)
{
	struct files_walk walk = {
		.each = push,
		.data = ingest,
		.mail_bytes = ingest->config->reading.parse.mail_bytes,
	};

	for (char **path = paths; *path && !is_interrupted && !has_trouble(&ingest->tally); path++)
		if (!files_walk(&walk, *path, error))
			return FALSE;
	if (walk.unreadable == 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "%u files or folders could not be read (see above)", walk.unreadable);
	return FALSE;
}

static gboolean
check_tally(const struct tally *tally, GError **error)
{
	if (tally->outcomes[OUTCOME_RETRY] > 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "%" G_GINT64_FORMAT " mails were not stored: %s; they are where they "
			    "were, run the same command again",
			    tally->outcomes[OUTCOME_RETRY], tally->retry_reason);
		return FALSE;
	}
	if (is_interrupted) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
				    "interrupted; what was read is stored, run the same command "
				    "again for the rest");
		return FALSE;
	}
	return TRUE;
}

static gboolean
run_pipeline(struct ingest *ingest, struct store *store, char **paths, GError **error)
{
	/* Nobody waits for the disk to have room again: the command says so and ends. */
	store_give_up(store);
	gboolean is_walked = walk_all(ingest, paths, error);
	pipeline_stop(ingest->pipeline);
	return store_flush(store, is_walked ? error : NULL) && is_walked;
}

/* What serve does by the clock. The mail is stored, whether or not somebody can tell what changed.
 */
static gboolean
run_jobs(struct store *store, const struct config *config, GError **error)
{
	g_autoptr(GError) failure = NULL;
	gint64 n_new;

	if (!store_forget(store, &config->retention, NULL, error))
		return FALSE;
	if (!changing_run(store, &config->changes, &n_new, &failure))
		log_event(LOG_WARNING, "cannot find what changed", "error", failure->message, NULL);
	return TRUE;
}

static gboolean
ingest_paths(const struct ingest_options *options, char **paths, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(options->common, error);
	if (!config)
		return FALSE;
	log_set_options(&config->log);
	g_autoptr(store_auto) store = command_open_store(config, FALSE, error);
	if (!store)
		return FALSE;
	struct ingest ingest = { .config = config };
	g_mutex_init(&ingest.tally.lock);
	ingest.pipeline = pipeline_start(store, &config->reading, 0);
	ingest.tally.started_at = g_get_monotonic_time();
	ingest.tally.want_progress = !options->is_quiet && isatty(STDERR_FILENO);
	gboolean is_good =
		run_pipeline(&ingest, store, paths, error) && run_jobs(store, config, error);
	if (ingest.tally.want_progress)
		fputs("\r\033[K", stderr);
	if (!options->is_quiet)
		print_tally(&ingest.tally, options->want_json);
	is_good = is_good && check_tally(&ingest.tally, error);
	g_free(ingest.tally.retry_reason);
	g_mutex_clear(&ingest.tally.lock);
	return is_good;
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	struct ingest_options options = { .common = &common };
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.want_json,
		  "Print the tally as one JSON object", NULL },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &options.is_quiet,
		  "Print neither progress nor tally", NULL },
		COMMAND_NO_SANDBOX(&common),
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_ingest, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_ingest, error);
	if (argc < 2) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "name a file, a folder, a Maildir, an mbox, or - for standard "
				    "input");
		return command_fail_usage(&command_ingest, error);
	}
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
	if (!ingest_paths(&options, argv + 1, &error))
		code = command_fail(&command_ingest, error);
	return code;
}

const struct command command_ingest = {
	.name = "ingest",
	.arguments = "PATH...|-",
	.summary = "Read mails and report files into the store; the input is left as it is.",
	.run = run,
};
