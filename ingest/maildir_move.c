/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "ingest/maildir_folder.h"

static char *
seen_path(const char *path, const char *dir, const char *suffix)
{
	g_autofree char *name = g_path_get_basename(path);
	const char *info = strstr(name, ":2,");
	const char *flags = info ? info + strlen(":2,") : "";
	/* Flags stand in ASCII order. */
	gsize before = strspn(flags, "DFPR");
	gboolean has_seen = strchr(flags, 'S') != NULL;

	return g_strdup_printf("%s/%.*s%s:2,%.*s%s%s", dir, (int)strcspn(name, ":"), name, suffix,
			       (int)before, flags, has_seen ? "" : "S", flags + before);
}

/* FALSE with errno, EEXIST where a mail of that name is there. */
static gboolean
move(const char *path, const char *target)
{
	if (g_str_equal(target, path) ||
	    renameat2(AT_FDCWD, path, AT_FDCWD, target, RENAME_NOREPLACE) == 0)
		return TRUE;
	if (errno != EINVAL)
		return FALSE;
	/* A file system that cannot say "unless it is there" (NFS). */
	if (g_access(target, F_OK) == 0) {
		errno = EEXIST;
		return FALSE;
	}
	return g_rename(path, target) == 0;
}

gboolean
maildir_move_seen(const char *path, const char *dir, GError **error)
{
	g_autofree char *random = g_uuid_string_random();
	g_autofree char *suffix = g_strconcat(",", random, NULL);
	g_autofree char *target = seen_path(path, dir, "");
	g_autofree char *other = seen_path(path, dir, suffix);

	if (move(path, target) || (errno == EEXIST && move(path, other)))
		return TRUE;
	g_set_error(error, DMARCD_ERROR, errno == ENOENT ? DMARCD_ERROR_AGAIN : DMARCD_ERROR_DENIED,
		    "cannot move %s to %s: %s", path, target, g_strerror(errno));
	return FALSE;
}
