/* SPDX-License-Identifier: MIT */
/*
 * lmtp_session.h - the server's side of one LMTP conversation (RFC 2033), without sockets or clock.
 *
 * The caller adds the bytes that came, sends what is to be said, and is handed each mail when it
 * is whole. The session says nothing of a mail before the caller has answered for it: one reply for
 * each accepted recipient, after the commit.
 *
 * Lines end in CRLF; only CRLF.CRLF ends a mail, so that nothing can be smuggled in with a bare
 * line feed (it is kept as part of the mail). Commands may come in one batch (PIPELINING).
 *
 * Owner: the caller. Threads: one per session.
 */
#ifndef INGEST_LMTP_SESSION_H
#define INGEST_LMTP_SESSION_H

#include <glib.h>

/* What is refused, with the limit's name in the reply. */
struct lmtp_limits {
	gsize mail_bytes; /* max_mail_bytes */
	guint recipients; /* max_recipients of one mail */
	guint commands;   /* max_commands that bring no mail, before the session is closed */
};

struct lmtp_options {
	struct lmtp_limits limits;
	const char *host_name; /* in the greeting */
	const char *const
		*recipients; /* patterns with * and ?, lower case, or NULL for every one */
};

enum lmtp_step {
	LMTP_MORE, /* add what comes next */
	LMTP_MAIL, /* a mail is whole: take it, answer it, go on */
	LMTP_QUIT, /* send what is to be said, and close */
};

/* How a mail is answered. */
enum lmtp_answer {
	LMTP_ACCEPTED,  /* 250: it is committed */
	LMTP_TRY_LATER, /* 451: leave it in the queue */
};

struct lmtp_session;

/* options outlive the session. The greeting waits in lmtp_session_output(). */
struct lmtp_session *lmtp_session_new(const struct lmtp_options *options);
void lmtp_session_free(struct lmtp_session *session);
typedef struct lmtp_session lmtp_session_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lmtp_session_auto, lmtp_session_free)

/* Bytes from the client. After LMTP_MAIL nothing may be added before the answer. */
enum lmtp_step lmtp_session_add(struct lmtp_session *session, const guint8 *bytes, gsize len);

/* The mail after LMTP_MAIL, unstuffed, CRLF as it came. The caller owns it. */
GBytes *lmtp_session_take_mail(struct lmtp_session *session);

/* Reply for every recipient and go on with what was added before. reason: why not, for people. */
enum lmtp_step lmtp_session_answer(struct lmtp_session *session, enum lmtp_answer answer,
				   const char *reason);

/* End the session with 421 and this reason: stopping, too many connections, time over. */
void lmtp_session_shut(struct lmtp_session *session, const char *reason);

/* What is to be sent; the caller empties it as it sends. */
GString *lmtp_session_output(struct lmtp_session *session);

#endif
