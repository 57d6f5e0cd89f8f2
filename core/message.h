/* SPDX-License-Identifier: MIT */
/*
 * message.h - one raw mail or report file on its way in, and how to acknowledge it, exactly once.
 *
 * An intake makes it, exactly one owner holds it at any time (intake, queue, feeder, writer), and
 * the last one calls message_done(), which tells the intake and frees it. Nobody else frees it.
 * A pointer that was pushed on is no longer the pusher's.
 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include <glib.h>

/*
 * What became of a mail. A mail of several parts has the first of these, in this order, that one
 * of its parts has.
 */
enum outcome {
	OUTCOME_RETRY,       /* not stored, trouble that passes: leave it where it is */
	OUTCOME_STORED,      /* at least one report of it is new */
	OUTCOME_REVISION,    /* known report with other content: kept, not counted */
	OUTCOME_DUPLICATE,   /* known report with the same content */
	OUTCOME_QUARANTINED, /* could not be read: kept with the reason */
	OUTCOME_IGNORED,     /* a mail without a report */
	N_OUTCOMES,
};

/* Runs in the thread that called message_done(); must not block. reason is "" or why. */
typedef void (*message_done_fn)(gpointer cookie, enum outcome outcome, const char *reason);

struct message {
	GBytes *bytes;
	gint64 received_at; /* Unix seconds: when the mail system got it, else now */
	char *intake;       /* the configured name of the intake, or "ingest", "upload" */
	char *locator;      /* for humans: "maildir:/var/mail/dmarc/new/1700.eml",
			       "imap:main/INBOX;UID=8" */
	gint64 *arrival;    /* NULL, or where the store writes the mail's number before done */
	gint64 taken_at;    /* monotonic, since when it counts as in flight; 0 = it does not */
	char *unique_name;  /* NULL, or what the store shall remember as handled (per intake) */
	message_done_fn done;
	gpointer cookie;
};

/* Takes a reference on bytes and copies the names. done may be NULL. */
struct message *message_new(GBytes *bytes, const char *intake, const char *locator,
			    message_done_fn done, gpointer cookie);

/* Report the outcome and free the message. Sets the caller's pointer to NULL. */
void message_done(struct message **message, enum outcome outcome, const char *reason);

/* "stored", "duplicate", ... ; the words of CLI, pages and metrics. */
const char *outcome_name(enum outcome outcome);

#endif
