/* SPDX-License-Identifier: MIT */
#include "net/resolver.h"

#include <ares.h>

#include "core/error.h"
#include "net/dns_name.h"

#define DNS_PORT    53
#define CLASS_IN    1
#define ROOT        "."
#define ROOT_TYPE   2    /* NS */
#define EDNS_LEN    1232 /* what crosses every path in one piece (DNS flag day 2020) */
#define WAIT_MS_MAX 1000

struct resolver {
	ares_channel channel;
	struct resolver_options options; /* without servers */
	GQueue waiting;                  /* struct question * */
	guint n_in_flight;
	guint n_asked;
	guint n_unanswered; /* in a row, and nothing else was answered during their whole life */
	gint64 answered_at; /* the last answer of any kind; monotonic */
	gboolean is_answering;
	gboolean is_probing;
	gboolean is_dead;
	enum dns_reason ended; /* NONE while it may ask */
};

struct question {
	struct resolver *resolver;
	resolver_fn fn;
	gpointer data;
	enum dns_type type;
	gint64 asked_at;
	char name[DNS_NAME_LEN_MAX + 1]; /* "" = not a name */
};

const struct resolver_options resolver_default_options = {
	.timeout_ms = 2000,
	.tries = 2,
	.in_flight = 64,
	.budget = 10000,
};

/* ---- one question ---- */

/* Its end. */
static void
hand_over(struct question *question, const struct dns_answer *answer)
{
	struct resolver *resolver = question->resolver;

	resolver->is_answering = TRUE;
	question->fn(question->data, answer);
	resolver->is_answering = FALSE;
	g_free(question);
}

static void
fail(struct question *question, enum dns_reason reason)
{
	g_auto(dns_answer_auto) answer;

	dns_answer_init(&answer, reason);
	hand_over(question, &answer);
}

static gboolean
is_silence(int status)
{
	return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED;
}

static void
count_answer(struct resolver *resolver, gint64 asked_at, int status)
{
	if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
		return;
	if (!is_silence(status)) {
		resolver->answered_at = g_get_monotonic_time();
		resolver->n_unanswered = 0;
	} else if (asked_at > resolver->answered_at) {
		resolver->n_unanswered++;
	}
}

/* c-ares has seen to it that it is the answer to our packet: identifier, question, sender. */
static void
on_answer(void *data, int status, int timeouts, unsigned char *message, int len)
{
	struct question *question = data;
	struct resolver *resolver = question->resolver;
	g_auto(dns_answer_auto) answer;

	(void)timeouts;
	resolver->n_in_flight--;
	count_answer(resolver, question->asked_at, status);
	if (resolver->ended != DNS_REASON_NONE)
		dns_answer_init(&answer, resolver->ended);
	else
		dns_answer_init(&answer,
				is_silence(status) ? DNS_REASON_SILENCE : DNS_REASON_MALFORMED);
	if (message && len > 0)
		dns_answer_read(&answer, message, (gsize)len, question->type, question->name);
	hand_over(question, &answer);
}

static void
on_probe(void *data, int status, int timeouts, unsigned char *message, int len)
{
	struct resolver *resolver = data;

	(void)timeouts;
	(void)message;
	(void)len;
	resolver->n_in_flight--;
	resolver->is_probing = FALSE;
	resolver->is_dead = is_silence(status);
	resolver->n_unanswered = 0;
}

static void
ask(struct resolver *resolver, struct question *question)
{
	resolver->n_in_flight++;
	resolver->n_asked++;
	question->asked_at = g_get_monotonic_time();
	ares_query(resolver->channel, question->name, CLASS_IN, dns_type_code(question->type),
		   on_answer, question);
}

/* ---- the run ---- */

