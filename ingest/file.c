/* SPDX-License-Identifier: MIT */
#include "ingest/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

#define FIRST_READ_LEN 16384

static void
set_read_error(GError **error, const char *name)
{
	g_set_error(error, DMARCD_ERROR, errno == ENOENT ? DMARCD_ERROR_AGAIN : DMARCD_ERROR_DENIED,
		    "cannot read %s: %s", name, g_strerror(errno));
}

/* One byte more than expected, so that the end of file is seen in the same read. */
static gsize
expected_len(int fd, gsize max_len, gboolean *ret_is_regular)
{
	struct stat st;

	*ret_is_regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0;
	return *ret_is_regular ? MIN((gsize)st.st_size, max_len) + 1 : FIRST_READ_LEN;
}

GBytes *
file_read_fd(int fd, const char *name, gsize max_len, GError **error)
{
	gboolean is_regular;
	gsize size = expected_len(fd, max_len, &is_regular);
	g_autofree guint8 *bytes = g_malloc(size);
	gsize len = 0;

	for (;;) {
		ssize_t got = read(fd, bytes + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			set_read_error(error, name);
			return NULL;
		}
		len += (gsize)got;
		/* A regular file that gives less than was asked for has come to its end. */
		if (got == 0 || len > max_len || (is_regular && len < size))
			return g_bytes_new_take(g_steal_pointer(&bytes), len);
		if (len == size) {
			size = MIN(size * 2, max_len + 1);
			bytes = g_realloc(bytes, size);
		}
	}
}

GBytes *
file_read(const char *path, gsize max_len, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		set_read_error(error, path);
		return NULL;
	}
	GBytes *bytes = file_read_fd(fd, path, max_len, error);
	close(fd);
	return bytes;
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
file_list(const char *dir, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GDir) listing = g_dir_open(dir, 0, &cause);

	if (!listing) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, cause->message);
		return NULL;
	}
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	while ((name = g_dir_read_name(listing)))
		if (name[0] != '.')
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, compare_names);
	return names;
}

gint64
file_modified_at(const char *path)
{
	GStatBuf st;

	if (g_stat(path, &st) != 0)
		return g_get_real_time() / G_USEC_PER_SEC;
	return st.st_mtime;
}
