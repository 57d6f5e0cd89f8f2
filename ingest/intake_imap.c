/* SPDX-License-Identifier: MIT */
/*
 * One or several mailboxes of an IMAP server. What was handled is remembered in the store under
 * "MAILBOX/UIDVALIDITY:UID", never by \Seen, so that a mailbox that people read too is no trouble.
 *
 * One mailbox is open at a time; it is left when every mail of it that was pushed has an outcome.
 * A mail that is not settled (moved, flagged) when the connection is lost is found again by the
 * next look through the mailbox, and the store then says what became of it.
 */
#include <poll.h>

#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "ingest/back_off.h"
#include "ingest/imap_folder.h"
#include "ingest/imap_link.h"
#include "ingest/intake.h"

/* How many mails may be without an outcome, and how many are looked at ahead. */
#define WINDOW      32
#define SCAN_WINDOW 500
/* RFC 2177: less than 29 minutes; less than what routers forget connections after. */
#define IDLE_S (9 * 60)
/* A connection on which nothing is said is used this often while outcomes are waited for. */
#define NOOP_S 60
/* When mails that made trouble are tried again. */
#define TROUBLE_S 60

struct imap_intake {
	const struct intake_config *config;
	const struct intake_context *context;
	struct imap_policy policy;
	struct imap_link *link;
	GAsyncQueue *outcomes; /* struct on_its_way *, with outcome filled in */
	guint in_flight;
	GPtrArray *folders;       /* struct imap_folder *, kept over connections */
	struct imap_folder *open; /* NULL: none */
	GArray *mails;            /* looked at, and not taken yet: struct imap_mail */
	guint next_mail;
	struct back_off back_off;
};

/* One mail on its way through the house. */
struct on_its_way {
	struct imap_intake *intake;
	struct imap_folder *folder;
	struct imap_mail mail;
	guint32 uidvalidity;
	enum outcome outcome;
};

static gboolean
is_stopping(const struct imap_intake *intake)
{
	return g_cancellable_is_cancelled(intake->context->cancel);
}

static void
warn(const struct imap_intake *intake, const char *event, const char *locator, const GError *error)
{
	log_event(LOG_WARNING, event, "intake", intake->config->name, "mail", locator, "error",
		  error->message, NULL);
}

/* Runs in the writer's thread: only leave the outcome and wake the intake. */
static void
on_done(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct on_its_way *way = cookie;
	struct imap_link *link = way->intake->link;

	(void)reason;
	way->outcome = outcome;
	g_async_queue_push(way->intake->outcomes, way);
	imap_link_wake(link);
}

/* --- Outcomes --- */

static gboolean
is_open(const struct imap_intake *intake, const struct imap_folder *folder, guint32 uidvalidity)
{
	return imap_link_session(intake->link) && intake->open && intake->open == folder &&
	       intake->open->uidvalidity == uidvalidity;
}

/* FALSE: the connection is lost. What the server refuses is tried again later. */
static gboolean
settle(struct imap_intake *intake, const struct imap_mail *mail, enum outcome outcome,
       GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct imap_folder *folder = intake->open;
	gboolean is_marked = FALSE;

	if (outcome == OUTCOME_RETRY) {
		imap_folder_note_trouble(folder, mail->uid);
		return TRUE;
	}
	if (imap_policy_apply(&intake->policy, imap_link_session(intake->link), mail, outcome,
			      &is_marked, &reason)) {
		if (is_marked)
			log_event(LOG_WARNING,
				  "mail is only marked as deleted: the server has no UIDPLUS",
				  "intake", intake->config->name, NULL);
		return TRUE;
	}
	imap_folder_note_trouble(folder, mail->uid);
	if (!g_error_matches(reason, DMARCD_ERROR, DMARCD_ERROR_DENIED)) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	g_autofree char *locator = imap_folder_locator(folder, intake->config->name, mail->uid);
	warn(intake, "cannot settle handled mail", locator, reason);
	return TRUE;
}

