/* SPDX-License-Identifier: MIT */
/* What is done with a mail once it is stored. */
#include "core/error.h"
#include "ingest/imap_private.h"

static const char *
flag_name(enum imap_flag flag)
{
	switch (flag) {
	case IMAP_FLAG_SEEN:
		return "\\Seen";
	case IMAP_FLAG_FLAGGED:
		return "\\Flagged";
	case IMAP_FLAG_DELETED:
	default:
		return "\\Deleted";
	}
}

gboolean
imap_session_flag(struct imap_session *session, guint32 uid, enum imap_flag flag, GError **error)
{
	return imap_ask(session, NULL, error, "UID STORE %u +FLAGS.SILENT (%s)", uid,
			flag_name(flag));
}

gboolean
imap_session_delete(struct imap_session *session, guint32 uid, gboolean *ret_is_marked,
		    GError **error)
{
	if (!imap_session_flag(session, uid, IMAP_FLAG_DELETED, error))
		return FALSE;
	*ret_is_marked = !session->has_uidplus;
	/* A plain EXPUNGE would remove what others have marked. */
	return !session->has_uidplus || imap_ask(session, NULL, error, "UID EXPUNGE %u", uid);
}

/* "UID MOVE" or "UID COPY"; makes the mailbox where the server says that it is missing. */
static gboolean
bring(struct imap_session *session, const char *command, guint32 uid, const char *quoted,
      GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (imap_ask(session, NULL, &reason, "%s %u %s", command, uid, quoted))
		return TRUE;
	if (!g_str_equal(session->code->str, "TRYCREATE")) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	/* ALREADYEXISTS: somebody was faster. The second try tells. */
	if (!imap_ask(session, NULL, error, "CREATE %s", quoted)) {
		if (!g_str_equal(session->code->str, "ALREADYEXISTS"))
			return FALSE;
		g_clear_error(error);
	}
	return imap_ask(session, NULL, error, "%s %u %s", command, uid, quoted);
}

gboolean
imap_session_move(struct imap_session *session, guint32 uid, const char *name,
		  gboolean *ret_is_marked, GError **error)
{
	g_autofree char *quoted = imap_quote(name);
	g_autoptr(GError) reason = NULL;

	if (!quoted) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "\"%s\" cannot be the name of a mailbox", name);
		return FALSE;
	}
	*ret_is_marked = FALSE;
	if (session->has_move) {
		if (bring(session, "UID MOVE", uid, quoted, &reason))
			return TRUE;
		/* Said no: the old way may still do. */
		if (!g_error_matches(reason, DMARCD_ERROR, DMARCD_ERROR_DENIED)) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
	}
	return bring(session, "UID COPY", uid, quoted, error) &&
	       imap_session_delete(session, uid, ret_is_marked, error);
}
