/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/error.h"
#include "ingest/imap_folder.h"
#include "ingest/imap_link.h"
#include "ingest/imap_private.h"

struct examination {
	const struct intake_config *config;
	const struct imap_policy *policy;
	struct imap_session *session;
	intake_tell_fn tell;
	gpointer data;
};

static void
tell(const struct examination *exam, const char *what, const char *text)
{
	exam->tell(exam->data, what, TRUE, text);
}

static void
tell_error(const struct examination *exam, const char *what, const GError *error)
{
	exam->tell(exam->data, what, FALSE, error->message);
}

static void
tell_login(const struct examination *exam)
{
	const struct intake_config *config = exam->config;
	gboolean is_bare = g_str_equal(config->tls, "none");
	g_autofree char *text =
		g_strdup_printf("%s is logged in at %s, %s", config->user, config->url,
				is_bare ? "without TLS" : "with TLS, certificate verified");

	tell(exam, "login", text);
}

static void
tell_capabilities(const struct examination *exam)
{
	const struct imap_session *session = exam->session;
	gboolean moves = exam->policy->after == IMAP_MOVE || exam->policy->after == IMAP_DELETE ||
			 *exam->policy->failed_to;
	g_autofree char *poll = g_strdup_printf("no: new mail is asked for every %" G_GINT64_FORMAT
						" s (poll_seconds)",
						exam->config->poll_seconds);

	tell(exam, "IDLE", session->has_idle ? "yes: new mail is read at once" : poll);
	if (!moves)
		return;
	tell(exam, "MOVE", session->has_move ? "yes" : "no: mails are copied, then removed");
	tell(exam, "UIDPLUS",
	     session->has_uidplus ? "yes" : "no: what is copied away is only marked as deleted");
}

static void
tell_folder(const struct examination *exam, const struct imap_folder *folder)
{
	g_autoptr(GError) error = NULL;
	guint32 uidvalidity;

	/* To read only, whatever is done with mails: this looks and does not touch. */
	if (!imap_session_select(exam->session, folder->name, TRUE, &uidvalidity, &error)) {
		tell_error(exam, folder->shown, error);
		return;
	}
	g_autofree char *text = g_strdup_printf("%u mails", exam->session->exists);
	tell(exam, folder->shown, text);
}

static gboolean
is_there(const struct examination *exam, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	return !imap_session_list(exam->session, name, names, error) || names->len > 0;
}

static void
tell_target(const struct examination *exam, const char *option, const char *name)
{
	g_autoptr(GError) error = NULL;

	if (!*name || strpbrk(name, "*%"))
		return;
	gboolean is_found = is_there(exam, name, &error);
	if (error)
		tell_error(exam, option, error);
	else
		tell(exam, option, is_found ? "is there" : "is not there yet: it will be made");
}

static void
examine_mailboxes(const struct examination *exam, const char *from_url)
{
	g_autoptr(GPtrArray) folders =
		g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);
	g_autoptr(GError) error = NULL;

	if (!imap_policy_find_folders(exam->config, from_url, exam->session, folders, &error))
		tell_error(exam, "folders", error);
	for (guint i = 0; i < folders->len; i++)
		tell_folder(exam, g_ptr_array_index(folders, i));
	tell_target(exam, "move_to", exam->policy->move_to);
	tell_target(exam, "failed_to", exam->policy->failed_to);
}

void
imap_examine(const struct intake_config *config, intake_tell_fn tell_fn, gpointer data)
{
	struct imap_policy policy = { 0 };
	struct examination exam = { config, &policy, NULL, tell_fn, data };
	g_autoptr(GCancellable) never = g_cancellable_new();
	const struct intake_context context = { .cancel = never, .mail_bytes = config->mail_bytes };
	g_autoptr(GError) error = NULL;
	g_autoptr(imap_link_auto) link = imap_link_new(config, &error);

	if (!link || !imap_policy_init(&policy, config, &error)) {
		tell_error(&exam, "settings", error);
	} else if (!imap_link_open(link, &context, &error)) {
		tell_error(&exam, "login", error);
	} else {
		exam.session = imap_link_session(link);
		tell_login(&exam);
		tell_capabilities(&exam);
		examine_mailboxes(&exam, imap_link_folder(link));
	}
	imap_policy_clear(&policy);
}
