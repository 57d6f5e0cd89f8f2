/* SPDX-License-Identifier: MIT */
/* Looking through a mailbox and reading mails: nothing here changes one. */
#include "core/error.h"
#include "ingest/imap_private.h"

/* --- The cursor --- */

static void
hear_uid(gpointer data, const struct imap_response *response)
{
	guint32 *uid = data;

	if (response->kind == IMAP_FETCH && response->fetch.has_uid)
		*uid = response->fetch.uid;
}

/* Sequence numbers ascend with UIDs, so that 17 questions find the place in 100,000 mails. */
gboolean
imap_session_seek(struct imap_session *session, guint32 uid, GError **error)
{
	guint32 low = 1;
	guint32 high = session->exists;

	session->next = 1;
	while (uid > 0 && low <= high) {
		guint32 middle = low + (high - low) / 2;
		guint32 found = 0;
		const struct imap_ear ear = { hear_uid, &found };
		if (!imap_ask(session, &ear, error, "FETCH %u (UID)", middle))
			return FALSE;
		/* It went this moment: from the first mail on nothing is missed. */
		if (found == 0)
			return TRUE;
		if (found <= uid)
			low = middle + 1;
		else
			high = middle - 1;
	}
	session->next = low;
	return TRUE;
}

gboolean
imap_session_has_more(const struct imap_session *session)
{
	return session->next <= session->exists;
}

struct scan {
	GArray *mails;
	guint len_max;
};

static void
hear_mail(gpointer data, const struct imap_response *response)
{
	struct scan *scan = data;
	const struct imap_fetch *fetch = &response->fetch;

	/* What was not asked for (new flags of another mail) has no size. */
	if (response->kind != IMAP_FETCH || !fetch->has_uid || !fetch->has_size ||
	    scan->mails->len >= scan->len_max)
		return;
	const struct imap_mail mail = {
		.uid = fetch->uid,
		.size = fetch->size,
		.arrived_at = fetch->arrived_at,
		.flags = fetch->flags,
	};
	g_array_append_val(scan->mails, mail);
}

static gint
compare_uids(gconstpointer a, gconstpointer b)
{
	const struct imap_mail *one = a;
	const struct imap_mail *two = b;

	return one->uid < two->uid ? -1 : one->uid > two->uid;
}

gboolean
imap_session_scan(struct imap_session *session, guint max, GArray *mails, GError **error)
{
	struct scan scan = { mails, mails->len + max };
	const struct imap_ear ear = { hear_mail, &scan };
	guint32 first = session->next;

	if (!imap_session_has_more(session))
		return TRUE;
	guint32 last = first + MIN(max - 1, session->exists - first);
	session->next = last + 1;
	if (!imap_ask(session, &ear, error, "FETCH %u:%u (UID RFC822.SIZE INTERNALDATE FLAGS)",
		      first, last))
		return FALSE;
	g_array_sort(mails, compare_uids);
	return TRUE;
}

/* --- One mail --- */

struct fetching {
	const struct imap_mail *mail;
	GByteArray *bytes;
	gsize asked; /* 0 = the whole mail at once */
	gsize got;   /* by the last question */
	gboolean has_answer;
	gboolean is_odd; /* something else was answered than was asked for */
};

static void
hear_body(gpointer data, const struct imap_response *response)
{
	struct fetching *fetching = data;
	const struct imap_fetch *fetch = &response->fetch;
	const GString *body = fetch->body;

	if (response->kind != IMAP_FETCH || !fetch->has_body ||
	    (fetch->has_uid && fetch->uid != fetching->mail->uid))
		return;
	fetching->has_answer = TRUE;
	/* Asked for a part, and the whole came. */
	gboolean is_whole =
		fetch->offset == 0 && fetching->bytes->len > 0 && body->len >= fetching->mail->size;
	if (is_whole)
		g_byte_array_set_size(fetching->bytes, 0);
	else if (fetch->offset != fetching->bytes->len) {
		fetching->is_odd = TRUE;
		return;
	}
	g_byte_array_append(fetching->bytes, (const guint8 *)body->str, (guint)body->len);
	fetching->got = body->len;
	if (is_whole || body->len > fetching->asked)
		fetching->asked = 0;
}

static gboolean
ask_for_body(struct imap_session *session, struct fetching *fetching, GError **error)
{
	const struct imap_ear ear = { hear_body, fetching };
	guint32 uid = fetching->mail->uid;

	fetching->has_answer = fetching->is_odd = FALSE;
	fetching->got = 0;
	if (fetching->asked == 0)
		return imap_ask(session, &ear, error, "UID FETCH %u (UID BODY.PEEK[])", uid);
	return imap_ask(session, &ear, error,
			"UID FETCH %u (UID BODY.PEEK[]<%u.%" G_GSIZE_FORMAT ">)", uid,
			fetching->bytes->len, fetching->asked);
}

