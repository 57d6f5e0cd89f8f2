/* SPDX-License-Identifier: MIT */
/*
 * A watched Maildir: inotify tells of new mail, a rescan of new/ and cur/ now and then finds what
 * inotify missed. What was handled is remembered by its unique name (the file name up to ":", in a
 * folder with the folder's name before it), in memory and in the store, so flags and renames by
 * other readers do not matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "ingest/file.h"
#include "ingest/intake.h"
#include "ingest/maildir_folder.h"

#define RESCAN_S 60
/* A folder that was just made gets its new/ and cur/ a moment later. */
#define NEW_FOLDER_S 2
/* A file that was made in place, not moved in, is read once it has been left alone for so long. */
#define SETTLED_S      2
#define WATCHED_EVENTS (IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM)

struct maildir {
	const struct intake_config *config;
	const struct intake_context *context;
	GPtrArray *folders; /* struct maildir_folder * */
	char *done_dir;     /* where handled mail goes, NULL = cur/ of its folder */
	int inotify_fd;
	GHashTable *watched;   /* inotify's number -> the directory, NULL = the Maildir itself */
	gint64 rescan_at;      /* monotonic */
	int wake_fd;           /* an outcome is waiting */
	GAsyncQueue *outcomes; /* struct mail *, with outcome filled in */
	GHashTable *known;     /* unique names that are handled or in flight */
	GHashTable *unsettled; /* paths of files that may still be written to */
	guint in_flight;
};

/* One mail on its way through the house. */
struct mail {
	struct maildir *maildir;
	char *path;
	char *cur; /* of its folder, which may go meanwhile */
	char *unique_name;
	enum outcome outcome;
};

static gboolean
is_stopping(const struct maildir *maildir)
{
	return g_cancellable_is_cancelled(maildir->context->cancel);
}

static void
warn(const struct maildir *maildir, const char *event, const GError *error)
{
	log_event(LOG_WARNING, event, "intake", maildir->config->name, "error", error->message,
		  NULL);
}

/* The folders cannot be seen, not all of them at least. Gives FALSE. */
static gboolean
lose_sight(const struct maildir *maildir, const char *event, const GError *error)
{
	warn(maildir, event, error);
	metrics_intake_lost(maildir->config->name, error->message);
	return FALSE;
}

static void
mail_free(struct mail *mail)
{
	g_free(mail->path);
	g_free(mail->cur);
	g_free(mail->unique_name);
	g_free(mail);
}

/* Runs in the writer's thread: only leave the outcome and wake the intake. */
static void
on_done(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct mail *mail = cookie;
	struct maildir *maildir = mail->maildir;

	(void)reason;
	mail->outcome = outcome;
	g_async_queue_push(maildir->outcomes, mail);
	eventfd_write(maildir->wake_fd, 1);
}

static gboolean
set_errno_error(GError **error, const char *what, const char *path)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "%s %s: %s", what, path,
		    g_strerror(errno));
	return FALSE;
}

/* Another Maildir is named by its top, any other folder is used as it is. */
static gboolean
open_done_dir(struct maildir *maildir, GError **error)
{
	const char *move_to = maildir->config->move_to;

	if (!*move_to)
		return TRUE;
	maildir->done_dir = g_build_filename(move_to, "cur", NULL);
	if (!g_file_test(maildir->done_dir, G_FILE_TEST_IS_DIR)) {
		g_free(maildir->done_dir);
		maildir->done_dir = g_strdup(move_to);
	}
	if (g_access(maildir->done_dir, W_OK | X_OK) != 0)
		return set_errno_error(error, "cannot move mail to", maildir->done_dir);
	return TRUE;
}

static gboolean
watch(struct maildir *maildir, char *dir, guint32 events, int *ret_watch, GError **error)
{
	const char *path = dir ? dir : maildir->config->path;

	*ret_watch = inotify_add_watch(maildir->inotify_fd, path, events);
	if (*ret_watch < 0)
		return set_errno_error(error, "cannot watch", path);
	g_hash_table_insert(maildir->watched, GINT_TO_POINTER(*ret_watch), dir);
	return TRUE;
}

/* Those that were not watched before. */
static gboolean
watch_folders(struct maildir *maildir, GError **error)
{
	for (guint i = 0; i < maildir->folders->len; i++) {
		struct maildir_folder *folder = g_ptr_array_index(maildir->folders, i);
		for (int n = 0; n < N_MAILDIR_DIRS; n++)
			if (folder->watches[n] == 0 &&
			    !watch(maildir, folder->dirs[n], WATCHED_EVENTS, &folder->watches[n],
				   error))
				return FALSE;
	}
	return TRUE;
}

static gboolean
open_watch(struct maildir *maildir, GError **error)
{
	int top;

	maildir->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	maildir->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (maildir->inotify_fd < 0)
		return set_errno_error(error, "cannot watch", maildir->config->path);
	return watch(maildir, NULL, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR, &top, error) &&
	       watch_folders(maildir, error);
}

