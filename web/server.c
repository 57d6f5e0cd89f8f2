/* SPDX-License-Identifier: MIT */
#include "web/server.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/log.h"
#include "web/bind.h"
#include "web/exchange.h"
#include "web/response.h"
#include "web/router.h"
#include "web/server_body.h"
#include "web/server_head.h"
#include "web/upload.h"

#define MAX_CONNECTIONS        256
#define MAX_CONNECTIONS_PER_IP 128
#define MAX_HEADER_BYTES       32768
#define MIN_THREADS            4
#define MAX_THREADS            16

/* The whole of each step, however slowly the bytes drip. */
#define HEADER_S              10 /* from connecting to the end of the header */
#define IDLE_S                30 /* from one answer to the end of the next header */
#define ANSWER_S              60 /* from the header to the end of the answer, or of a piece of a long one */
#define STOP_S                5     /* for running answers, when the server stops ... */
#define GRACE_S               3     /* ... and before that, for uploads that wait for the store */
#define UPLOAD_BYTES_A_SECOND 65536 /* what is faster is not cut off */

struct web {
	struct site *site;
	struct MHD_Daemon *daemon;
	int fd;
	char *url;
	GThread *timer;
	GMutex lock;
	GCond changed;
	gboolean is_stopping;
	GHashTable *connections; /* set of struct connection, those that are open */
};

struct connection {
	struct web *web;
	int fd;
	gint64 deadline; /* monotonic, in microseconds */
	gboolean is_idle;
	gboolean is_cut;
};

/* One request, from its first line to the end of its answer. */
struct call {
	struct connection *connection;
	char *target;
	struct exchange *x;
	struct body *body;
	gint64 begun_at; /* monotonic, in microseconds */
	gboolean is_handed_in;
};

static gint64
after_s(gint64 seconds)
{
	return g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
}

static void
set_deadline(struct connection *connection, gint64 seconds, gboolean is_idle)
{
	g_mutex_lock(&connection->web->lock);
	connection->deadline = after_s(seconds);
	connection->is_idle = is_idle;
	g_mutex_unlock(&connection->web->lock);
}

/* End the connections that are past their deadline, or idle when the server stops. */
static void
cut_connections(struct web *web)
{
	gint64 now = g_get_monotonic_time();
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, web->connections);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		struct connection *connection = key;

		if (connection->is_cut ||
		    (now < connection->deadline && !(web->is_stopping && connection->is_idle)))
			continue;
		connection->is_cut = TRUE;
		shutdown(connection->fd, SHUT_RDWR);
	}
}

static gpointer
run_timer(gpointer data)
{
	struct web *web = data;

	g_mutex_lock(&web->lock);
	while (!web->is_stopping) {
		g_cond_wait_until(&web->changed, &web->lock, after_s(1));
		cut_connections(web);
		g_mutex_unlock(&web->lock);
		upload_desk_tick(web->site->desk);
		g_mutex_lock(&web->lock);
	}
	g_mutex_unlock(&web->lock);
	return NULL;
}

static void
note_connection(void *cls, struct MHD_Connection *handle, void **context,
		enum MHD_ConnectionNotificationCode code)
{
	struct web *web = cls;
	struct connection *connection = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection = g_new0(struct connection, 1);
		connection->web = web;
		connection->fd = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)
					 ->connect_fd;
		connection->deadline = after_s(HEADER_S);
		connection->is_idle = TRUE;
		*context = connection;
	}
	g_mutex_lock(&web->lock);
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		g_hash_table_add(web->connections, connection);
	} else {
		g_hash_table_remove(web->connections, connection);
		g_free(connection);
	}
	g_cond_signal(&web->changed);
	g_mutex_unlock(&web->lock);
}

static void *
note_target(void *cls, const char *target, struct MHD_Connection *handle)
{
	struct call *call = g_new0(struct call, 1);

	(void)cls;
	call->connection =
		MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	call->target = g_strdup(target);
	return call;
}

static void
note_completed(void *cls, struct MHD_Connection *handle, void **context,
	       enum MHD_RequestTerminationCode code)
{
	struct call *call = *context;