/* Some send less than was asked for in the middle of a mail; nothing at all is its end. */
static gboolean
is_at_end(const struct fetching *fetching)
{
	return fetching->asked == 0 || fetching->got == 0 ||
	       (fetching->got < fetching->asked && fetching->bytes->len >= fetching->mail->size);
}

static gboolean
is_lost(const GError *error)
{
	return error && !g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED);
}

static gboolean
is_all_there(struct fetching *fetching)
{
	fetching->has_answer = fetching->bytes->len > 0;
	return fetching->has_answer && fetching->bytes->len >= fetching->mail->size;
}

/* FALSE without error: this way does not work with this mail. */
static gboolean
read_chunks(struct imap_session *session, struct fetching *fetching, GError **error)
{
	g_autoptr(GError) reason = NULL;

	g_byte_array_set_size(fetching->bytes, 0);
	do {
		if (!ask_for_body(session, fetching, &reason)) {
			/* Asked beyond the end, which some call a mistake. */
			if (!is_lost(reason) && is_all_there(fetching))
				return TRUE;
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
		if (fetching->is_odd || (!fetching->has_answer && fetching->bytes->len > 0))
			return FALSE;
	} while (fetching->has_answer && !is_at_end(fetching) &&
		 fetching->bytes->len <= session->mail_bytes);
	return TRUE;
}

/* The size is what the server said, or what it says twice: some only estimate it. */
static gboolean
is_complete(const struct imap_session *session, const struct fetching *fetching, gsize before)
{
	gsize len = fetching->bytes->len;

	return fetching->has_answer && (len > session->mail_bytes || len >= fetching->mail->size ||
					(len > 0 && len == before));
}

/* Half a chunk where that was trouble; at last the whole mail at once. FALSE: no more ways. */
static gboolean
try_smaller(struct imap_session *session, struct fetching *fetching, gboolean is_refused)
{
	gboolean is_trouble = is_refused || fetching->has_answer || fetching->is_odd;

	if (fetching->asked == 0)
		return FALSE;
	fetching->asked = 0;
	if (is_trouble && session->chunk_bytes > IMAP_CHUNK_BYTES_MIN)
		fetching->asked = session->chunk_bytes /= 2;
	return TRUE;
}

static GBytes *
cut(struct imap_session *session, GByteArray *bytes)
{
	if (bytes->len > session->mail_bytes)
		g_byte_array_set_size(bytes, (guint)session->mail_bytes + 1);
	return g_byte_array_free_to_bytes(bytes);
}

/* As long as there is another way to ask. FALSE without error: the server gives something else. */
static gboolean
fetch_bytes(struct imap_session *session, struct fetching *fetching, GError **error)
{
	gsize chunk_bytes = session->chunk_bytes;
	gsize before = 0;
	g_autoptr(GError) reason = NULL;

	do {
		g_clear_error(&reason);
		gboolean is_read = read_chunks(session, fetching, &reason);
		if (is_lost(reason)) {
			session->chunk_bytes = MAX(chunk_bytes / 2, IMAP_CHUNK_BYTES_MIN);
			break;
		}
		gboolean is_gone = is_read && !fetching->has_answer && fetching->asked == 0;
		if (is_gone || (is_read && is_complete(session, fetching, before))) {
			/* Its size was wrong, whatever the chunk. */
			if (fetching->bytes->len < fetching->mail->size)
				session->chunk_bytes = chunk_bytes;
			return TRUE;
		}
		before = fetching->bytes->len;
	} while (try_smaller(session, fetching, reason != NULL));
	if (!is_lost(reason))
		session->chunk_bytes = chunk_bytes;
	if (reason)
		g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

gboolean
imap_session_fetch(struct imap_session *session, const struct imap_mail *mail, GBytes **ret_bytes,
		   GError **error)
{
	struct fetching fetching = {
		.mail = mail,
		.bytes = g_byte_array_new(),
		.asked = session->chunk_bytes,
	};

	g_autoptr(GError) reason = NULL;

	if (!fetch_bytes(session, &fetching, &reason)) {
		if (!reason)
			g_set_error(&reason, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "the server gives %u bytes of a mail of %" G_GUINT64_FORMAT,
				    fetching.bytes->len, mail->size);
		g_propagate_error(error, g_steal_pointer(&reason));
		g_byte_array_unref(fetching.bytes);
		return FALSE;
	}
	*ret_bytes = NULL;
	if (fetching.has_answer)
		*ret_bytes = cut(session, fetching.bytes);
	else
		g_byte_array_unref(fetching.bytes);
	return TRUE;
}
