/* SPDX-License-Identifier: MIT */
#include "core/datagram.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 1

/* The length of the address, 0 where path does not fit into one. */
static socklen_t
make_address(struct sockaddr_un *address, const char *path)
{
	gsize len = strlen(path);

	if (len < 2 || len >= sizeof(address->sun_path))
		return 0;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, len);
	if (path[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

gboolean
datagram_send(const char *path, const void *bytes, gsize len)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address;
	socklen_t address_len = make_address(&address, path);

	if (address_len == 0)
		return FALSE;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return FALSE;
	/* Where this fails, a full socket is waited for without an end, as by everybody else. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	ssize_t n = sendto(fd, bytes, len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
			   address_len);
	close(fd);
	return n >= 0 && (gsize)n == len;
}
