/* SPDX-License-Identifier: MIT */
#include "net/mailconn.h"

#include <poll.h>

#include "core/error.h"
#include "core/text.h"
#include "net/transfer.h"

#define KEEPALIVE_S 60L
/* What a server says about a refused login, as far as it is shown. */
#define SAID_LEN_MAX 512

struct mailconn {
	CURL *curl;
	GString *said; /* the server's last answer to the login that was no success */
	char reason[CURL_ERROR_SIZE];
};

static const struct transfer_cure cures[] = {
	{ CURLE_SSL_CONNECT_ERROR, DMARCD_ERROR_AGAIN,
	  "no TLS: imaps:// is for port 993, imap:// with STARTTLS for port 143" },
	{ CURLE_USE_SSL_FAILED, DMARCD_ERROR_DENIED,
	  "the server offers no STARTTLS, and the password is not sent without: use imaps://, or "
	  "find out who takes STARTTLS away" },
	{ CURLE_LOGIN_DENIED, DMARCD_ERROR_DENIED,
	  "the server refuses the login: check user and password, or the token" },
	{ CURLE_WEIRD_SERVER_REPLY, DMARCD_ERROR_AGAIN,
	  "the server does not answer as an IMAP server should" },
};

/* "A002 NO [CODE] text": kept for the error. What we send is never looked at. */
static int
on_debug(CURL *curl, curl_infotype type, char *data, size_t len, void *cookie)
{
	struct mailconn *conn = cookie;
	const char *space = memchr(data, ' ', len);
	gsize left = space ? len - (gsize)(space - data) : 0;

	(void)curl;
	if (type != CURLINFO_HEADER_IN || left < 4 || data[0] == '*' || data[0] == '+')
		return 0;
	if (g_ascii_strncasecmp(space, " NO", 3) != 0 && g_ascii_strncasecmp(space, " BAD", 4) != 0)
		return 0;
	g_string_truncate(conn->said, 0);
	text_clean(space, MIN(left, SAID_LEN_MAX), conn->said);
	return 0;
}

/* RFC 5530: trouble of the server's own, which nobody here can mend. */
static gboolean
is_passing(const struct mailconn *conn)
{
	return strstr(conn->said->str, "[UNAVAILABLE]") || strstr(conn->said->str, "[INUSE]") ||
	       strstr(conn->said->str, "[LIMIT]");
}

static void
set_connect_error(const struct mailconn *conn, CURLcode code, const char *url, GError **error)
{
	struct transfer_cure cure = transfer_cure_of(code, cures, G_N_ELEMENTS(cures));

	if (code == CURLE_LOGIN_DENIED && is_passing(conn)) {
		cure.error = DMARCD_ERROR_AGAIN;
		cure.text = "the server refuses the login for now";
	}
	const char *reason = conn->said->len > 0 ? conn->said->str
			     : *conn->reason     ? conn->reason
						 : curl_easy_strerror(code);
	g_set_error(error, DMARCD_ERROR, (gint)cure.error, "%s: %s (%s)", url, cure.text, reason);
}

/* One of password and token: with both libcurl falls back to the other in silence. */
static void
set_login(CURL *curl, const struct mailconn_options *options)
{
	curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
	if (options->is_token) {
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, options->secret);
		curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
		return;
	}
	curl_easy_setopt(curl, CURLOPT_PASSWORD, options->secret);
}

static void
set_options(struct mailconn *conn, const struct mailconn_options *options)
{
	CURL *curl = conn->curl;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
			 (long)(options->is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, conn);
	set_login(curl, options);
}

struct mailconn *
mailconn_open(const struct mailconn_options *options, GError **error)
{
	g_autoptr(mailconn_auto) conn = g_new0(struct mailconn, 1);
	const struct transfer_options transfer = {
		.url = options->url,
		.ca_file = options->ca_file,
		.seconds = options->connect_s,
		.cancel = options->cancel,
		.reason = conn->reason,
	};

	conn->curl = transfer_new(&transfer);
	conn->said = g_string_new(NULL);
	set_options(conn, options);
	CURLcode code = curl_easy_perform(conn->curl);
	if (code != CURLE_OK) {
		set_connect_error(conn, code, options->url, error);
		return NULL;
	}
	return g_steal_pointer(&conn);
}

void
mailconn_close(struct mailconn *conn)
{
	if (!conn)
		return;
	/* It may speak once more while it closes. */
	curl_easy_setopt(conn->curl, CURLOPT_VERBOSE, 0L);
	curl_easy_cleanup(conn->curl);
	g_string_free(conn->said, TRUE);
	g_free(conn);
}

/* --- Bytes --- */

static curl_socket_t
socket_of(const struct mailconn *conn)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(conn->curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd;
}

static gboolean
set_lost(GError **error, const char *why)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "the connection is lost: %s", why);
	return FALSE;
}

static int
ms_until(gint64 deadline)
{
	gint64 left = (deadline - g_get_monotonic_time()) / 1000;

	return (int)CLAMP(left, 0, G_MAXINT);
}

gboolean
mailconn_send(struct mailconn *conn, const guint8 *bytes, gsize len, int timeout_ms, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	gsize sent;

	while (len > 0) {
		CURLcode code = curl_easy_send(conn->curl, bytes, len, &sent);
		if (code == CURLE_OK) {
			bytes += sent;
			len -= sent;
			continue;
		}
		if (code != CURLE_AGAIN)
			return set_lost(error, curl_easy_strerror(code));
		struct pollfd fd = { .fd = socket_of(conn), .events = POLLOUT };
		if (poll(&fd, 1, ms_until(deadline)) == 0)
			return set_lost(error, "the server does not take what is sent");
	}
	return TRUE;
}

/* What TLS has decrypted already is not on the socket any more: ask first, then wait. */
enum mailconn_event
mailconn_receive(struct mailconn *conn, const struct mailconn_wait *wait, gsize *ret_len,
		 GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)wait->timeout_ms * 1000;
	struct pollfd fds[1 + MAILCONN_WAKE_FDS] = { { .fd = socket_of(conn), .events = POLLIN } };

	for (gsize i = 0; i < MAILCONN_WAKE_FDS; i++)
		fds[i + 1] = (struct pollfd){ .fd = wait->wake_fds[i], .events = POLLIN };
	for (;;) {
		CURLcode code = curl_easy_recv(conn->curl, wait->bytes, wait->len, ret_len);
		if (code == CURLE_OK && *ret_len > 0)
			return MAILCONN_BYTES;
		if (code != CURLE_AGAIN) {
			set_lost(error, code == CURLE_OK ? "the server closed it"
							 : curl_easy_strerror(code));
			return MAILCONN_FAILED;
		}
		if (poll(fds, G_N_ELEMENTS(fds), ms_until(deadline)) == 0)
			return MAILCONN_TIMEOUT;
		for (gsize i = 1; i < G_N_ELEMENTS(fds); i++)
			if (fds[i].revents & POLLIN)
				return MAILCONN_WOKEN;
	}
}
