/* SPDX-License-Identifier: MIT */
/*
 * imap_session.h - the client's side of an IMAP conversation after the login (RFC 3501), over any
 * connection.
 *
 * Mails are named by UID. Reading one never sets \Seen. Mails are looked through in windows by a
 * cursor over the sequence numbers, which the session keeps right while others remove mail, and a
 * mail is fetched in chunks, so that neither mailbox nor answers are held in memory.
 *
 * Errors: AGAIN the connection is lost, INVALID and LIMIT what came is not IMAP (the connection is
 * of no more use either), DENIED the server says no to this command; then the session goes on.
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef INGEST_IMAP_SESSION_H
#define INGEST_IMAP_SESSION_H

#include <glib.h>

#include "ingest/imap_line.h"

#define IMAP_CHUNK_BYTES     (256 * 1024)
#define IMAP_CHUNK_BYTES_MIN (4 * 1024)
#define IMAP_FOLDERS_MAX     1000

/* The connection. */
struct imap_io {
	gpointer data;
	gboolean (*send)(gpointer data, const char *bytes, gsize len, GError **error);
	/*
	 * Read at most len bytes. wait_ms < 0: an answer is due, 0 bytes is no answer. Else wait so
	 * long for news; *ret_len 0 = none came, or somebody woke us.
	 */
	gboolean (*receive)(gpointer data, guint8 *bytes, gsize len, gint64 wait_ms, gsize *ret_len,
			    GError **error);
};

struct imap_session_options {
	struct imap_io io;
	gsize mail_bytes;  /* no more of a mail than this and one byte is read */
	gsize chunk_bytes; /* how much of a mail to ask for at once; 0 = IMAP_CHUNK_BYTES */
};

struct imap_session;

/* Logged in already. Asks what the server can do. */
struct imap_session *imap_session_open(const struct imap_session_options *options, GError **error);
/* Says good-bye, whatever the server answers. */
void imap_session_close(struct imap_session *session);
typedef struct imap_session imap_session_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(imap_session_auto, imap_session_close)

/* The chunk that works with this server: halved wherever there was trouble. */
gsize imap_session_chunk(const struct imap_session *session);

/* Add the names (as to be named to the server) of what can be selected; % and * are wild. */
gboolean imap_session_list(struct imap_session *session, const char *pattern, GPtrArray *names,
			   GError **error);

/* Open a mailbox, to read only or to change it. The cursor stands before its first mail. */
gboolean imap_session_select(struct imap_session *session, const char *name, gboolean is_read_only,
			     guint32 *ret_uidvalidity, GError **error);

/* What is known of a mail before it is read. */
struct imap_mail {
	guint32 uid;
	guint64 size;
	gint64 arrived_at; /* 0 = not said */
	guint flags;       /* enum imap_flag */
};

/* Move the cursor behind the last mail whose UID is not above this one. */
gboolean imap_session_seek(struct imap_session *session, guint32 uid, GError **error);

/* Append the next mails behind the cursor, at most max, by UID; none = the end. */
gboolean imap_session_scan(struct imap_session *session, guint max, GArray *mails, GError **error);

/* Are there mails behind the cursor? */
gboolean imap_session_has_more(const struct imap_session *session);

/* The bytes of a mail; *ret_bytes NULL: it is gone. DENIED: the server does not give it. */
gboolean imap_session_fetch(struct imap_session *session, const struct imap_mail *mail,
			    GBytes **ret_bytes, GError **error);

/* flag: of enum imap_flag. */
gboolean imap_session_flag(struct imap_session *session, guint32 uid, enum imap_flag flag,
			   GError **error);

/*
 * Move a mail to another mailbox, which is made where it is missing. Where the server has neither
 * MOVE nor UIDPLUS the mail is copied and only marked as deleted: *ret_is_marked.
 */
gboolean imap_session_move(struct imap_session *session, guint32 uid, const char *name,
			   gboolean *ret_is_marked, GError **error);
gboolean imap_session_delete(struct imap_session *session, guint32 uid, gboolean *ret_is_marked,
			     GError **error);

/*
 * Wait for news: by IDLE for at most idle_ms, or where the server has none by asking after poll_ms.
 * Comes back early when woken.
 */
gboolean imap_session_wait(struct imap_session *session, gint64 idle_ms, gint64 poll_ms,
			   GError **error);

/* Say something, so that the server does not hang up. */
gboolean imap_session_keep_alive(struct imap_session *session, GError **error);

#endif
