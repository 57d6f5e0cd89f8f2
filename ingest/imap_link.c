/* SPDX-License-Identifier: MIT */
#include "ingest/imap_link.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "core/error.h"
#include "ingest/oauth2.h"
#include "ingest/secret.h"
#include "net/loopback.h"
#include "net/mailconn.h"

#define CONNECT_S 30
/* How long an answer may take; and once the stop was asked for. */
#define ANSWER_MS      60000
#define LAST_ANSWER_MS 5000

struct imap_link {
	const struct intake_config *config;
	char *url; /* without mailbox */
	char *folder;
	int wake_fd;
	gsize chunk_bytes;
	GCancellable *cancel;
	struct oauth2 *oauth2; /* NULL = the secret is no token of a provider's */
	struct mailconn *conn;
	struct imap_session *session;
};

/* --- Settings --- */

static gboolean
set_denied(GError **error, const char *text)
{
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, text);
	return FALSE;
}

static gboolean
check_tls(const struct intake_config *config, GUri *uri, GError **error)
{
	gboolean is_none = g_str_equal(config->tls, "none");

	if (!is_none && !g_str_equal(config->tls, "required"))
		return set_denied(error, "tls is required or none");
	if (is_none &&
	    (!loopback_is_host(g_uri_get_host(uri)) || !g_str_equal(g_uri_get_scheme(uri), "imap")))
		return set_denied(error, "tls = none is for imap:// on this very host: a password "
					 "would cross the network in the clear");
	return TRUE;
}

static gboolean
read_url(struct imap_link *link, GError **error)
{
	const struct intake_config *config = link->config;
	g_autoptr(GUri) uri = g_uri_parse(config->url, G_URI_FLAGS_HAS_PASSWORD, NULL);
	const char *scheme = uri ? g_uri_get_scheme(uri) : "";

	if ((!g_str_equal(scheme, "imaps") && !g_str_equal(scheme, "imap")) ||
	    !g_uri_get_host(uri) || !*g_uri_get_host(uri))
		return set_denied(error, "url must be imaps://HOST[:PORT]/ or imap://HOST[:PORT]/");
	if (g_uri_get_userinfo(uri))
		return set_denied(error, "url must not have user or password in it: "
					 "set user and password_file");
	if (!check_tls(config, uri, error))
		return FALSE;
	const char *path = g_uri_get_path(uri);
	g_autoptr(GUri) bare = g_uri_build(G_URI_FLAGS_NONE, scheme, NULL, g_uri_get_host(uri),
					   g_uri_get_port(uri), "/", NULL, NULL);
	link->url = g_uri_to_string(bare);
	link->folder = g_strdup(*path == '/' ? path + 1 : path);
	return TRUE;
}

struct imap_link *
imap_link_new(const struct intake_config *config, GError **error)
{
	g_autoptr(imap_link_auto) link = g_new0(struct imap_link, 1);

	link->config = config;
	link->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!read_url(link, error))
		return NULL;
	if (!*config->user) {
		set_denied(error, "user is missing: who logs in");
		return NULL;
	}
	if (*config->oauth_provider) {
		link->oauth2 = oauth2_new(config, error);
		if (!link->oauth2)
			return NULL;
	}
	return g_steal_pointer(&link);
}

void
imap_link_free(struct imap_link *link)
{
	if (!link)
		return;
	imap_link_close(link);
	oauth2_free(link->oauth2);
	if (link->wake_fd >= 0)
		close(link->wake_fd);
	g_free(link->url);
	g_free(link->folder);
	g_free(link);
}

const char *
imap_link_folder(const struct imap_link *link)
{
	return link->folder;
}

void
imap_link_wake(struct imap_link *link)
{
	eventfd_write(link->wake_fd, 1);
}

/* --- Bytes --- */

static int
answer_ms(const struct imap_link *link)
{
	return g_cancellable_is_cancelled(link->cancel) ? LAST_ANSWER_MS : ANSWER_MS;
}

static gboolean
link_send(gpointer data, const char *bytes, gsize len, GError **error)
{
	struct imap_link *link = data;

	return mailconn_send(link->conn, (const guint8 *)bytes, len, answer_ms(link), error);
}

