/* SPDX-License-Identifier: MIT */
/*
 * Mail that an MTA brings: an LMTP server (RFC 2033), one thread a connection. Each mail is
 * answered after its commit, or with 451 where that takes too long, so that the MTA keeps it in its
 * queue.
 */
#include <string.h>

#include <gio/gunixsocketaddress.h>

#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "ingest/intake.h"
#include "ingest/lmtp_session.h"
#include "net/listen.h"

#define CONNECTIONS_MAX 256
#define RECIPIENTS_MAX  1000
#define COMMANDS_MAX    1000
#define READ_LEN        (64 * 1024)
#define IDLE_S          300  /* RFC 5321 section 4.5.3.2.7 */
#define SESSION_S       1800 /* of a client that sends a byte a minute */
#define ANSWER_S        60   /* for the commit; then the MTA shall try again */
#define QUEUE_S         10   /* for a place in the queue */
#define ACCEPT_PAUSE_MS 200
#define DRAIN_S         20
#define GREETING_S      5 /* when we ask whether a running dmarcd answers */

struct lmtp {
	const struct intake_config *config;
	const struct intake_context *context;
	struct listener *listener;
	struct lmtp_options options;
	GThreadPool *pool; /* of struct client * */
	gint n_connections;
};

struct client {
	struct lmtp *lmtp;
	GSocketConnection *connection;
	struct lmtp_session *session;
	char *peer;
	gint64 deadline; /* monotonic, of the whole session */
};

/* ---- one mail ---- */

/* A mail on its way: the connection waits for it, and the last of both frees it. */
struct waiting {
	gint refs;
	GMutex lock;
	GCond answered;
	gboolean is_done;
	enum outcome outcome;
	char *reason;
};

static void
waiting_unref(struct waiting *waiting)
{
	if (!g_atomic_int_dec_and_test(&waiting->refs))
		return;
	g_mutex_clear(&waiting->lock);
	g_cond_clear(&waiting->answered);
	g_free(waiting->reason);
	g_free(waiting);
}

/* Runs in the writer's thread. */
static void
on_done(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct waiting *waiting = cookie;

	g_mutex_lock(&waiting->lock);
	waiting->is_done = TRUE;
	waiting->outcome = outcome;
	waiting->reason = g_strdup(reason);
	g_cond_signal(&waiting->answered);
	g_mutex_unlock(&waiting->lock);
	waiting_unref(waiting);
}

/* FALSE: it takes too long. */
static gboolean
wait_for_outcome(struct waiting *waiting)
{
	gint64 deadline = g_get_monotonic_time() + ANSWER_S * G_TIME_SPAN_SECOND;
	gboolean is_in_time = TRUE;

	g_mutex_lock(&waiting->lock);
	while (!waiting->is_done && is_in_time)
		is_in_time = g_cond_wait_until(&waiting->answered, &waiting->lock, deadline);
	gboolean is_done = waiting->is_done;
	g_mutex_unlock(&waiting->lock);
	return is_done;
}

static enum lmtp_step
take_mail(struct client *client)
{
	struct lmtp *lmtp = client->lmtp;
	g_autoptr(GBytes) bytes = lmtp_session_take_mail(client->session);
	g_autofree char *locator =
		g_strdup_printf("lmtp:%s from %s", listener_address(lmtp->listener), client->peer);
	struct waiting *waiting = g_new0(struct waiting, 1);
	enum lmtp_step step;

	waiting->refs = 2;
	g_mutex_init(&waiting->lock);
	g_cond_init(&waiting->answered);
	pipeline_offer(lmtp->context->pipeline,
		       message_new(bytes, lmtp->config->name, locator, on_done, waiting), QUEUE_S);
	if (!wait_for_outcome(waiting))
		step = lmtp_session_answer(client->session, LMTP_TRY_LATER,
					   "the store takes too long");
	else if (waiting->outcome == OUTCOME_RETRY)
		step = lmtp_session_answer(client->session, LMTP_TRY_LATER, waiting->reason);
	else
		step = lmtp_session_answer(client->session, LMTP_ACCEPTED, "");
	waiting_unref(waiting);
	return step;
}

/* ---- one connection ---- */

static gboolean
send_output(struct client *client)
{
	GOutputStream *stream = g_io_stream_get_output_stream(G_IO_STREAM(client->connection));
	GString *output = lmtp_session_output(client->session);
	gboolean is_sent =
		g_output_stream_write_all(stream, output->str, output->len, NULL, NULL, NULL);

	g_string_truncate(output, 0);
	return is_sent;
}

