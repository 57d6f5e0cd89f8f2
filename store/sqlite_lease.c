/* SPDX-License-Identifier: MIT */
/*
 * A thing is a byte of a file beside the store: a lock on it belongs to the open file, and goes
 * with it. The byte's place is a digest of the thing's name; that two things share one only makes
 * one of them wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"
#include "store/lease.h"
#include "store/store_private.h"

struct lease {
	int fd;
};

static off_t
place_of(const char *thing)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, thing, -1);

	/* 15 hex digits: what a positive off_t holds. */
	digest[15] = '\0';
	return (off_t)g_ascii_strtoull(digest, NULL, 16);
}

gboolean
lease_take(const struct store *store, const char *thing, struct lease **ret_lease, GError **error)
{
	g_autofree char *path = g_strconcat(store_path(store), "-lease", NULL);
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = place_of(thing),
		.l_len = 1,
	};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	*ret_lease = NULL;
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0) {
		*ret_lease = g_new(struct lease, 1);
		(*ret_lease)->fd = fd;
		return TRUE;
	}
	int cause = errno;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && (cause == EAGAIN || cause == EACCES))
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot lock %s: %s", path,
		    g_strerror(cause));
	return FALSE;
}

void
lease_give_back(struct lease *lease)
{
	if (!lease)
		return;
	close(lease->fd);
	g_free(lease);
}
