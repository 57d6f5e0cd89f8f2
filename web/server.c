/* SPDX-License-Identifier: MIT */
#include "web/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/ip.h"
#include "core/log.h"
#include "web/bind.h"
#include "web/exchange.h"
#include "web/response.h"
#include "web/router.h"

#define MAX_CONNECTIONS        256
#define MAX_CONNECTIONS_PER_IP 128
#define MAX_HEADER_BYTES       32768
#define MIN_THREADS            4
#define MAX_THREADS            16
#define MAX_IGNORED_BYTES      (1024 * 1024)

/* The whole of each step, however slowly the bytes drip. */
#define HEADER_S 10 /* from connecting to the end of the header */
#define IDLE_S   30 /* from one answer to the end of the next header */
#define ANSWER_S 60 /* from the header to the end of the answer, or of a piece of a long one */
#define STOP_S   5  /* for running answers, when the server stops */

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
	GByteArray *body;
	gsize n_ignored;
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
	if (call->body)
		g_byte_array_unref(call->body);
	g_free(call->target);
	g_free(call);
	*context = NULL;
}

/* --- The header --- */

/* What the library lets pass and a proxy may have understood otherwise. */
struct header_facts {
	guint n_lengths;
	guint n_encodings;
	guint n_hosts;
	guint64 length;
	gboolean is_length_bad;
	const char *encoding;
};

static enum MHD_Result
note_field(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header_facts *facts = cls;

	(void)kind;
	if (!value)
		value = "";
	if (g_ascii_strcasecmp(name, "Host") == 0)
		facts->n_hosts++;
	if (g_ascii_strcasecmp(name, "Transfer-Encoding") == 0) {
		facts->n_encodings++;
		facts->encoding = value;
	}
	if (g_ascii_strcasecmp(name, "Content-Length") == 0) {
		facts->n_lengths++;
		facts->is_length_bad |=
			!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT64, &facts->length, NULL);
	}
	return MHD_YES;
}

/* Why this request is not read any further, or NULL. */
static const char *
find_ambiguity(const struct header_facts *facts, enum method method)
{
	if (facts->n_encodings > 0 && facts->n_lengths > 0)
		return "Transfer-Encoding and Content-Length are both there.";
	if (facts->n_encodings > 1 || facts->n_lengths > 1 || facts->n_hosts > 1)
		return "A header field is there twice that may be there once.";
	if (facts->n_encodings > 0 && g_ascii_strcasecmp(facts->encoding, "chunked") != 0)
		return "Transfer-Encoding can only be chunked.";
	if (facts->is_length_bad)
		return "Content-Length is not a number.";
	if (method != METHOD_POST && (facts->n_encodings > 0 || facts->length > 0))
		return "Only a form has a body.";
	return NULL;
}

static enum method
find_method(const char *name)
{
	if (g_str_equal(name, "GET"))
		return METHOD_GET;
	if (g_str_equal(name, "HEAD"))
		return METHOD_HEAD;
	return g_str_equal(name, "POST") ? METHOD_POST : METHOD_OTHER;
}

static gboolean
read_address(const struct sockaddr *address, struct ip *ret_ip)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(gconstpointer)address;
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(gconstpointer)address;
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	}
	return ip_parse(text, ret_ip);
}

/*
 * Who asks. Behind a proxy on this machine that is whom the proxy saw, which it appends as the last
 * address of X-Forwarded-For.
 */
static void
set_peer(struct MHD_Connection *handle, struct request *request)
{
	const struct sockaddr *address =
		MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	const char *forwarded =
		MHD_lookup_connection_value(handle, MHD_HEADER_KIND, "X-Forwarded-For");
	char text[IP_TEXT_LEN];
	struct ip ip;

	if (!read_address(address, &ip))
		return;
	ip_format(&ip, text);
	if (forwarded && (g_str_has_prefix(text, "127.") || g_str_equal(text, "::1"))) {
		const char *comma = strrchr(forwarded, ',');

		if (ip_parse(comma ? comma + 1 : forwarded, &ip))
			ip_format(&ip, text);
	}
	request_set_peer(request, text);
}

static void
set_headers(struct MHD_Connection *handle, struct request *request)
{
	for (guint i = 0; i < N_REQUEST_HEADERS; i++)
		request_set_header(
			request, (enum request_header)i,
			MHD_lookup_connection_value(handle, MHD_HEADER_KIND,
						    request_header_name((enum request_header)i)));
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

/* A form that will be refused is refused before its body is read. */
static enum MHD_Result
begin_form(struct MHD_Connection *handle, struct call *call, guint64 length)
{
	const char *type = request_header(call->x->request, REQUEST_CONTENT_TYPE);
	static const char form[] = "application/x-www-form-urlencoded";

	if (!type || g_ascii_strncasecmp(type, form, strlen(form)) != 0)
		return refuse(handle, call, 415,
			      "A form comes as application/x-www-form-urlencoded.");
	if (length > REQUEST_MAX_BODY_BYTES)
		return refuse(handle, call, 413, "The form is over max_body_bytes (65536).");
	call->body = g_byte_array_new();
	return MHD_YES;
}

static enum MHD_Result
begin(struct MHD_Connection *handle, struct call *call, const char *method_name)
{
	struct header_facts facts = { .n_lengths = 0 };
	g_autoptr(GError) error = NULL;

	set_deadline(call->connection, ANSWER_S, FALSE);
	call->x = exchange_new(call->connection->web->site, find_method(method_name));
	MHD_get_connection_values(handle, MHD_HEADER_KIND, note_field, &facts);

	const char *ambiguity = find_ambiguity(&facts, call->x->method);
	if (ambiguity)
		return refuse(handle, call, 400, ambiguity);
	if (call->x->method == METHOD_OTHER)
		return refuse(handle, call, 405, "This server knows GET, HEAD and POST.");
	call->x->request = request_new(call->target, &error);
	if (!call->x->request)
		return refuse_error(handle, call, error, 414);
	set_headers(handle, call->x->request);
	set_peer(handle, call->x->request);
	if (call->x->method == METHOD_POST)
		return begin_form(handle, call, facts.length);
	/* The library ends a connection that is answered now; it calls once more. */
	return MHD_YES;
}

/* A body without a length that does not end is cut off. */
static enum MHD_Result
take_body(struct call *call, const char *bytes, size_t *len)
{
	if (call->body->len + *len <= REQUEST_MAX_BODY_BYTES && call->n_ignored == 0)
		g_byte_array_append(call->body, (const guint8 *)bytes, (guint)*len);
	else
		call->n_ignored += *len;
	*len = 0;
	return call->n_ignored > MAX_IGNORED_BYTES ? MHD_NO : MHD_YES;
}

static enum MHD_Result
finish(struct MHD_Connection *handle, struct call *call)
{
	g_autoptr(GError) error = NULL;

	if (!call->body)
		return answer(handle, call);
	if (call->n_ignored > 0)
		return refuse(handle, call, 413, "The form is over max_body_bytes (65536).");
	if (!request_set_body(call->x->request, (const char *)call->body->data, call->body->len,
			      &error))
		return refuse_error(handle, call, error, 413);
	return answer(handle, call);
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
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, handle_request, web,
		MHD_OPTION_LISTEN_SOCKET, web->fd, MHD_OPTION_THREAD_POOL_SIZE, n_threads,
		MHD_OPTION_NOTIFY_CONNECTION, note_connection, web, MHD_OPTION_URI_LOG_CALLBACK,
		note_target, web, MHD_OPTION_NOTIFY_COMPLETED, note_completed, web,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)MAX_CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int)MAX_CONNECTIONS_PER_IP,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MAX_HEADER_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)ANSWER_S, MHD_OPTION_STRICT_FOR_CLIENT,
		1, MHD_OPTION_END);
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

	g_mutex_lock(&web->lock);
	web->is_stopping = TRUE;
	g_cond_broadcast(&web->changed);
	while (g_hash_table_size(web->connections) > 0 && g_get_monotonic_time() < deadline) {
		cut_connections(web);
		g_cond_wait_until(&web->changed, &web->lock,
				  g_get_monotonic_time() + G_TIME_SPAN_SECOND / 20);
	}
	g_mutex_unlock(&web->lock);
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
	if (web->daemon) {
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
