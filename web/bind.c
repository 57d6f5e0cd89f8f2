/* SPDX-License-Identifier: MIT */
#include "web/bind.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"

#define BACKLOG 128

static int
fail(GError **error, const char *address, const char *problem)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot listen on %s: %s", address,
		    problem);
	return -1;
}

/* Errors of bind() as a person meets them, with the cure. */
static const char *
explain(int number)
{
	switch (number) {
	case EADDRINUSE:
		return "address already in use; stop the other program or give --listen another "
		       "port";
	case EACCES:
		return "permission denied; ports below 1024 belong to root, give --listen another "
		       "port";
	case EADDRNOTAVAIL:
		return "this machine does not have this address; give --listen another one";
	default:
		return g_strerror(number);
	}
}

/* Cut "[::1]:8080" into host and port; FALSE where it is neither. */
static gboolean
split(const char *address, char **ret_host, char **ret_port)
{
	const char *colon = strrchr(address, ':');
	gsize len = colon ? (gsize)(colon - address) : 0;
	gboolean has_brackets = len > 2 && address[0] == '[' && address[len - 1] == ']';

	if (len == 0 || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, NULL, NULL))
		return FALSE;
	if (!has_brackets && memchr(address, ':', len))
		return FALSE;
	*ret_host = has_brackets ? g_strndup(address + 1, len - 2) : g_strndup(address, len);
	*ret_port = g_strdup(colon + 1);
	return TRUE;
}

/* "http://[::1]:8080", as the kernel says. */
static char *
name_url(int fd)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&bound, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return NULL;
	return strchr(host, ':') ? g_strdup_printf("http://[%s]:%s", host, port)
				 : g_strdup_printf("http://%s:%s", host, port);
}

static int
open_socket(const struct addrinfo *info)
{
	int on = 1;
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;

	int number = errno;
	close(fd);
	errno = number;
	return -1;
}

int
bind_listen(const char *address, char **ret_url, GError **error)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	g_autofree char *host = NULL;
	g_autofree char *port = NULL;
	struct addrinfo *info = NULL;

	if (!split(address, &host, &port))
		return fail(error, address, "an address is like 127.0.0.1:8080 or [::1]:8080");
	int problem = getaddrinfo(host, port, &hints, &info);
	if (problem != 0)
		return fail(error, address, gai_strerror(problem));

	int fd = open_socket(info);
	int number = errno;
	freeaddrinfo(info);
	if (fd < 0)
		return fail(error, address, explain(number));
	*ret_url = name_url(fd);
	return fd;
}