	(void)cls;
	(void)handle;
	(void)code;
	if (!call)
		return;
	if (call->x && call->x->fault)
		log_event(LOG_ERROR, "page failed", "target", call->target, "reason",
			  call->x->fault, NULL);
	set_deadline(call->connection, IDLE_S, TRUE);
	exchange_free(call->x);
	body_free(call->body);
	g_free(call->target);
	g_free(call);
	*context = NULL;
}

/* --- The answer --- */

static void
note_progress(gpointer data)
{
	struct call *call = data;

	set_deadline(call->connection, ANSWER_S, FALSE);
}

static enum MHD_Result
answer(struct MHD_Connection *handle, struct call *call)
{
	exchange_answer(call->x);
	return response_queue(handle, call->x, FALSE, note_progress, call);
}

static enum MHD_Result
refuse(struct MHD_Connection *handle, struct call *call, guint status, const char *sentence)
{
	exchange_fail(call->x, status, sentence);
	if (status == 405)
		exchange_add_header(call->x, "Allow", "GET, HEAD, POST");
	return response_queue(handle, call->x, TRUE, note_progress, call);
}

static enum MHD_Result
refuse_error(struct MHD_Connection *handle, struct call *call, const GError *error, guint limit)
{
	gboolean is_limit = g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT);

	return refuse(handle, call, is_limit ? limit : 400, error->message);
}

static enum MHD_Result
begin(struct MHD_Connection *handle, struct call *call, const char *method_name)
{
	guint64 length;
	g_autoptr(GError) error = NULL;

	set_deadline(call->connection, ANSWER_S, FALSE);
	call->x = exchange_new(call->connection->web->site, head_method(method_name));
	const char *ambiguity = head_check(handle, call->x->method, &length);
	if (ambiguity)
		return refuse(handle, call, 400, ambiguity);
	if (call->x->method == METHOD_OTHER)
		return refuse(handle, call, 405, "This server knows GET, HEAD and POST.");
	call->x->request = request_new(call->target, &error);
	if (!call->x->request)
		return refuse_error(handle, call, error, 414);
	head_copy(handle, call->x->request);
	/* The library ends a connection that is answered now; it calls once more. */
	if (call->x->method != METHOD_POST)
		return MHD_YES;
	call->begun_at = g_get_monotonic_time();
	call->body = body_new(handle, call->x, length);
	if (call->body)
		return MHD_YES;
	return response_queue(handle, call->x, TRUE, note_progress, call);
}

/* A large upload may take its time, if it comes at all. */
static enum MHD_Result
take_body(struct call *call, const char *bytes, size_t *len)
{
	gint64 used_s = (g_get_monotonic_time() - call->begun_at) / G_TIME_SPAN_SECOND;
	gboolean goes_on = body_take(call->body, bytes, *len);

	if (call->x->upload) {
		gsize n_bytes = upload_n_bytes(call->x->upload);
		gint64 allowed_s = ANSWER_S + (gint64)(n_bytes / UPLOAD_BYTES_A_SECOND);
		set_deadline(call->connection, allowed_s - used_s, FALSE);
	}
	*len = 0;
	return goes_on ? MHD_YES : MHD_NO;
}

static void
wake(gpointer data)
{
	MHD_resume_connection(data);
}

static gboolean
reads_mail(const struct exchange *x)
{
	return x->context.hooks && x->context.hooks->submit;
}

/* No thread waits for the store: this is called again when the outcomes are there. */
static enum MHD_Result
hand_in(struct MHD_Connection *handle, struct call *call)
{
	struct exchange *x = call->x;

	set_deadline(call->connection, ANSWER_S, FALSE);
	call->is_handed_in = TRUE;
	MHD_suspend_connection(handle);
	upload_submit(x->upload, x->context.hooks, x->program ? x->program : x->user, wake, handle);
	return MHD_YES;
}