static void
ask_more(struct resolver *resolver)
{
	if (!resolver->is_probing && resolver->n_unanswered >= RESOLVER_UNANSWERED_N) {
		resolver->is_probing = TRUE;
		resolver->n_in_flight++;
		ares_query(resolver->channel, ROOT, CLASS_IN, ROOT_TYPE, on_probe, resolver);
	}
	while (!resolver->is_probing && resolver->n_unanswered < RESOLVER_UNANSWERED_N &&
	       resolver->n_in_flight < resolver->options.in_flight) {
		struct question *question = g_queue_pop_head(&resolver->waiting);
		if (!question)
			break;
		if (*question->name == '\0')
			fail(question, DNS_REASON_NAME);
		else if (resolver->n_asked >= resolver->options.budget)
			fail(question, DNS_REASON_BUDGET);
		else
			ask(resolver, question);
	}
}

static guint
watch_sockets(struct resolver *resolver, GPollFD *polled)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	guint bits = (guint)ares_getsock(resolver->channel, sockets, ARES_GETSOCK_MAXNUM);
	guint n = 0;

	/* The macros of c-ares shift a bit into the sign. */
	for (guint i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		gboolean can_read = (bits >> i & 1) != 0;
		gboolean can_write = (bits >> (i + ARES_GETSOCK_MAXNUM) & 1) != 0;
		if (can_read || can_write)
			polled[n++] = (GPollFD){
				.fd = sockets[i],
				.events = (gushort)((can_read ? G_IO_IN : 0) |
						    (can_write ? G_IO_OUT : 0)),
			};
	}
	return n;
}

static int
wait_ms(struct resolver *resolver)
{
	struct timeval longest = { .tv_sec = WAIT_MS_MAX / 1000 };
	struct timeval wait;
	const struct timeval *end = ares_timeout(resolver->channel, &longest, &wait);

	return (int)(end->tv_sec * 1000 + (end->tv_usec + 999) / 1000);
}

static void
take_answers(struct resolver *resolver, GCancellable *cancel)
{
	GPollFD polled[ARES_GETSOCK_MAXNUM + 1];
	guint n = watch_sockets(resolver, polled);
	gboolean has_cancel = cancel && g_cancellable_make_pollfd(cancel, &polled[n]);

	g_poll(polled, n + (has_cancel ? 1 : 0), wait_ms(resolver));
	if (has_cancel)
		g_cancellable_release_fd(cancel);
	for (guint i = 0; i < n; i++) {
		gushort events = polled[i].revents;
		/* An error is read like an answer: c-ares then sees to the socket. */
		ares_socket_t in = events & ~G_IO_OUT ? polled[i].fd : ARES_SOCKET_BAD;
		ares_socket_t out = events & G_IO_OUT ? polled[i].fd : ARES_SOCKET_BAD;
		if (events)
			ares_process_fd(resolver->channel, in, out);
	}
	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* All that is left fails, and what its answer asks for. */
static void
end(struct resolver *resolver, enum dns_reason reason)
{
	struct question *question;

	resolver->ended = reason;
	ares_cancel(resolver->channel);
	while ((question = g_queue_pop_head(&resolver->waiting)))
		fail(question, reason);
}

static gboolean
has_work(const struct resolver *resolver)
{
	return resolver->n_in_flight > 0 || resolver->waiting.length > 0;
}

static gboolean
may_go_on(const struct resolver *resolver)
{
	return !resolver->is_dead && resolver->ended == DNS_REASON_NONE;
}

gboolean
resolver_run(struct resolver *resolver, GCancellable *cancel, GError **error)
{
	while (has_work(resolver) && may_go_on(resolver) && !g_cancellable_is_cancelled(cancel)) {
		ask_more(resolver);
		if (resolver->n_in_flight > 0)
			take_answers(resolver, cancel);
	}
	if (resolver->is_dead) {
		end(resolver, DNS_REASON_SILENCE);
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
				    "the resolver does not answer");
		return FALSE;
	}
	if (has_work(resolver)) {
		end(resolver, DNS_REASON_STOPPED);
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
				    "look-ups were stopped");
		return FALSE;
	}
	return TRUE;
}