/* A stop wakes who waits for news. Who waits for an answer gets it, but not for long. */
static gboolean
link_receive(gpointer data, guint8 *bytes, gsize len, gint64 wait_ms, gsize *ret_len,
	     GError **error)
{
	struct imap_link *link = data;
	gboolean is_waiting = wait_ms >= 0;
	gboolean is_stopping = g_cancellable_is_cancelled(link->cancel);
	struct mailconn_wait wait = {
		.bytes = bytes,
		.len = len,
		.timeout_ms = is_waiting ? (int)MIN(wait_ms, G_MAXINT) : answer_ms(link),
		.wake_fds = { is_waiting ? link->wake_fd : -1,
			      is_stopping ? -1 : g_cancellable_get_fd(link->cancel) },
	};
	eventfd_t count;

	*ret_len = 0;
	enum mailconn_event event = mailconn_receive(link->conn, &wait, ret_len, error);
	if (event == MAILCONN_WOKEN && !is_waiting) {
		wait.wake_fds[1] = -1;
		wait.timeout_ms = LAST_ANSWER_MS;
		event = mailconn_receive(link->conn, &wait, ret_len, error);
	}
	if (!is_stopping)
		g_cancellable_release_fd(link->cancel);
	if (event == MAILCONN_WOKEN)
		eventfd_read(link->wake_fd, &count);
	if (event != MAILCONN_TIMEOUT || is_waiting)
		return event != MAILCONN_FAILED;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
		    "the connection is lost: no answer for %d s", wait.timeout_ms / 1000);
	return FALSE;
}

/* --- Connecting --- */

static char *
get_secret(struct imap_link *link, gboolean *ret_is_token, GError **error)
{
	if (!link->oauth2)
		return secret_read(link->config, ret_is_token, error);
	*ret_is_token = TRUE;
	return g_strdup(oauth2_token(link->oauth2, link->cancel, error));
}

static gboolean
log_in(struct imap_link *link, GError **error)
{
	const struct intake_config *config = link->config;
	struct mailconn_options options = {
		.url = link->url,
		.user = config->user,
		.is_plain = g_str_equal(config->tls, "none"),
		.ca_file = config->ca_file,
		.connect_s = CONNECT_S,
		.cancel = link->cancel,
	};
	char *secret = get_secret(link, &options.is_token, error);

	if (!secret)
		return FALSE;
	options.secret = secret;
	link->conn = mailconn_open(&options, error);
	secret_free(secret);
	return link->conn != NULL;
}

/* A token may be revoked long before it expires: one that is refused is followed by a new one. */
static gboolean
log_in_or_refresh(struct imap_link *link, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (log_in(link, &reason))
		return TRUE;
	if (link->oauth2 && g_error_matches(reason, DMARCD_ERROR, DMARCD_ERROR_DENIED) &&
	    oauth2_refused(link->oauth2))
		return log_in(link, error);
	g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

gboolean
imap_link_open(struct imap_link *link, const struct intake_context *context, GError **error)
{
	const struct imap_session_options session = {
		.io = { link, link_send, link_receive },
		.mail_bytes = context->mail_bytes,
		.chunk_bytes = link->chunk_bytes,
	};

	link->cancel = context->cancel;
	if (!log_in_or_refresh(link, error))
		return FALSE;
	link->session = imap_session_open(&session, error);
	return link->session != NULL;
}

const char *
imap_link_trouble(const struct imap_link *link)
{
	return link->oauth2 ? oauth2_trouble(link->oauth2) : NULL;
}

gint64
imap_link_expires_at(const struct imap_link *link)
{
	return link->oauth2 ? oauth2_expires_at(link->oauth2) : 0;
}

void
imap_link_close(struct imap_link *link)
{
	if (link->session) {
		link->chunk_bytes = imap_session_chunk(link->session);
		imap_session_close(link->session);
	}
	link->session = NULL;
	mailconn_close(link->conn);
	link->conn = NULL;
}

struct imap_session *
imap_link_session(const struct imap_link *link)
{
	return link->session;
}
