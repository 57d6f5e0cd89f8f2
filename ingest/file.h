/* SPDX-License-Identifier: MIT */
/*
 * file.h - read files and list folders that others may change meanwhile.
 */
#ifndef INGEST_FILE_H
#define INGEST_FILE_H

#include <glib.h>

/*
 * The whole file, or its first max_len + 1 bytes where it is larger (the parser then names the
 * limit). AGAIN where it is gone, DENIED where it may not be read.
 */
GBytes *file_read(const char *path, gsize max_len, GError **error);

/* The same from an open descriptor; name is for errors. */
GBytes *file_read_fd(int fd, const char *name, gsize max_len, GError **error);

/* Names in a folder in byte order (Maildir names begin with the time), hidden ones left out. */
GPtrArray *file_list(const char *dir, GError **error);

/* Unix seconds; now where the file is gone. */
gint64 file_modified_at(const char *path);

#endif
