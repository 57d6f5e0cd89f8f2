/* SPDX-License-Identifier: MIT */
#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "core/error.h"

#define BACKLOG          128
#define SYSTEMD_FIRST_FD 3 /* sd_listen_fds(3) */

struct listener {
	GSocketListener *sockets;
	char *address;
	char *unix_path; /* that we made, NULL for none */
};

/* Does somebody answer there? Then it is not what an earlier run left behind. */
static gboolean
is_in_use(GSocketAddress *address)
{
	g_autoptr(GSocket) socket =
		g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);

	return socket && g_socket_connect(socket, address, NULL, NULL);
}

static GSocketAddress *
unix_address(struct listener *listener, const char *path)
{
	GSocketAddress *address = g_unix_socket_address_new(path);
	GStatBuf status;

	if (g_lstat(path, &status) == 0) {
		if (!S_ISSOCK(status.st_mode) || is_in_use(address))
			return address; /* binding will say that it is taken */
		g_unlink(path);
	}
	listener->unix_path = g_strdup(path);
	return address;
}

/* "HOST:PORT" with HOST an address, in brackets for IPv6, "*" for every one. */
static GSocketAddress *
inet_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	guint64 port;

	if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
		return NULL;
	g_autofree char *host = g_strndup(text, (gsize)(colon - text));
	gsize len = strlen(host);
	if (g_str_equal(host, "*"))
		return g_inet_socket_address_new_from_string("::", (guint)port);
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		return g_inet_socket_address_new_from_string(host + 1, (guint)port);
	}
	return g_inet_socket_address_new_from_string(host, (guint)port);
}

static gboolean
fail(GError **error, int code, const char *address, const char *why)
{
	g_set_error(error, DMARCD_ERROR, code, "cannot listen on %s: %s", address, why);
	return FALSE;
}

/*
 * A copy of the socket that was passed. The first one stays open: it is taken again when the
 * configuration is read anew, and who connects in between waits.
 */
static GSocket *
take_passed_socket(GError **error)
{
	int is_listening = 0;
	int fd = fcntl(SYSTEMD_FIRST_FD, F_DUPFD_CLOEXEC, SYSTEMD_FIRST_FD + 1);

	if (fd < 0) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, g_strerror(errno));
		return NULL;
	}
	(void)fcntl(SYSTEMD_FIRST_FD, F_SETFD, FD_CLOEXEC);
	g_autoptr(GSocket) socket = g_socket_new_from_fd(fd, error);
	if (!socket) {
		close(fd);
		return NULL;
	}
	if (!g_socket_get_option(socket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, error))
		return NULL;
	if (is_listening)
		return g_steal_pointer(&socket);
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "it is no socket that listens (ListenStream=, Accept=no)");
	return NULL;
}

static gboolean
open_systemd(struct listener *listener, GError **error)
{
	const char *pid = g_getenv("LISTEN_PID");
	g_autoptr(GError) trouble = NULL;

	if (!pid || g_ascii_strtoll(pid, NULL, 10) != getpid() || !g_getenv("LISTEN_FDS"))
		return fail(error, DMARCD_ERROR_DENIED, "systemd",
			    "no socket was passed (start it through its .socket unit)");
	g_autoptr(GSocket) socket = take_passed_socket(&trouble);
	if (!socket || !g_socket_listener_add_socket(listener->sockets, socket, NULL, &trouble))
		return fail(error, DMARCD_ERROR_DENIED, "systemd", trouble->message);
	return TRUE;
}

static char *
format_address(GSocketAddress *address)
{
	if (!G_IS_INET_SOCKET_ADDRESS(address))
		return NULL;
	GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);
	g_autofree char *host = g_inet_address_to_string(g_inet_socket_address_get_address(inet));
	return g_strdup_printf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
			       g_inet_socket_address_get_port(inet));
}

static gboolean
open_address(struct listener *listener, const char *text, GError **error)
{
	static const char unix_prefix[] = "unix:";
	g_autoptr(GError) trouble = NULL;
	g_autoptr(GSocketAddress) effective = NULL;
	g_autoptr(GSocketAddress) address =
		g_str_has_prefix(text, unix_prefix)
			? unix_address(listener, text + strlen(unix_prefix))
			: inet_address(text);

	if (!address)
		return fail(error, DMARCD_ERROR_INVALID, text,
			    "write it as 127.0.0.1:24, [::1]:24, unix:/path or systemd");
	if (!g_socket_listener_add_address(listener->sockets, address, G_SOCKET_TYPE_STREAM,
					   G_SOCKET_PROTOCOL_DEFAULT, NULL, &effective, &trouble))
		return fail(error, DMARCD_ERROR_DENIED, text, trouble->message);
	char *real = format_address(effective);
	if (real) {
		g_free(listener->address);
		listener->address = real;
	}
	return TRUE;
}

struct listener *
listener_open(const char *address, GError **error)
{
	struct listener *listener = g_new0(struct listener, 1);
	gboolean is_systemd = g_str_equal(address, "systemd");

	listener->sockets = g_socket_listener_new();
	listener->address = g_strdup(address);
	g_socket_listener_set_backlog(listener->sockets, BACKLOG);
	if (is_systemd ? open_systemd(listener, error) : open_address(listener, address, error))
		return listener;
	listener_close(listener);
	return NULL;
}

void
listener_close(struct listener *listener)
{
	if (!listener)
		return;
	g_socket_listener_close(listener->sockets);
	g_object_unref(listener->sockets);
	if (listener->unix_path)
		g_unlink(listener->unix_path);
	g_free(listener->unix_path);
	g_free(listener->address);
	g_free(listener);
}

GSocketConnection *
listener_accept(struct listener *listener, GCancellable *cancel, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	GSocketConnection *connection =
		g_socket_listener_accept(listener->sockets, NULL, cancel, &trouble);

	if (!connection)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "cannot accept on %s: %s",
			    listener->address, trouble->message);
	return connection;
}

const char *
listener_address(const struct listener *listener)
{
	return listener->address;
}
