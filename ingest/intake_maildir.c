/* SPDX-License-Identifier: MIT */
/*
 * A watched Maildir: inotify tells of new mail, a rescan of new/ and cur/ now and then finds what
 * inotify missed. What was handled is remembered by its unique name (the file name up to ":"),
 * in memory and in the store, so flags and renames by other readers do not matter.
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
#include "ingest/file.h"
#include "ingest/intake.h"

#define RESCAN_S 60
/* A file that was made in place, not moved in, is read once it has been left alone for so long. */
#define SETTLED_S 2
/* After the stop was asked for: how long to wait for mails that are on their way. */
#define DRAIN_S        20
#define WATCHED_EVENTS (IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM)

struct maildir {
	const struct intake_config *config;
	const struct intake_context *context;
	char *dirs[2];  /* new, cur */
	char *done_dir; /* where handled mail goes */
	int inotify_fd;
	int wake_fd;           /* an outcome is waiting */
	GAsyncQueue *outcomes; /* struct mail *, with outcome filled in */
	GHashTable *known;     /* unique names that are handled or in flight */
	GHashTable *unsettled; /* file names that may still be written to */
	guint in_flight;
};

/* One mail on its way through the house. */
struct mail {
	struct maildir *maildir;
	char *path;
	char *unique_name;
	enum outcome outcome;
};

static void
mail_free(struct mail *mail)
{
	g_free(mail->path);
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

static gboolean
open_dirs(struct maildir *maildir, GError **error)
{
	static const char *const names[] = { "new", "cur" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		char *dir = g_build_filename(maildir->config->path, names[i], NULL);
		maildir->dirs[i] = dir;
		if (g_access(dir, R_OK | W_OK | X_OK) != 0 && errno != ENOENT)
			return set_errno_error(error, "cannot read and write", dir);
		if (!g_file_test(dir, G_FILE_TEST_IS_DIR)) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "%s is no Maildir: it has no directory %s/; "
				    "create it with its owner's rights, or mend the path",
				    maildir->config->path, names[i]);
			return FALSE;
		}
	}
	return TRUE;
}

/* Another Maildir is named by its top, any other folder is used as it is. */
static gboolean
open_done_dir(struct maildir *maildir, GError **error)
{
	const char *move_to = maildir->config->move_to;

	if (!*move_to) {
		maildir->done_dir = g_strdup(maildir->dirs[1]);
		return TRUE;
	}
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
open_watch(struct maildir *maildir, GError **error)
{
	maildir->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	maildir->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (maildir->inotify_fd < 0)
		return set_errno_error(error, "cannot watch", maildir->config->path);
	for (gsize i = 0; i < G_N_ELEMENTS(maildir->dirs); i++)
		if (inotify_add_watch(maildir->inotify_fd, maildir->dirs[i], WATCHED_EVENTS) < 0)
			return set_errno_error(error, "cannot watch", maildir->dirs[i]);
	return TRUE;
}

static void
maildir_close(gpointer intake)
{
	struct maildir *maildir = intake;

	if (maildir->inotify_fd >= 0)
		close(maildir->inotify_fd);
	if (maildir->wake_fd >= 0)
		close(maildir->wake_fd);
	g_free(maildir->dirs[0]);
	g_free(maildir->dirs[1]);
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
	maildir->outcomes = g_async_queue_new();
	maildir->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	maildir->unsettled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!open_dirs(maildir, error) || !open_done_dir(maildir, error) ||
	    !open_watch(maildir, error)) {
		maildir_close(maildir);
		return NULL;
	}
	return maildir;
}

/* The name under which a handled mail is kept: its unique name with flag S (seen) added. */
static char *
done_path(const struct maildir *maildir, const struct mail *mail)
{
	g_autofree char *name = g_path_get_basename(mail->path);
	const char *info = strstr(name, ":2,");
	const char *flags = info ? info + strlen(":2,") : "";
	/* Flags stand in ASCII order. */
	gsize before = strspn(flags, "DFPR");
	gboolean has_seen = strchr(flags, 'S') != NULL;

	return g_strdup_printf("%s/%s:2,%.*s%s%s", maildir->done_dir, mail->unique_name,
			       (int)before, flags, has_seen ? "" : "S", flags + before);
}