static gboolean
take_outcome(struct imap_intake *intake, struct on_its_way *way, GError **error)
{
	gboolean is_good = TRUE;

	intake->in_flight--;
	imap_folder_leave(way->folder, way->uidvalidity, way->mail.uid);
	if (is_open(intake, way->folder, way->uidvalidity))
		is_good = settle(intake, &way->mail, way->outcome, error);
	else if (way->folder->uidvalidity == way->uidvalidity)
		imap_folder_note_trouble(way->folder, way->mail.uid);
	g_free(way);
	return is_good;
}

/*
 * Ask for news first: with two readers on one mailbox the other one may have moved a mail already,
 * and some servers would then copy it once more.
 */
static gboolean
take_outcomes(struct imap_intake *intake, GError **error)
{
	struct imap_session *session = imap_link_session(intake->link);
	struct on_its_way *way;

	if (session && !imap_policy_is_reading(&intake->policy) &&
	    g_async_queue_length(intake->outcomes) > 0 && !imap_session_keep_alive(session, error))
		return FALSE;
	while ((way = g_async_queue_try_pop(intake->outcomes)))
		if (!take_outcome(intake, way, error))
			return FALSE;
	return TRUE;
}

/* Wait for one, and keep the connection alive meanwhile. */
static gboolean
wait_for_outcome(struct imap_intake *intake, GError **error)
{
	gpointer way = g_async_queue_timeout_pop(intake->outcomes, NOOP_S * G_USEC_PER_SEC);

	if (!way)
		return imap_session_keep_alive(imap_link_session(intake->link), error);
	g_async_queue_push_front(intake->outcomes, way);
	return take_outcomes(intake, error);
}

/* --- Mails --- */

static void
push(struct imap_intake *intake, const struct imap_mail *mail, GBytes *bytes)
{
	struct imap_folder *folder = intake->open;
	struct on_its_way *way = g_new0(struct on_its_way, 1);
	g_autofree char *locator = imap_folder_locator(folder, intake->config->name, mail->uid);

	way->intake = intake;
	way->folder = folder;
	way->mail = *mail;
	way->uidvalidity = folder->uidvalidity;
	struct message *message = message_new(bytes, intake->config->name, locator, on_done, way);
	if (mail->arrived_at > 0)
		message->received_at = mail->arrived_at;
	message->unique_name = imap_folder_unique_name(folder, mail->uid);
	imap_folder_enter(folder, mail->uid);
	intake->in_flight++;
	pipeline_push(intake->context->pipeline, message);
}

static gboolean
fetch(struct imap_intake *intake, const struct imap_mail *mail, GError **error)
{
	struct imap_folder *folder = intake->open;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) reason = NULL;

	if (imap_session_fetch(imap_link_session(intake->link), mail, &bytes, &reason)) {
		back_off_reset(&intake->back_off);
		if (bytes)
			push(intake, mail, bytes);
		return TRUE;
	}
	imap_folder_note_trouble(folder, mail->uid);
	g_autofree char *locator = imap_folder_locator(folder, intake->config->name, mail->uid);
	if (g_error_matches(reason, DMARCD_ERROR, DMARCD_ERROR_DENIED)) {
		warn(intake, "cannot fetch mail", locator, reason);
		return TRUE;
	}
	/* A mail that ends the connection each time must not keep the others from being read. */
	if (imap_folder_note_loss(folder, mail->uid) > 0)
		warn(intake, "mail is left out for a while: the connection is lost at it each time",
		     locator, reason);
	g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

/* What was handled before only has to be settled. */
static gboolean
take(struct imap_intake *intake, const struct imap_mail *mail, GError **error)
{
	struct imap_folder *folder = intake->open;
	g_autofree char *unique_name = imap_folder_unique_name(folder, mail->uid);
	enum outcome outcome;

	if (!imap_folder_wants(folder, mail->uid))
		return TRUE;
	if (store_was_handled(intake->context->store, intake->config->name, unique_name, &outcome))
		return settle(intake, mail, outcome, error);
	return fetch(intake, mail, error);
}

static gboolean
scan(struct imap_intake *intake, GError **error)
{
	g_array_set_size(intake->mails, 0);
	intake->next_mail = 0;
	return imap_session_scan(imap_link_session(intake->link), SCAN_WINDOW, intake->mails,
				 error);
}