static void
maildir_close(gpointer intake)
{
	struct maildir *maildir = intake;

	if (maildir->inotify_fd >= 0)
		close(maildir->inotify_fd);
	if (maildir->wake_fd >= 0)
		close(maildir->wake_fd);
	g_hash_table_unref(maildir->watched);
	g_ptr_array_unref(maildir->folders);
	g_free(maildir->done_dir);
	g_async_queue_unref(maildir->outcomes);
	g_hash_table_unref(maildir->known);
	g_hash_table_unref(maildir->unsettled);
	g_free(maildir);
}

static gpointer
maildir_open(const struct intake_config *config, GError **error)
{
	struct maildir *maildir = g_new0(struct maildir, 1);

	maildir->config = config;
	maildir->inotify_fd = maildir->wake_fd = -1;
	maildir->folders = g_ptr_array_new_with_free_func((GDestroyNotify)maildir_folder_free);
	maildir->watched = g_hash_table_new(NULL, NULL);
	maildir->outcomes = g_async_queue_new();
	maildir->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	maildir->unsettled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!maildir_find_folders(config, maildir->folders, error) ||
	    !open_done_dir(maildir, error) || !open_watch(maildir, error)) {
		maildir_close(maildir);
		return NULL;
	}
	return maildir;
}

static void
move_handled(const struct maildir *maildir, const struct mail *mail)
{
	const char *dir = maildir->done_dir ? maildir->done_dir : mail->cur;
	g_autoptr(GError) error = NULL;

	/* Gone: another reader moved it, which is as good. */
	if (!maildir_move_seen(mail->path, dir, &error) &&
	    !g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN))
		warn(maildir, "cannot move handled mail", error);
}

static void
settle(struct maildir *maildir, struct mail *mail)
{
	if (mail->outcome == OUTCOME_RETRY)
		g_hash_table_remove(maildir->known, mail->unique_name);
	else if (mail->outcome != OUTCOME_IGNORED)
		move_handled(maildir, mail);
	mail_free(mail);
}

static void
settle_waiting(struct maildir *maildir)
{
	struct mail *mail;
	eventfd_t count;

	eventfd_read(maildir->wake_fd, &count);
	while ((mail = g_async_queue_try_pop(maildir->outcomes))) {
		maildir->in_flight--;
		settle(maildir, mail);
	}
}

static struct message *
read_mail(struct maildir *maildir, struct mail *mail)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = file_read(mail->path, maildir->context->mail_bytes, &error);

	if (!bytes) {
		/* Moved since the folder was listed, or not ours to read: the next scan tells. */
		if (!g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN))
			warn(maildir, "cannot read mail", error);
		return NULL;
	}
	g_autofree char *locator = g_strdup_printf("maildir:%s", mail->path);
	struct message *message = message_new(bytes, maildir->config->name, locator, on_done, mail);
	message->received_at = file_modified_at(mail->path);
	message->unique_name = g_strdup(mail->unique_name);
	return message;
}

/* A mail that was handled before a crash only has to be moved. */
static gboolean
is_handled(struct maildir *maildir, struct mail *mail)
{
	if (!store_was_handled(maildir->context->store, maildir->config->name, mail->unique_name,
			       &mail->outcome))
		return FALSE;
	settle(maildir, mail);
	return TRUE;
}

/*
 * Delivery moves or links a whole file in. Who copies one in place is waited for: until it is
 * closed, or has not changed for a while (a link says no more than that it was made).
 */
static gboolean
is_being_written(struct maildir *maildir, const char *path)
{
	if (!g_hash_table_contains(maildir->unsettled, path))
		return FALSE;
	if (g_get_real_time() / G_USEC_PER_SEC - file_modified_at(path) < SETTLED_S)
		return TRUE;
	g_hash_table_remove(maildir->unsettled, path);
	return FALSE;
}

static char *
unique_name_of(const struct maildir_folder *folder, const char *file_name)
{
	int len = (int)strcspn(file_name, ":");

	if (g_str_equal(folder->name, MAILDIR_INBOX))
		return g_strndup(file_name, (gsize)len);
	return g_strdup_printf("%s/%.*s", folder->name, len, file_name);
}

static void
take(struct maildir *maildir, const struct maildir_folder *folder, int dir, const char *name)
{
	g_autofree char *path = g_build_filename(folder->dirs[dir], name, NULL);
	g_autofree char *unique_name = unique_name_of(folder, name);

	if (g_hash_table_contains(maildir->known, unique_name) || is_being_written(maildir, path))
		return;
	struct mail *mail = g_new0(struct mail, 1);
	mail->maildir = maildir;
	mail->path = g_steal_pointer(&path);
	mail->cur = g_strdup(folder->dirs[MAILDIR_CUR]);
	mail->unique_name = g_steal_pointer(&unique_name);
	g_hash_table_add(maildir->known, g_strdup(mail->unique_name));
	if (is_handled(maildir, mail))
		return;
	struct message *message = read_mail(maildir, mail);
	if (!message) {
		g_hash_table_remove(maildir->known, mail->unique_name);
		mail_free(mail);
		return;
	}
	maildir->in_flight++;
	pipeline_push(maildir->context->pipeline, message);
}

