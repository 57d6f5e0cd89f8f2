/* SPDX-License-Identifier: MIT */
#include "ingest/imap_session.h"

#include "core/error.h"
#include "ingest/imap_private.h"

#define READ_LEN (64 * 1024)
/* What may stand around the bytes of a mail. */
#define LITERAL_SLACK 1024
/* How long good-byes may take. */
#define GOODBYE_MS 500

/* --- Asking and hearing --- */

/* Every answer is of use to the session, whatever it was asked for. */
static void
heed(struct imap_session *session, const struct imap_response *response)
{
	switch (response->kind) {
	case IMAP_EXISTS:
		session->exists = response->number;
		break;
	case IMAP_EXPUNGE:
		session->exists -= session->exists > 0;
		session->next -= response->number < session->next;
		break;
	case IMAP_BYE:
		g_string_assign(session->bye, response->text->str);
		break;
	case IMAP_CONTINUE:
	case IMAP_OK:
	case IMAP_NO:
	case IMAP_BAD:
	case IMAP_PREAUTH:
	case IMAP_CAPABILITY:
	case IMAP_LIST:
	case IMAP_FETCH:
	case IMAP_OTHER:
	default:
		break;
	}
}

static gboolean
receive(struct imap_session *session, gint64 wait_ms, gsize *ret_len, GError **error)
{
	guint8 bytes[READ_LEN];

	if (!session->io.receive(session->io.data, bytes, sizeof(bytes), wait_ms, ret_len, error)) {
		if (session->bye->len > 0)
			g_prefix_error(error, "the server says good-bye: %s: ", session->bye->str);
		return FALSE;
	}
	imap_reader_add(session->reader, bytes, *ret_len);
	return TRUE;
}

/* The next answer; NULL where wait_ms is over or somebody woke us. */
static gboolean
hear(struct imap_session *session, gint64 wait_ms, const struct imap_response **ret_response,
     GError **error)
{
	gsize len;

	*ret_response = NULL;
	for (;;) {
		switch (imap_reader_next(session->reader, ret_response, error)) {
		case IMAP_RESPONSE:
			heed(session, *ret_response);
			return TRUE;
		case IMAP_FAILED:
			return FALSE;
		case IMAP_MORE:
		default:
			if (!receive(session, wait_ms, &len, error))
				return FALSE;
			if (len == 0 && wait_ms >= 0)
				return TRUE;
		}
	}
}

static gboolean
is_end_of(const struct imap_session *session, const struct imap_response *response)
{
	g_autofree char *tag = g_strdup_printf("D%u", session->n_commands);

	return g_str_equal(response->tag->str, tag);
}

static gboolean
check_end(struct imap_session *session, const struct imap_response *response, GError **error)
{
	if (response->kind == IMAP_OK)
		return TRUE;
	g_string_assign(session->code, response->code->str);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "the server says %s%s%s%s: %s",
		    response->kind == IMAP_NO ? "NO" : "BAD", *response->code->str ? " [" : "",
		    response->code->str, *response->code->str ? "]" : "", response->text->str);
	return FALSE;
}

static gboolean
say(struct imap_session *session, const char *text, GError **error)
{
	g_autofree char *line = g_strdup_printf("D%u %s\r\n", ++session->n_commands, text);

	g_string_truncate(session->code, 0);
	return session->io.send(session->io.data, line, strlen(line), error);
}

static gboolean
hear_end(struct imap_session *session, const struct imap_ear *ear, GError **error)
{
	const struct imap_response *response;

	for (;;) {
		if (!hear(session, -1, &response, error))
			return FALSE;
		if (is_end_of(session, response))
			return check_end(session, response, error);
		if (ear && response->tag->len == 0)
			ear->hear(ear->data, response);
	}
}

gboolean
imap_ask(struct imap_session *session, const struct imap_ear *ear, GError **error,
	 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	if (say(session, text, error) && hear_end(session, ear, error))
		return TRUE;
	g_prefix_error(error, "%.*s: ", (int)strcspn(text, "\""), text);
	return FALSE;
}

/* --- The session --- */

static void
hear_capability(gpointer data, const struct imap_response *response)
{
	struct imap_session *session = data;

	if (response->kind != IMAP_CAPABILITY)
		return;
	g_auto(GStrv) words = g_strsplit(response->text->str, " ", -1);
	session->has_idle = g_strv_contains((const char *const *)words, "IDLE");
	session->has_move = g_strv_contains((const char *const *)words, "MOVE");
	session->has_uidplus = g_strv_contains((const char *const *)words, "UIDPLUS");
}

static void
session_free(struct imap_session *session)
{
	imap_reader_free(session->reader);
	g_string_free(session->bye, TRUE);
	g_string_free(session->code, TRUE);
	g_free(session);
}