static void
move_handled(const struct maildir *maildir, const struct mail *mail)
{
	g_autofree char *target = done_path(maildir, mail);

	if (g_str_equal(target, mail->path) || g_rename(mail->path, target) == 0)
		return;
	/* Gone: another reader moved it, which is as good. */
	if (errno != ENOENT)
		log_event(LOG_WARNING, "cannot move handled mail", "intake", maildir->config->name,
			  "path", mail->path, "to", target, "error", g_strerror(errno), NULL);
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
			log_event(LOG_WARNING, "cannot read mail", "intake", maildir->config->name,
				  "error", error->message, NULL);
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
is_being_written(struct maildir *maildir, const char *dir, const char *name)
{
	g_autofree char *path = NULL;

	if (!g_hash_table_contains(maildir->unsettled, name))
		return FALSE;
	path = g_build_filename(dir, name, NULL);
	if (g_get_real_time() / G_USEC_PER_SEC - file_modified_at(path) < SETTLED_S)
		return TRUE;
	g_hash_table_remove(maildir->unsettled, name);
	return FALSE;
}

static void
take(struct maildir *maildir, const char *dir, const char *name)
{
	g_autofree char *unique_name = g_strndup(name, strcspn(name, ":"));

	if (g_hash_table_contains(maildir->known, unique_name) ||
	    is_being_written(maildir, dir, name))
		return;
	struct mail *mail = g_new0(struct mail, 1);
	mail->maildir = maildir;
	mail->path = g_build_filename(dir, name, NULL);
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
scan(struct maildir *maildir)
{
	GCancellable *cancel = maildir->context->cancel;

	for (gsize i = 0; i < G_N_ELEMENTS(maildir->dirs); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) names = file_list(maildir->dirs[i], &error);
		if (!names) {
			log_event(LOG_ERROR, "cannot list Maildir", "intake", maildir->config->name,
				  "error", error->message, NULL);
			continue;
		}
		for (guint n = 0; n < names->len && !g_cancellable_is_cancelled(cancel); n++) {
			take(maildir, maildir->dirs[i], g_ptr_array_index(names, n));
			settle_waiting(maildir);
		}
	}
}

static void
note_event(struct maildir *maildir, const struct inotify_event *event)
{
	if (event->len == 0)
		return;
	if (event->mask & IN_CREATE)
		g_hash_table_add(maildir->unsettled, g_strdup(event->name));
	else
		g_hash_table_remove(maildir->unsettled, event->name);
}

/* TRUE where inotify told of a change. */
static gboolean
read_events(struct maildir *maildir)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	gboolean has_news = FALSE;
	ssize_t len;

	while ((len = read(maildir->inotify_fd, events, sizeof(events))) > 0) {
		has_news = TRUE;
		for (ssize_t at = 0; at < len;) {
			const struct inotify_event *event = (gpointer)(events + at);
			note_event(maildir, event);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return has_news;
}

/* TRUE where the folders are to be looked through. */
static gboolean
wait_for_news(struct maildir *maildir, int cancel_fd, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = maildir->inotify_fd, .events = POLLIN },
		{ .fd = maildir->wake_fd, .events = POLLIN },
		{ .fd = cancel_fd, .events = POLLIN },
	};
	gboolean has_news = FALSE;

	/* What was not settled is looked at again soon, without any news. */
	if (g_hash_table_size(maildir->unsettled) > 0 && timeout_ms > SETTLED_S * 1000) {
		timeout_ms = SETTLED_S * 1000;
		has_news = TRUE;
	}
	poll(fds, G_N_ELEMENTS(fds), timeout_ms);
	has_news |= read_events(maildir);
	settle_waiting(maildir);
	return has_news;
}

static gboolean
maildir_run(gpointer intake, const struct intake_context *context, GError **error)
{
	struct maildir *maildir = intake;
	int cancel_fd = g_cancellable_get_fd(context->cancel);
	gint64 rescan_at = 0;

	(void)error;
	maildir->context = context;
	while (!g_cancellable_is_cancelled(context->cancel)) {
		if (g_get_monotonic_time() >= rescan_at) {
			scan(maildir);
			rescan_at = g_get_monotonic_time() + RESCAN_S * G_USEC_PER_SEC;
		}
		if (wait_for_news(maildir, cancel_fd, RESCAN_S * 1000))
			rescan_at = 0;
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
	.where = where,
};