static void
rescan_in(struct maildir *maildir, gint64 seconds)
{
	gint64 at = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

	maildir->rescan_at = MIN(maildir->rescan_at, at);
}

static void
note_event(struct maildir *maildir, const struct inotify_event *event)
{
	gpointer dir;

	if (event->len == 0 ||
	    !g_hash_table_lookup_extended(maildir->watched, GINT_TO_POINTER(event->wd), NULL, &dir))
		return;
	if (!dir) {
		rescan_in(maildir, NEW_FOLDER_S);
		return;
	}
	rescan_in(maildir, 0);
	g_autofree char *path = g_build_filename(dir, event->name, NULL);
	if (event->mask & IN_CREATE)
		g_hash_table_add(maildir->unsettled, g_steal_pointer(&path));
	else
		g_hash_table_remove(maildir->unsettled, path);
}

static void
read_events(struct maildir *maildir)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t len;

	while ((len = read(maildir->inotify_fd, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < len;) {
			const struct inotify_event *event = (gpointer)(events + at);
			/* More than the kernel keeps: what they told of is looked for. */
			if (event->mask & IN_Q_OVERFLOW)
				rescan_in(maildir, 0);
			note_event(maildir, event);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
}

static gboolean
scan_folder(struct maildir *maildir, const struct maildir_folder *folder)
{
	gboolean is_good = TRUE;

	for (int dir = 0; dir < N_MAILDIR_DIRS; dir++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) names = file_list(folder->dirs[dir], &error);
		/* What is listed and still written to is known only from the events up to now. */
		read_events(maildir);
		if (!names)
			is_good = lose_sight(maildir, "cannot list a folder", error);
		for (guint i = 0; names && i < names->len && !is_stopping(maildir); i++) {
			take(maildir, folder, dir, g_ptr_array_index(names, i));
			settle_waiting(maildir);
		}
	}
	return is_good;
}

/* One that is made anew later is a new one. */
static void
forget_lost_folders(struct maildir *maildir)
{
	for (guint i = maildir->folders->len; i > 0; i--) {
		const struct maildir_folder *folder = g_ptr_array_index(maildir->folders, i - 1);
		if (maildir_folder_is_there(folder))
			continue;
		for (int dir = 0; dir < N_MAILDIR_DIRS; dir++) {
			inotify_rm_watch(maildir->inotify_fd, folder->watches[dir]);
			g_hash_table_remove(maildir->watched,
					    GINT_TO_POINTER(folder->watches[dir]));
		}
		g_ptr_array_remove_index(maildir->folders, i - 1);
	}
}

static void
scan(struct maildir *maildir)
{
	g_autoptr(GError) error = NULL;
	gboolean is_good = TRUE;

	forget_lost_folders(maildir);
	if (!maildir_find_folders(maildir->config, maildir->folders, &error))
		is_good = lose_sight(maildir, "cannot find a folder", error);
	g_clear_error(&error);
	if (!watch_folders(maildir, &error))
		is_good = lose_sight(maildir, "cannot watch a folder", error);
	for (guint i = 0; i < maildir->folders->len; i++)
		is_good &= scan_folder(maildir, g_ptr_array_index(maildir->folders, i));
	if (is_good)
		metrics_intake_contact(maildir->config->name);
}

static void
wait_for_news(struct maildir *maildir, int cancel_fd, gint64 timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = maildir->inotify_fd, .events = POLLIN },
		{ .fd = maildir->wake_fd, .events = POLLIN },
		{ .fd = cancel_fd, .events = POLLIN },
	};

	poll(fds, G_N_ELEMENTS(fds), (int)timeout_ms);
	read_events(maildir);
	settle_waiting(maildir);
}

static gint64
ms_to_rescan(struct maildir *maildir)
{
	/* What was not settled is looked at again soon, without any news. */
	if (g_hash_table_size(maildir->unsettled) > 0)
		rescan_in(maildir, SETTLED_S);
	return MAX(maildir->rescan_at - g_get_monotonic_time(), 0) / 1000 + 1;
}

static gboolean
maildir_run(gpointer intake, const struct intake_context *context, GError **error)
{
	struct maildir *maildir = intake;
	int cancel_fd = g_cancellable_get_fd(context->cancel);

	(void)error;
	maildir->context = context;
	while (!is_stopping(maildir)) {
		if (g_get_monotonic_time() >= maildir->rescan_at) {
			maildir->rescan_at = G_MAXINT64;
			rescan_in(maildir, RESCAN_S);
			scan(maildir);
		}
		wait_for_news(maildir, cancel_fd, ms_to_rescan(maildir));
	}
	/* Every mail that was pushed is answered, at the latest when the store gives up. */
	while (maildir->in_flight > 0)
		wait_for_news(maildir, -1, 200);
	g_cancellable_release_fd(context->cancel);
	return TRUE;
}

static const char *
where(gpointer data)
{
	const struct maildir *maildir = data;

	return maildir->config->path;
}

const struct intake_type intake_maildir = {
	.name = "maildir",
	.is_mailbox = TRUE,
	.open = maildir_open,
	.run = maildir_run,
	.close = maildir_close,
	.examine = maildir_examine,
	.where = where,
};