struct imap_session *
imap_session_open(const struct imap_session_options *options, GError **error)
{
	struct imap_session *session = g_new0(struct imap_session, 1);
	const struct imap_ear ear = { hear_capability, session };

	session->io = options->io;
	session->mail_bytes = options->mail_bytes;
	session->chunk_bytes = options->chunk_bytes ? options->chunk_bytes : IMAP_CHUNK_BYTES;
	session->reader =
		imap_reader_new(MAX(options->mail_bytes, IMAP_CHUNK_BYTES) + LITERAL_SLACK);
	session->bye = g_string_new(NULL);
	session->code = g_string_new(NULL);
	session->next = 1;
	if (imap_ask(session, &ear, error, "CAPABILITY"))
		return session;
	session_free(session);
	return NULL;
}

void
imap_session_close(struct imap_session *session)
{
	const struct imap_response *response = NULL;
	gint64 deadline = g_get_monotonic_time() + (gint64)GOODBYE_MS * 1000;

	if (!session)
		return;
	/* Some answer BYE, some NO, some hang up at once: all of it is good-bye. */
	if (session->bye->len == 0 && say(session, "LOGOUT", NULL))
		while (g_get_monotonic_time() < deadline &&
		       hear(session, GOODBYE_MS, &response, NULL) && response &&
		       !is_end_of(session, response))
			;
	session_free(session);
}

gsize
imap_session_chunk(const struct imap_session *session)
{
	return session->chunk_bytes;
}

/* --- Mailboxes --- */

static void
hear_list(gpointer data, const struct imap_response *response)
{
	GPtrArray *names = data;

	if (response->kind == IMAP_LIST && response->is_selectable && names->len < IMAP_FOLDERS_MAX)
		g_ptr_array_add(names, g_strdup(response->name->str));
}

static char *
quote_name(const char *name, GError **error)
{
	char *quoted = imap_quote(name);

	if (!quoted)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "\"%s\" cannot be the name of a mailbox", name);
	return quoted;
}

gboolean
imap_session_list(struct imap_session *session, const char *pattern, GPtrArray *names,
		  GError **error)
{
	const struct imap_ear ear = { hear_list, names };
	g_autofree char *quoted = quote_name(pattern, error);

	return quoted && imap_ask(session, &ear, error, "LIST \"\" %s", quoted);
}

static void
hear_uidvalidity(gpointer data, const struct imap_response *response)
{
	guint32 *uidvalidity = data;

	if (response->kind == IMAP_OK && g_str_equal(response->code->str, "UIDVALIDITY"))
		*uidvalidity = response->code_number;
}

gboolean
imap_session_select(struct imap_session *session, const char *name, gboolean is_read_only,
		    guint32 *ret_uidvalidity, GError **error)
{
	guint32 uidvalidity = 0;
	const struct imap_ear ear = { hear_uidvalidity, &uidvalidity };
	g_autofree char *quoted = quote_name(name, error);

	session->exists = 0;
	session->next = 1;
	if (!quoted ||
	    !imap_ask(session, &ear, error, "%s %s", is_read_only ? "EXAMINE" : "SELECT", quoted)) {
		g_prefix_error(error, "mailbox \"%s\": ", name);
		return FALSE;
	}
	if (uidvalidity == 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "mailbox \"%s\": the server gives no UIDVALIDITY, so that mails cannot "
			    "be told apart",
			    name);
		return FALSE;
	}
	*ret_uidvalidity = uidvalidity;
	return TRUE;
}

/* --- Waiting --- */

/* Until there is a new mail, the time is over, or somebody woke us. */
static gboolean
idle(struct imap_session *session, gint64 idle_ms, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + idle_ms * 1000;
	const struct imap_response *response;

	while (!imap_session_has_more(session) && session->bye->len == 0) {
		gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
		if (!hear(session, MAX(left_ms, 0), &response, error))
			return FALSE;
		if (!response)
			break;
	}
	return session->io.send(session->io.data, "DONE\r\n", strlen("DONE\r\n"), error) &&
	       hear_end(session, NULL, error);
}

gboolean
imap_session_keep_alive(struct imap_session *session, GError **error)
{
	return imap_ask(session, NULL, error, "NOOP");
}

gboolean
imap_session_wait(struct imap_session *session, gint64 idle_ms, gint64 poll_ms, GError **error)
{
	const struct imap_response *response = NULL;

	if (!session->has_idle) {
		if (!hear(session, poll_ms, &response, error))
			return FALSE;
		return imap_ask(session, NULL, error, "NOOP");
	}
	if (!say(session, "IDLE", error))
		return FALSE;
	do {
		if (!hear(session, -1, &response, error))
			return FALSE;
		/* Offered and refused: poll from now on. */
		if (is_end_of(session, response)) {
			session->has_idle = FALSE;
			return TRUE;
		}
	} while (response->kind != IMAP_CONTINUE);
	return idle(session, idle_ms, error);
}
