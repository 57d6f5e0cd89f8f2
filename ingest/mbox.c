/* SPDX-License-Identifier: MIT */
#include "ingest/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"

#define PIECE_LEN 65536
#define FROM_LINE "From "
#define FROM_LEN  5

struct mbox {
	int fd; /* -1: all is in buffer */
	char *path;
	gsize max_len;
	GByteArray *buffer;
	gsize start; /* what lies before it in buffer was used */
	gboolean is_at_end;
};

static gboolean
is_from_line(const guint8 *line, gsize len)
{
	return len >= FROM_LEN && memcmp(line, FROM_LINE, FROM_LEN) == 0;
}

static gboolean
fill(struct mbox *mbox, GError **error)
{
	guint8 piece[PIECE_LEN];
	ssize_t len;

	if (mbox->fd < 0) {
		mbox->is_at_end = TRUE;
		return TRUE;
	}
	do {
		len = read(mbox->fd, piece, sizeof(piece));
	} while (len < 0 && errno == EINTR);
	if (len < 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot read %s: %s",
			    mbox->path, g_strerror(errno));
		return FALSE;
	}
	mbox->is_at_end = len == 0;
	g_byte_array_append(mbox->buffer, piece, (guint)len);
	return TRUE;
}

static struct mbox *
mbox_alloc(int fd, const char *path, gsize max_len)
{
	struct mbox *mbox = g_new0(struct mbox, 1);

	mbox->fd = fd;
	mbox->path = g_strdup(path);
	mbox->max_len = max_len;
	mbox->buffer = g_byte_array_new();
	return mbox;
}

gboolean
mbox_is_one(GBytes *bytes)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);

	return is_from_line(data, len);
}

struct mbox *
mbox_open(const char *path, gsize max_len, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return mbox_alloc(fd, path, max_len);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot read %s: %s", path,
		    g_strerror(errno));
	return NULL;
}

struct mbox *
mbox_new(GBytes *bytes, gsize max_len)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	struct mbox *mbox = mbox_alloc(-1, "", max_len);

	g_byte_array_append(mbox->buffer, data, (guint)len);
	return mbox;
}

void
mbox_close(struct mbox *mbox)
{
	if (!mbox)
		return;
	if (mbox->fd >= 0)
		close(mbox->fd);
	g_free(mbox->path);
	g_byte_array_unref(mbox->buffer);
	g_free(mbox);
}

/*
 * The length of the line at offset with its line feed; 0 at the end of the file. A line longer than
 * the ceiling of a mail comes in several.
 */
static gsize
line_at(struct mbox *mbox, gsize offset, GError **error)
{
	gsize searched = offset;

	for (;;) {
		const guint8 *data = mbox->buffer->data;
		gsize len = mbox->buffer->len;
		const guint8 *end =
			len > searched ? memchr(data + searched, '\n', len - searched) : NULL;
		if (end)
			return (gsize)(end - data) + 1 - offset;
		if (mbox->is_at_end || len - offset > mbox->max_len)
			return len - offset;
		searched = len;
		if (!fill(mbox, error))
			return 0;
	}
}

/* mboxrd: one > was put before each line of >*From. */
static gboolean
is_quoted(const guint8 *line, gsize len)
{
	gsize quotes = 0;

	while (quotes < len && line[quotes] == '>')
		quotes++;
	return quotes > 0 && is_from_line(line + quotes, len - quotes);
}

static void
append_line(const struct mbox *mbox, GByteArray *mail, const guint8 *line, gsize len)
{
	gsize room = mbox->max_len + 1 - MIN(mail->len, mbox->max_len + 1);

	if (is_quoted(line, len)) {
		line++;
		len--;
	}
	g_byte_array_append(mail, line, (guint)MIN(len, room));
}

static gboolean
is_empty_line(const guint8 *line, gsize len)
{
	return len == 1 || (len == 2 && line[0] == '\r');
}

/* Used bytes go once they are the larger part, so that each byte is moved once or twice in all. */
static void
drop_used(struct mbox *mbox)
{
	if (mbox->start <= PIECE_LEN || mbox->start < mbox->buffer->len / 2)
		return;
	g_byte_array_remove_range(mbox->buffer, 0, (guint)mbox->start);
	mbox->start = 0;
}

GBytes *
mbox_next(struct mbox *mbox, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GByteArray) mail = g_byte_array_new();
	gsize from_len = line_at(mbox, mbox->start, &cause);
	gboolean is_after_empty = FALSE;

	mbox->start += from_len;
	for (;;) {
		drop_used(mbox);
		gsize len = line_at(mbox, mbox->start, &cause);
		const guint8 *line = mbox->buffer->data + mbox->start;
		if (len == 0 || (is_after_empty && is_from_line(line, len)))
			break;
		append_line(mbox, mail, line, len);
		is_after_empty = is_empty_line(line, len);
		mbox->start += len;
	}
	if (!cause)
		return from_len > 0 ? g_byte_array_free_to_bytes(g_steal_pointer(&mail)) : NULL;
	g_propagate_error(error, g_steal_pointer(&cause));
	return NULL;
}