static enum MHD_Result
finish(struct MHD_Connection *handle, struct call *call)
{
	struct upload *upload = call->x->upload;

	if (!call->body || call->is_handed_in)
		return answer(handle, call);
	if (!body_finish(call->body))
		return response_queue(handle, call->x, FALSE, note_progress, call);
	if (!upload || upload_n_files(upload) == 0 || !reads_mail(call->x) ||
	    !exchange_may_change(call->x))
		return answer(handle, call);
	return hand_in(handle, call);
}

/* NOLINTBEGIN(readability-function-size): the library decides about the parameters */
static enum MHD_Result
handle_request(void *cls, struct MHD_Connection *handle, const char *url, const char *method,
	       const char *version, const char *bytes, size_t *len, void **context)
{
	struct call *call = *context;

	(void)cls;
	(void)url;
	(void)version;
	if (!call->x)
		return begin(handle, call, method);
	if (*len > 0)
		return take_body(call, bytes, len);
	return finish(handle, call);
}
/* NOLINTEND(readability-function-size) */

/* --- Start and stop --- */

static gboolean
start_daemon(struct web *web, GError **error)
{
	guint n_threads = CLAMP(g_get_num_processors(), MIN_THREADS, MAX_THREADS);

	web->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
		NULL, handle_request, web, MHD_OPTION_LISTEN_SOCKET, web->fd,
		MHD_OPTION_THREAD_POOL_SIZE, n_threads, MHD_OPTION_NOTIFY_CONNECTION,
		note_connection, web, MHD_OPTION_URI_LOG_CALLBACK, note_target, web,
		MHD_OPTION_NOTIFY_COMPLETED, note_completed, web, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)MAX_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned int)MAX_CONNECTIONS_PER_IP, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MAX_HEADER_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)ANSWER_S,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (web->daemon)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_FATAL, "cannot start the web server on %s",
		    web->url);
	return FALSE;
}

struct web *
server_start(const struct web_options *options, const struct page_route *const *pages,
	     GError **error)
{
	struct web *web = g_new0(struct web, 1);

	g_mutex_init(&web->lock);
	g_cond_init(&web->changed);
	web->connections = g_hash_table_new(NULL, NULL);
	web->fd = -1;
	web->site = site_new(options, pages, error);
	if (web->site)
		web->fd = bind_listen(options->listen, &web->url, error);
	if (web->fd < 0 || !start_daemon(web, error)) {
		web_stop(web);
		return NULL;
	}
	web->timer = g_thread_new("web-timer", run_timer, web);
	return web;
}

/* Answers that run may finish; who only waits is sent away. */
static void
drain(struct web *web)
{
	gint64 deadline = after_s(STOP_S);

	upload_desk_close(web->site->desk, GRACE_S);
	g_mutex_lock(&web->lock);
	web->is_stopping = TRUE;
	g_cond_broadcast(&web->changed);
	while (g_hash_table_size(web->connections) > 0 && g_get_monotonic_time() < deadline) {
		cut_connections(web);
		g_cond_wait_until(&web->changed, &web->lock,
				  g_get_monotonic_time() + G_TIME_SPAN_SECOND / 20);
		g_mutex_unlock(&web->lock);
		upload_desk_tick(web->site->desk);
		g_mutex_lock(&web->lock);
	}
	g_mutex_unlock(&web->lock);
	/* The library stops with no connection that sleeps. */
	upload_desk_close(web->site->desk, 0);
	upload_desk_tick(web->site->desk);
}

struct web *
web_start(const struct web_options *options, GError **error)
{
	return server_start(options, router_pages(), error);
}

void
web_stop(struct web *web)
{
	if (!web)
		return;
	if (web->site && web->daemon) {
		MHD_quiesce_daemon(web->daemon);
		drain(web);
		if (web->timer)
			g_thread_join(web->timer);
		MHD_stop_daemon(web->daemon);
	}
	if (web->fd >= 0)
		close(web->fd);
	g_hash_table_unref(web->connections);
	site_free(web->site);
	g_mutex_clear(&web->lock);
	g_cond_clear(&web->changed);
	g_free(web->url);
	g_free(web);
}

const char *
web_url(const struct web *web)
{
	return web->url;
}
