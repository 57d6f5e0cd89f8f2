/* SPDX-License-Identifier: MIT */
#include "ingest/worker_pool.h"

#include "core/child.h"
#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/wire.h"
#include "ingest/worker_talk.h"

/* Starting a child costs as much as some 50 mails; what a library leaks never adds up to much. */
#define MAILS_A_CHILD 2000

#define TRIES 2

/* A machine under load takes its time to start a process. */
#define START_SECONDS   30
#define DISMISS_SECONDS 2

struct worker {
	struct worker_options *options;
	struct child *child; /* NULL: none runs */
	struct wire_in *in;
	GByteArray *settings;
	guint n_mails;
};

static const char *const worker_argv[] = { "dmarcd", "worker", NULL };

/* ---- a child ---- */

static gboolean
gather(gpointer cookie, const guint8 *bytes, gsize len, GError **error)
{
	(void)error;
	g_byte_array_append(cookie, bytes, (guint)len);
	return TRUE;
}

static void
stop_child(struct worker *worker)
{
	if (worker->child)
		metrics_add(METRIC_WORKERS_ALIVE, -1);
	g_clear_pointer(&worker->in, wire_in_free);
	g_clear_pointer(&worker->child, child_free);
}

/* What is wrong is said once in the life of the process: it will not mend itself. */
static void
warn_of_gaps(const struct sandbox_state *state)
{
	static gsize is_said;

	if (!g_once_init_enter(&is_said))
		return;
	for (enum sandbox_layer layer = 0; layer < N_SANDBOX_LAYERS; layer++)
		if (!state->is_live[layer] && !state->is_left_out[layer])
			log_event(LOG_WARNING, "workers are not fully sealed", "missing",
				  sandbox_layer_name(layer), "why", state->why[layer], NULL);
	g_once_init_leave(&is_said, 1);
}

static gboolean
exchange_hello(struct worker *worker, struct sandbox_state *ret_state, GError **error)
{
	g_autoptr(GError) cause = NULL;

	child_begin(worker->child, START_SECONDS, START_SECONDS);
	child_send(worker->child, worker->settings->data, worker->settings->len);
	if (talk_read_hello(worker->in, ret_state, &cause))
		return TRUE;
	g_autofree char *how = child_has_ended(worker->child) ? child_end(worker->child) : NULL;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "a worker did not start: %s",
		    how ? how : cause->message);
	stop_child(worker);
	return FALSE;
}

static gboolean
start_child(struct worker *worker, struct sandbox_state *ret_state, GError **error)
{
	const struct child_options options = { worker->options->program, worker_argv };

	worker->child = child_start(&options, error);
	if (!worker->child)
		return FALSE;
	metrics_add(METRIC_WORKERS_ALIVE, 1);
	metrics_add(METRIC_WORKERS_STARTED, 1);
	worker->in = wire_in_new(child_read, worker->child);
	worker->n_mails = 0;
	return exchange_hello(worker, ret_state, error);
}

static gboolean
have_child(struct worker *worker, GError **error)
{
	struct sandbox_state state;

	if (worker->child && worker->n_mails < MAILS_A_CHILD)
		return TRUE;
	if (worker->child) {
		metrics_add(METRIC_WORKERS_RECYCLED, 1);
		child_dismiss(worker->child, DISMISS_SECONDS);
	}
	stop_child(worker);
	if (!start_child(worker, &state, error))
		return FALSE;
	warn_of_gaps(&state);
	return TRUE;
}

struct worker *
worker_new(const struct worker_options *options)
{
	struct worker *worker = g_new0(struct worker, 1);

	worker->options = worker_options_copy(options);
	worker->settings = g_byte_array_new();
	g_autoptr(wire_out_auto) out = wire_out_new(gather, worker->settings);
	talk_send_settings(out, options, NULL);
	return worker;
}

void
worker_free(struct worker *worker)
{
	if (!worker)
		return;
	if (worker->child)
		child_dismiss(worker->child, DISMISS_SECONDS);
	stop_child(worker);
	g_byte_array_unref(worker->settings);
	worker_options_free(worker->options);
	g_free(worker);
}

gboolean
worker_probe(const struct worker_options *options, struct sandbox_state *ret_state, GError **error)
{
	g_autoptr(worker_auto) worker = worker_new(options);

	return start_child(worker, ret_state, error);
}

/* ---- a mail ---- */

static struct parsed *
ask_child(struct worker *worker, GBytes *bytes, gint64 now, GError **error)
{
	guint8 frame[MAIL_FRAME_LEN];
	gsize len;
	gconstpointer data = g_bytes_get_data(bytes, &len);

	wire_pack_i64(frame, (gint64)len);
	wire_pack_i64(frame + sizeof(gint64), now);
	worker->n_mails++;
	child_begin(worker->child, worker->options->parse_seconds,
		    worker->options->parse_cpu_seconds);
	child_send(worker->child, frame, sizeof(frame));
	child_send(worker->child, data, len);
	return wire_read_parsed(worker->in, worker->options->wire_bytes, error);
}

/* How the child, which is stopped, failed over a mail. */
static char *
end_child(struct worker *worker, const GError *error)
{
	gboolean is_late = g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN);
	g_autofree char *how = NULL;

	if (is_late || child_has_ended(worker->child))
		how = child_end(worker->child);
	stop_child(worker);
	if (how)
		return g_strconcat("parser ", how, NULL);
	return g_strconcat("parser answered wrongly: ", error->message, NULL);
}

static struct parsed *
give_up(const char *code, char *reason)
{
	struct parsed *parsed = parsed_new();

	parsed_add_fault(parsed, code, g_strdup(""), reason);
	return parsed;
}

static struct parsed *
parse_sealed(struct worker *worker, GBytes *bytes, gint64 now, GError **error)
{
	g_autofree char *how = NULL;

	for (guint try = 0; try < TRIES; try++) {
		g_autoptr(GError) cause = NULL;
		if (!have_child(worker, error))
			return NULL;
		struct parsed *parsed = ask_child(worker, bytes, now, &cause);
		if (parsed)
			return parsed;
		g_free(how);
		how = end_child(worker, cause);
		metrics_add(METRIC_WORKERS_LOST, 1);
		/* Too much to keep: it would be as much the second time. */
		if (g_error_matches(cause, DMARCD_ERROR, DMARCD_ERROR_LIMIT))
			return give_up(FAULT_LIMIT, g_strdup(cause->message));
		log_event(LOG_WARNING, "worker lost", "how", how, "try", try == 0 ? "1" : "2",
			  NULL);
	}
	return give_up(FAULT_KILLED, g_steal_pointer(&how));
}

struct parsed *
worker_parse(struct worker *worker, GBytes *bytes, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	if (!worker->options->is_sealed)
		return parse(bytes, &worker->options->parse, now);
	return parse_sealed(worker, bytes, now, error);
}