/* All mails of the open mailbox that are not handled; comes back when none is left to be taken. */
static gboolean
work(struct imap_intake *intake, GError **error)
{
	struct imap_session *session = imap_link_session(intake->link);

	while (!is_stopping(intake)) {
		gboolean is_good;
		if (!take_outcomes(intake, error))
			return FALSE;
		if (intake->in_flight >= WINDOW) {
			is_good = wait_for_outcome(intake, error);
		} else if (intake->next_mail < intake->mails->len) {
			const struct imap_mail mail =
				g_array_index(intake->mails, struct imap_mail, intake->next_mail++);
			is_good = take(intake, &mail, error);
		} else if (imap_session_has_more(session)) {
			is_good = scan(intake, error);
		} else {
			imap_folder_note_end(intake->open);
			metrics_intake_contact(intake->config->name);
			return TRUE;
		}
		if (!is_good)
			return FALSE;
	}
	return TRUE;
}

/* Until every mail that was pushed has its outcome. */
static gboolean
finish(struct imap_intake *intake, GError **error)
{
	while (intake->in_flight > 0)
		if (!wait_for_outcome(intake, error))
			return FALSE;
	if (!is_stopping(intake))
		imap_folder_note_end(intake->open);
	return TRUE;
}

/* --- Mailboxes --- */

static gboolean
open_folder(struct imap_intake *intake, struct imap_folder *folder, GError **error)
{
	struct imap_session *session = imap_link_session(intake->link);
	guint32 uidvalidity;

	intake->open = NULL;
	g_array_set_size(intake->mails, 0);
	intake->next_mail = 0;
	if (!imap_session_select(session, folder->name, imap_policy_is_reading(&intake->policy),
				 &uidvalidity, error))
		return FALSE;
	if (imap_folder_open(folder, uidvalidity))
		log_event(LOG_WARNING, "mailbox was made anew (UIDVALIDITY): all of it is read",
			  "intake", intake->config->name, "mailbox", folder->shown, NULL);
	intake->open = folder;
	metrics_intake_contact(intake->config->name);
	return imap_session_seek(session, folder->low_uid, error);
}

/* Everything from the last mail on that was settled. */
static gboolean
look_again(struct imap_intake *intake, GError **error)
{
	imap_folder_open(intake->open, intake->open->uidvalidity);
	return imap_session_seek(imap_link_session(intake->link), intake->open->low_uid, error);
}

static gint64
seconds_now(void)
{
	return g_get_monotonic_time() / G_USEC_PER_SEC;
}

/* Stay in the open mailbox until a time comes; 0 = for good. */
static gboolean
watch(struct imap_intake *intake, gint64 until, GError **error)
{
	gint64 again_at = seconds_now() + TROUBLE_S;

	while (!is_stopping(intake)) {
		gint64 now = seconds_now();
		gint64 idle_s = IDLE_S;
		if (!work(intake, error))
			return FALSE;
		if (until > 0 && now >= until)
			return TRUE;
		if (intake->open->trouble_uid > 0 && now >= again_at) {
			if (!look_again(intake, error))
				return FALSE;
			again_at = now + TROUBLE_S;
			continue;
		}
		if (intake->open->trouble_uid > 0)
			idle_s = MAX(again_at - now, 1);
		if (until > 0)
			idle_s = MIN(idle_s, until - now);
		gint64 poll_s = MIN(idle_s, MAX(intake->config->poll_seconds, 1));
		back_off_reset(&intake->back_off);
		if (!is_stopping(intake) && !imap_session_wait(imap_link_session(intake->link),
							       idle_s * 1000, poll_s * 1000, error))
			return FALSE;
	}
	return TRUE;
}

/* What comes meanwhile is settled after the next look through the mailbox. */
static void
pause_for(struct imap_intake *intake, gint64 ms)
{
	struct pollfd fd = { .fd = g_cancellable_get_fd(intake->context->cancel),
			     .events = POLLIN };

	poll(&fd, 1, (int)ms);
	g_cancellable_release_fd(intake->context->cancel);
	take_outcomes(intake, NULL);
}

/* until as of watch(), -1 = do not stay. */
static gboolean
visit(struct imap_intake *intake, struct imap_folder *folder, gint64 until, GError **error)
{
	return open_folder(intake, folder, error) && work(intake, error) &&
	       (until < 0 || watch(intake, until, error)) && finish(intake, error);
}

