/* SPDX-License-Identifier: MIT */
#include "ingest/intake_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/error.h"
#include "core/log.h"
#include "ingest/file.h"
#include "ingest/mbox.h"

/* A folder that contains itself (by a link) must come to an end. */
#define FOLDER_DEPTH_MAX 32
#define MBOX_PIECE_LEN   (256 * 1024)
#define FROM_LINE        "From "

enum walked {
	WALK_ON,
	WALK_STOP,
	WALK_FAILED,
};

static enum walked walk_path(struct files_walk *walk, const char *path, guint depth,
			     GError **error);

/* An mbox being read: from a file piece by piece, or from memory. */
struct mbox_walk {
	struct files_walk *walk;
	struct mbox *mbox;
	const char *path;
	gint64 at;
	guint number;
};

/* The mails that the pieces added so far make. */
static enum walked
walk_mails(struct mbox_walk *m)
{
	enum mbox_step step;
	GBytes *mail;

	while ((step = mbox_next(m->mbox, &mail)) != MBOX_MORE) {
		g_autofree char *locator = g_strdup_printf("%s#%u", m->path, ++m->number);
		if (step == MBOX_TOO_BIG) {
			m->walk->unreadable++;
			log_event(LOG_WARNING, "mail in mbox is over max_mail_bytes", "mail",
				  locator, NULL);
			continue;
		}
		gboolean want_more = m->walk->each(mail, locator, m->at, m->walk->data);
		g_bytes_unref(mail);
		if (!want_more)
			return WALK_STOP;
	}
	return WALK_ON;
}

static enum walked
walk_mbox_fd(struct mbox_walk *m, int fd, GError **error)
{
	g_autofree guint8 *piece = g_malloc(MBOX_PIECE_LEN);
	enum walked walked = WALK_ON;
	ssize_t len;

	do {
		len = TEMP_FAILURE_RETRY(read(fd, piece, MBOX_PIECE_LEN));
		if (len < 0) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot read %s: %s",
				    m->path, g_strerror(errno));
			return WALK_FAILED;
		}
		mbox_add(m->mbox, piece, (gsize)len, len == 0);
		walked = walk_mails(m);
	} while (len > 0 && walked == WALK_ON);
	return walked;
}

static enum walked
walk_mbox_file(struct files_walk *walk, const char *path, gint64 at, GError **error)
{
	g_autoptr(mbox_auto) mbox = mbox_new(walk->mail_bytes);
	struct mbox_walk m = { walk, mbox, path, at, 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot read %s: %s", path,
			    g_strerror(errno));
		return WALK_FAILED;
	}
	enum walked walked = walk_mbox_fd(&m, fd, error);
	close(fd);
	return walked;
}

static gboolean
is_mbox(GBytes *bytes)
{
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);

	return len > strlen(FROM_LINE) && strncmp(data, FROM_LINE, strlen(FROM_LINE)) == 0;
}

/* An mbox may be larger than any mail, so it is read again, piece by piece. */
static enum walked
walk_file(struct files_walk *walk, const char *path, gint64 at, GError **error)
{
	g_autoptr(GBytes) bytes = file_read(path, walk->mail_bytes, error);
	if (!bytes)
		return WALK_FAILED;
	if (is_mbox(bytes))
		return walk_mbox_file(walk, path, at, error);
	return walk->each(bytes, path, at, walk->data) ? WALK_ON : WALK_STOP;
}

/* Below the path that was named, trouble with one file does not end the walk. */
static enum walked
walk_entry(struct files_walk *walk, const char *path, guint depth)
{
	g_autoptr(GError) error = NULL;
	enum walked walked = walk_path(walk, path, depth, &error);

	if (walked != WALK_FAILED)
		return walked;
	walk->unreadable++;
	log_event(LOG_WARNING, "cannot read", "error", error->message, NULL);
	return WALK_ON;
}

static enum walked
walk_folder(struct files_walk *walk, const char *path, guint depth, GError **error)
{
	if (depth >= FOLDER_DEPTH_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "%s: folders are nested deeper than max_folder_depth (%d)", path,
			    FOLDER_DEPTH_MAX);
		return WALK_FAILED;
	}
	g_autoptr(GPtrArray) names = file_list(path, error);
	if (!names)
		return WALK_FAILED;
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *entry =
			g_build_filename(path, (const char *)g_ptr_array_index(names, i), NULL);
		if (walk_entry(walk, entry, depth + 1) == WALK_STOP)
			return WALK_STOP;
	}
	return WALK_ON;
}

/* A Maildir's tmp/ holds half-written mail. */
static enum walked
walk_maildir(struct files_walk *walk, const char *new_dir, const char *cur_dir, guint depth,
	     GError **error)
{
	enum walked walked = walk_folder(walk, new_dir, depth + 1, error);

	return walked == WALK_ON ? walk_folder(walk, cur_dir, depth + 1, error) : walked;
}

static enum walked
walk_path(struct files_walk *walk, const char *path, guint depth, GError **error)
{
	GStatBuf st = { 0 };

	/* What cannot be looked at cannot be opened either, which gives the better error. */
	if (g_stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return walk_file(walk, path, st.st_mtime, error);
	g_autofree char *new_dir = g_build_filename(path, "new", NULL);
	g_autofree char *cur_dir = g_build_filename(path, "cur", NULL);
	if (g_file_test(new_dir, G_FILE_TEST_IS_DIR) && g_file_test(cur_dir, G_FILE_TEST_IS_DIR))
		return walk_maildir(walk, new_dir, cur_dir, depth, error);
	return walk_folder(walk, path, depth, error);
}

static enum walked
walk_stdin(struct files_walk *walk, GError **error)
{
	static const char name[] = "standard input";
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GBytes) bytes = file_read_fd(STDIN_FILENO, name, G_MAXINT32, error);
	if (!bytes)
		return WALK_FAILED;
	if (!is_mbox(bytes))
		return walk->each(bytes, name, now, walk->data) ? WALK_ON : WALK_STOP;
	g_autoptr(mbox_auto) mbox = mbox_new(walk->mail_bytes);
	struct mbox_walk m = { walk, mbox, name, now, 0 };
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	mbox_add(mbox, data, len, TRUE);
	return walk_mails(&m);
}

gboolean
files_walk(struct files_walk *walk, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	enum walked walked = g_str_equal(path, "-") ? walk_stdin(walk, &cause)
						    : walk_path(walk, path, 0, &cause);

	if (walked != WALK_FAILED)
		return TRUE;
	/* A file that is gone comes again in a mailbox, not on a command line. */
	if (cause->code == DMARCD_ERROR_AGAIN)
		cause->code = DMARCD_ERROR_DENIED;
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}