/* Bytes from the client: 0 at its end, -1 where it is slow, gone, or we are stopping. */
static gssize
receive(struct client *client, guint8 *bytes)
{
	GInputStream *stream = g_io_stream_get_input_stream(G_IO_STREAM(client->connection));
	g_autoptr(GError) trouble = NULL;

	if (g_get_monotonic_time() > client->deadline) {
		lmtp_session_shut(client->session, "session is over max_session_seconds (1800)");
		return -1;
	}
	gssize n = g_input_stream_read(stream, bytes, READ_LEN, client->lmtp->context->cancel,
				       &trouble);
	if (n < 0 && g_error_matches(trouble, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		lmtp_session_shut(client->session, "dmarcd is stopping");
	else if (n < 0)
		lmtp_session_shut(client->session, "nothing came for max_idle_seconds (300)");
	return n;
}

static void
talk(struct client *client)
{
	g_autofree guint8 *bytes = g_malloc(READ_LEN);
	enum lmtp_step step = LMTP_MORE;

	while (step != LMTP_QUIT && send_output(client)) {
		gssize n = receive(client, bytes);
		if (n <= 0)
			break;
		step = lmtp_session_add(client->session, bytes, (gsize)n);
		while (step == LMTP_MAIL)
			step = take_mail(client);
	}
	send_output(client);
}

static char *
peer_of(GSocketConnection *connection)
{
	g_autoptr(GSocketAddress) address =
		g_socket_connection_get_remote_address(connection, NULL);

	if (!address || !G_IS_INET_SOCKET_ADDRESS(address))
		return g_strdup("local");
	return g_inet_address_to_string(
		g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

static void
end_client(struct client *client)
{
	g_io_stream_close(G_IO_STREAM(client->connection), NULL, NULL);
	lmtp_session_free(client->session);
	g_object_unref(client->connection);
	g_free(client->peer);
	g_atomic_int_add(&client->lmtp->n_connections, -1);
	g_free(client);
}

static void
serve_client(gpointer data, gpointer user_data)
{
	(void)user_data;
	talk(data);
	end_client(data);
}

static void
start_client(struct lmtp *lmtp, GSocketConnection *connection)
{
	struct client *client = g_new0(struct client, 1);

	client->lmtp = lmtp;
	client->connection = connection;
	client->session = lmtp_session_new(&lmtp->options);
	client->peer = peer_of(connection);
	client->deadline = g_get_monotonic_time() + SESSION_S * G_TIME_SPAN_SECOND;
	g_socket_set_timeout(g_socket_connection_get_socket(connection), IDLE_S);
	if (g_atomic_int_add(&lmtp->n_connections, 1) >= CONNECTIONS_MAX) {
		g_string_truncate(lmtp_session_output(client->session), 0);
		lmtp_session_shut(client->session, "connections are over max_connections (256)");
		send_output(client);
		end_client(client);
		return;
	}
	g_thread_pool_push(lmtp->pool, client, NULL);
}

/* ---- the intake ---- */

static void
close_lmtp(gpointer intake)
{
	struct lmtp *lmtp = intake;

	listener_close(lmtp->listener);
	g_free(lmtp);
}

static gpointer
open_lmtp(const struct intake_config *config, GError **error)
{
	struct lmtp *lmtp = g_new0(struct lmtp, 1);

	lmtp->config = config;
	lmtp->options = (struct lmtp_options){
		.limits = { .mail_bytes = config->mail_bytes,
			    .recipients = RECIPIENTS_MAX,
			    .commands = COMMANDS_MAX },
		.host_name = g_get_host_name(),
		.recipients = (const char *const *)config->recipients,
	};
	lmtp->listener = listener_open(config->listen, error);
	if (lmtp->listener)
		return lmtp;
	close_lmtp(lmtp);
	return NULL;
}

static gboolean
run_lmtp(gpointer intake, const struct intake_context *context, GError **error)
{
	struct lmtp *lmtp = intake;

	lmtp->context = context;
	lmtp->pool = g_thread_pool_new(serve_client, NULL, CONNECTIONS_MAX, FALSE, error);
	if (!lmtp->pool)
		return FALSE;
	metrics_intake_contact(lmtp->config->name);
	while (!g_cancellable_is_cancelled(context->cancel)) {
		g_autoptr(GError) trouble = NULL;
		GSocketConnection *connection =
			listener_accept(lmtp->listener, context->cancel, &trouble);
		if (connection) {
			metrics_intake_contact(lmtp->config->name);
			start_client(lmtp, connection);
		} else if (!g_cancellable_is_cancelled(context->cancel)) {
			log_event(LOG_WARNING, "cannot accept a connection", "intake",
				  lmtp->config->name, "error", trouble->message, NULL);
			g_usleep(ACCEPT_PAUSE_MS * 1000);
		}
	}
	g_thread_pool_free(lmtp->pool, FALSE, TRUE);
	return TRUE;
}

/* An address that is taken is as it should be where it is us who answer there. */
static gboolean
answers(const char *address)
{
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_autoptr(GSocketConnection) connection = NULL;
	char greeting[128] = "";

	g_socket_client_set_timeout(client, GREETING_S);
	if (g_str_has_prefix(address, "unix:")) {
		g_autoptr(GSocketAddress) path =
			g_unix_socket_address_new(address + strlen("unix:"));
		connection =
			g_socket_client_connect(client, G_SOCKET_CONNECTABLE(path), NULL, NULL);
	} else {
		connection = g_socket_client_connect_to_host(client, address, 0, NULL, NULL);
	}
	if (!connection ||
	    g_input_stream_read(g_io_stream_get_input_stream(G_IO_STREAM(connection)), greeting,
				sizeof(greeting) - 1, NULL, NULL) <= 0)
		return FALSE;
	return g_str_has_prefix(greeting, "220 ") && strstr(greeting, " LMTP dmarcd");
}

static void
examine_lmtp(const struct intake_config *config, intake_tell_fn tell, gpointer data)
{
	g_autoptr(GError) error = NULL;

	if (g_str_equal(config->listen, "systemd")) {
		tell(data, config->listen, TRUE,
		     "systemd opens the socket; `systemctl status dmarcd.socket` tells of it");
		return;
	}
	struct listener *listener = listener_open(config->listen, &error);
	if (listener)
		tell(data, config->listen, TRUE, "is free");
	else if (answers(config->listen))
		tell(data, config->listen, TRUE, "a running dmarcd answers");
	else
		tell(data, config->listen, FALSE, error->message);
	listener_close(listener);
}

static const char *
where(gpointer intake)
{
	const struct lmtp *lmtp = intake;

	return listener_address(lmtp->listener);
}

const struct intake_type intake_lmtp = {
	.name = "lmtp",
	.open = open_lmtp,
	.run = run_lmtp,
	.close = close_lmtp,
	.examine = examine_lmtp,
	.where = where,
};