/* Every mailbox in turn; the first one last, to stay there. One that is refused stops no other. */
static gboolean
visit_all(struct imap_intake *intake, GError **error)
{
	guint n = intake->folders->len;
	gint64 stay_s = MAX(intake->config->poll_seconds, 1);

	if (n == 1 && !imap_policy_has_pattern(intake->config))
		return visit(intake, g_ptr_array_index(intake->folders, 0), 0, error);
	for (guint i = 1; i <= n && !is_stopping(intake); i++) {
		g_autoptr(GError) reason = NULL;
		struct imap_folder *folder = g_ptr_array_index(intake->folders, i % n);
		gint64 until = i < n ? -1 : seconds_now() + stay_s;
		if (visit(intake, folder, until, &reason))
			continue;
		if (!g_error_matches(reason, DMARCD_ERROR, DMARCD_ERROR_DENIED)) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
		warn(intake, "mailbox is left out for now", folder->shown, reason);
		if (i == n)
			pause_for(intake, stay_s * 1000);
	}
	return TRUE;
}

static gboolean
run_connected(struct imap_intake *intake, GError **error)
{
	gboolean is_open = imap_link_open(intake->link, intake->context, error);

	if (imap_link_trouble(intake->link))
		log_event(LOG_ERROR, "refresh token is in memory only", "intake",
			  intake->config->name, "error", imap_link_trouble(intake->link), NULL);
	if (!is_open)
		return FALSE;
	log_event(LOG_INFO, "logged in", "intake", intake->config->name, "server",
		  intake->config->url, NULL);
	while (!is_stopping(intake)) {
		if (!imap_policy_find_folders(intake->config, imap_link_folder(intake->link),
					      imap_link_session(intake->link), intake->folders,
					      error) ||
		    !visit_all(intake, error))
			return FALSE;
	}
	return TRUE;
}

/* --- The thread --- */

static void
back_off(struct imap_intake *intake, const GError *error)
{
	gint64 ms;
	g_autofree char *seconds =
		g_strdup_printf("%u", back_off_next(&intake->back_off, error, &ms));

	log_event(LOG_WARNING, "mailbox cannot be read for now", "intake", intake->config->name,
		  "error", error->message, "retry_s", seconds, NULL);
	pause_for(intake, ms);
}

static gboolean
imap_run(gpointer data, const struct intake_context *context, GError **error)
{
	struct imap_intake *intake = data;

	(void)error;
	intake->context = context;
	while (!is_stopping(intake)) {
		g_autoptr(GError) reason = NULL;
		gboolean is_good = run_connected(intake, &reason);
		imap_link_close(intake->link);
		metrics_intake_lost(intake->config->name, is_good ? "" : reason->message);
		intake->open = NULL;
		if (!is_good && !is_stopping(intake))
			back_off(intake, reason);
	}
	/* Every mail that was pushed is answered, at the latest when the store gives up. */
	while (intake->in_flight > 0)
		take_outcome(intake, g_async_queue_pop(intake->outcomes), NULL);
	return TRUE;
}

static void
imap_close(gpointer data)
{
	struct imap_intake *intake = data;

	imap_link_free(intake->link);
	g_async_queue_unref(intake->outcomes);
	g_ptr_array_unref(intake->folders);
	g_array_unref(intake->mails);
	imap_policy_clear(&intake->policy);
	g_free(intake);
}

static gpointer
imap_open(const struct intake_config *config, GError **error)
{
	struct imap_intake *intake = g_new0(struct imap_intake, 1);

	intake->config = config;
	intake->outcomes = g_async_queue_new();
	intake->folders = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);
	intake->mails = g_array_new(FALSE, FALSE, sizeof(struct imap_mail));
	intake->link = imap_link_new(config, error);
	if (!intake->link || !imap_policy_init(&intake->policy, config, error)) {
		imap_close(intake);
		return NULL;
	}
	return intake;
}

static const char *
imap_where(gpointer data)
{
	const struct imap_intake *intake = data;

	return intake->config->url;
}

const struct intake_type intake_imap = {
	.name = "imap",
	.is_mailbox = TRUE,
	.open = imap_open,
	.run = imap_run,
	.close = imap_close,
	.examine = imap_examine,
	.where = imap_where,
};
