/* SPDX-License-Identifier: MIT */
/*
 * imap_link.h - the connection of an IMAP intake: from its settings to a session, as often as it
 * has to be made anew.
 *
 * Owner and thread: the intake.
 */
#ifndef INGEST_IMAP_LINK_H
#define INGEST_IMAP_LINK_H

#include <gio/gio.h>

#include "ingest/imap_session.h"
#include "ingest/intake.h"

struct imap_link;

/* Check the settings; connects to nothing. DENIED. config outlives it. */
struct imap_link *imap_link_new(const struct intake_config *config, GError **error);
void imap_link_free(struct imap_link *link);
typedef struct imap_link imap_link_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(imap_link_auto, imap_link_free)

/* The mailbox that the URL names, "" = none. */
const char *imap_link_folder(const struct imap_link *link);

/* Make imap_session_wait() come back. From any thread. */
void imap_link_wake(struct imap_link *link);

/*
 * Log in; with a token that is refused, once more with a new one. DENIED: trying again soon is of
 * no use.
 */
gboolean imap_link_open(struct imap_link *link, const struct intake_context *context,
			GError **error);
void imap_link_close(struct imap_link *link);

/* As oauth2_trouble(). */
const char *imap_link_trouble(const struct imap_link *link);

/* When the access token of the last login expires, in Unix seconds; 0 = there is none. */
gint64 imap_link_expires_at(const struct imap_link *link);

/* NULL while it is closed. */
struct imap_session *imap_link_session(const struct imap_link *link);

#endif