void
resolver_ask(struct resolver *resolver, enum dns_type type, const char *name, resolver_fn fn,
	     gpointer data)
{
	struct question *question = g_new0(struct question, 1);
	g_autoptr(GString) folded = g_string_new(NULL);

	question->resolver = resolver;
	question->type = type;
	question->fn = fn;
	question->data = data;
	if (dns_name_fold(name, folded))
		g_strlcpy(question->name, folded->str, sizeof(question->name));
	if (resolver->is_answering)
		g_queue_push_head(&resolver->waiting, question);
	else
		g_queue_push_tail(&resolver->waiting, question);
}

guint
resolver_n_asked(const struct resolver *resolver)
{
	return resolver->n_asked;
}

/* ---- servers ---- */

/* "ADDRESS:PORT" as c-ares wants it, or NULL. Caller frees. */
static char *
read_server(const char *server, GError **error)
{
	g_autoptr(GSocketConnectable) place = g_network_address_parse(server, DNS_PORT, NULL);
	const char *host = place ? g_network_address_get_hostname(G_NETWORK_ADDRESS(place)) : "";
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	if (!address) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is no DNS server: an address is wanted, such as 192.0.2.53, "
			    "192.0.2.53:5353 or [2001:db8::53]:53",
			    server);
		return NULL;
	}
	gboolean is_v6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
	return g_strdup_printf(is_v6 ? "[%s]:%u" : "%s:%u", host,
			       g_network_address_get_port(G_NETWORK_ADDRESS(place)));
}

gboolean
resolver_check_server(const char *server, GError **error)
{
	g_autofree char *read = read_server(server, error);

	return read != NULL;
}

static gboolean
set_servers(struct resolver *resolver, const char *const *servers, GError **error)
{
	g_autoptr(GString) list = g_string_new(NULL);

	if (!servers || !*servers)
		return TRUE;
	for (gsize i = 0; servers[i]; i++) {
		g_autofree char *server = read_server(servers[i], error);
		if (!server)
			return FALSE;
		g_string_append_printf(list, "%s%s", i > 0 ? "," : "", server);
		if (i >= RESOLVER_SERVERS_MAX) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
				    "more than %d DNS servers", RESOLVER_SERVERS_MAX);
			return FALSE;
		}
	}
	int status = ares_set_servers_ports_csv(resolver->channel, list->str);
	if (status != ARES_SUCCESS)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "DNS servers %s: %s",
			    list->str, ares_strerror(status));
	return status == ARES_SUCCESS;
}

/* NOCHECKRESP: SERVFAIL comes as it is. Without it c-ares calls it a refused connection. */
static gboolean
open_channel(struct resolver *resolver, GError **error)
{
	static gsize is_ready;
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
			 ARES_FLAG_EDNS,
		.timeout = (int)resolver->options.timeout_ms,
		.tries = (int)resolver->options.tries,
		.ednspsz = EDNS_LEN,
	};

	if (g_once_init_enter(&is_ready)) {
		ares_library_init(ARES_LIB_INIT_ALL);
		g_once_init_leave(&is_ready, 1);
	}
	int status = ares_init_options(&resolver->channel, &options,
				       ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					       ARES_OPT_EDNSPSZ);
	if (status != ARES_SUCCESS)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "cannot start look-ups: %s",
			    ares_strerror(status));
	return status == ARES_SUCCESS;
}

struct resolver *
resolver_new(const struct resolver_options *options, GError **error)
{
	g_autoptr(resolver_auto) resolver = g_new0(struct resolver, 1);

	resolver->options = *options;
	resolver->options.servers = NULL;
	resolver->options.in_flight = MAX(options->in_flight, 1);
	resolver->options.tries = CLAMP(options->tries, 1, 10);
	resolver->options.timeout_ms = CLAMP(options->timeout_ms, 10, 60000);
	g_queue_init(&resolver->waiting);
	if (!open_channel(resolver, error) || !set_servers(resolver, options->servers, error))
		return NULL;
	return g_steal_pointer(&resolver);
}

void
resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	if (resolver->channel) {
		end(resolver, DNS_REASON_STOPPED);
		ares_destroy(resolver->channel);
	}
	g_free(resolver);
}
