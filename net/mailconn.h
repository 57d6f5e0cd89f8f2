/* SPDX-License-Identifier: MIT */
/*
 * mailconn.h - a connection to a mail server that is secured and logged in.
 *
 * libcurl does names, TCP, TLS or STARTTLS with verification, and the login (SASL PLAIN, LOGIN,
 * XOAUTH2, OAUTHBEARER). What comes after is bytes in and out, with a deadline; whose protocol it
 * is, the caller knows. SIGPIPE must be ignored by the process.
 *
 * Errors: DENIED where a person has to change something (password, certificate, STARTTLS), AGAIN
 * for what passes. The text says what to do, and has neither password nor token in it.
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef NET_MAILCONN_H
#define NET_MAILCONN_H

#include <gio/gio.h>
#include <glib.h>

struct mailconn_options {
	const char *url;    /* imaps://host[:port]/ or imap://host[:port]/ (STARTTLS is required) */
	const char *user;   /* "" for a login without one */
	const char *secret; /* password, or token where is_token */
	gboolean is_token;
	gboolean is_plain;    /* imap:// without TLS at all: for this very host, and for tests */
	const char *ca_file;  /* trust these certificates alone; "" = those of the system */
	guint connect_s;      /* deadline of all that mailconn_open() does */
	GCancellable *cancel; /* gives up connecting */
};

struct mailconn;

struct mailconn *mailconn_open(const struct mailconn_options *options, GError **error);
void mailconn_close(struct mailconn *conn);
typedef struct mailconn mailconn_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mailconn_auto, mailconn_close)

/* All of it, or FALSE with AGAIN: the connection is of no more use. */
gboolean mailconn_send(struct mailconn *conn, const guint8 *bytes, gsize len, int timeout_ms,
		       GError **error);

enum mailconn_event {
	MAILCONN_BYTES,   /* *ret_len of them */
	MAILCONN_TIMEOUT, /* nothing came */
	MAILCONN_WOKEN,   /* one of wake_fds can be read */
	MAILCONN_FAILED,
};

#define MAILCONN_WAKE_FDS 2

/* What to read into, and how long to wait. */
struct mailconn_wait {
	guint8 *bytes;
	gsize len;
	int timeout_ms;
	int wake_fds[MAILCONN_WAKE_FDS]; /* -1 = none */
};
enum mailconn_event mailconn_receive(struct mailconn *conn, const struct mailconn_wait *wait,
				     gsize *ret_len, GError **error);

#endif
