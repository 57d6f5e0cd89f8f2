/* SPDX-License-Identifier: MIT */
/*
 * imap_private.h - what the files of an IMAP session share: asking a question and hearing what is
 * answered.
 */
#ifndef INGEST_IMAP_PRIVATE_H
#define INGEST_IMAP_PRIVATE_H

#include "ingest/imap_session.h"

struct imap_session {
	struct imap_io io;
	struct imap_reader *reader;
	gsize mail_bytes;
	gsize chunk_bytes;
	guint n_commands;
	gboolean has_idle, has_move, has_uidplus;
	guint32 exists; /* mails in the mailbox that is open */
	guint32 next;   /* the cursor: sequence number of the next mail to look at */
	GString *bye;   /* why the server hangs up */
	GString *code;  /* response code of the last NO or BAD */
};

/* Hears every untagged answer to a command. */
typedef void (*imap_hear_fn)(gpointer data, const struct imap_response *response);

struct imap_ear {
	imap_hear_fn hear;
	gpointer data;
};

/* Send a command and wait for its end. DENIED where the server says NO or BAD. ear may be NULL. */
gboolean imap_ask(struct imap_session *session, const struct imap_ear *ear, GError **error,
		  const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif
