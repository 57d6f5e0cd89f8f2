/* SPDX-License-Identifier: MIT */
/*
 * imap_folder.h - what an IMAP intake knows of a mailbox, and what it does with handled mail.
 *
 * A mailbox is looked through by ascending UID. All mails up to low_uid are settled; a mail that
 * made trouble holds it back, so that the next look finds it again.
 */
#ifndef INGEST_IMAP_FOLDER_H
#define INGEST_IMAP_FOLDER_H

#include <glib.h>

#include "core/message.h"
#include "ingest/imap_session.h"
#include "ingest/intake.h"

struct imap_folder {
	char *name;          /* as the server calls it */
	char *shown;         /* for people */
	guint32 uidvalidity; /* 0 = never opened */
	guint32 low_uid;     /* up to here everything is settled */
	guint32 top_uid;     /* the last mail of this look that was taken */
	guint32 trouble_uid; /* the first mail that is to be tried again, 0 = none */
	GHashTable *busy;    /* (UIDVALIDITY, UID) of mails on their way */
	GHashTable *losses;  /* UID to struct loss: mails at which the connection was lost */
};

struct imap_folder *imap_folder_new(const char *name);
void imap_folder_free(struct imap_folder *folder);

/* A look begins after low_uid. TRUE where UIDVALIDITY is another one than before: all is new. */
gboolean imap_folder_open(struct imap_folder *folder, guint32 uidvalidity);

/* Notes that this mail was looked at. FALSE where it is on its way, was settled, or is left out. */
gboolean imap_folder_wants(struct imap_folder *folder, guint32 uid);

void imap_folder_enter(struct imap_folder *folder, guint32 uid);
void imap_folder_leave(struct imap_folder *folder, guint32 uidvalidity, guint32 uid);

/* This mail is to be tried again. */
void imap_folder_note_trouble(struct imap_folder *folder, guint32 uid);

/*
 * The connection was lost at this mail. From the second time on it is left out, so that the others
 * are read: for a minute, and twice as long each time, up to an hour. Gives these seconds, or 0.
 */
gint64 imap_folder_note_loss(struct imap_folder *folder, guint32 uid);

/* The look has come to the end: raises low_uid where nothing is on its way. */
void imap_folder_note_end(struct imap_folder *folder);

/* What the store remembers, and what people read. Callers free. */
char *imap_folder_unique_name(const struct imap_folder *folder, guint32 uid);
char *imap_folder_locator(const struct imap_folder *folder, const char *intake, guint32 uid);

/* --- What is done with a handled mail --- */

enum imap_action {
	IMAP_KEEP,
	IMAP_FLAG,
	IMAP_MOVE,
	IMAP_DELETE,
};

struct imap_policy {
	enum imap_action after;
	char *move_to;   /* as the server calls it, "" = nowhere */
	char *failed_to; /* the same for mails that could not be read */
};

/* From after, move_to and failed_to of the settings. DENIED where they make no sense. */
gboolean imap_policy_init(struct imap_policy *policy, const struct intake_config *config,
			  GError **error);
void imap_policy_clear(struct imap_policy *policy);

/* No mail is ever changed: mailboxes are opened to read only. */
gboolean imap_policy_is_reading(const struct imap_policy *policy);

/* Do it; nothing where it is done already. Errors are those of the session. */
gboolean imap_policy_apply(const struct imap_policy *policy, struct imap_session *session,
			   const struct imap_mail *mail, enum outcome outcome,
			   gboolean *ret_is_marked, GError **error);

/* A name among folders has * or %. */
gboolean imap_policy_has_pattern(const struct intake_config *config);

/*
 * Bring the list up to date: what the settings name, or else from_url, or else INBOX; patterns are
 * asked of the server, without the mailboxes that handled mail goes to. DENIED where there is none.
 */
gboolean imap_policy_find_folders(const struct intake_config *config, const char *from_url,
				  struct imap_session *session, GPtrArray *folders, GError **error);

#endif
