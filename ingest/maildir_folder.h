/* SPDX-License-Identifier: MIT */
/*
 * maildir_folder.h - a Maildir and the folders in it.
 *
 * "INBOX" is the Maildir itself. A folder is a Maildir in it, named as IMAP servers name it: both
 * .Reports.2026/ (Maildir++) and Reports.2026/ in a folder are there; Reports/2026/ is
 * "Reports/2026".
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef INGEST_MAILDIR_FOLDER_H
#define INGEST_MAILDIR_FOLDER_H

#include <glib.h>

#include "ingest/intake.h"

#define MAILDIR_INBOX       "INBOX"
#define MAILDIR_FOLDERS_MAX 1000
#define MAILDIR_DEPTH_MAX   8

enum { MAILDIR_NEW, MAILDIR_CUR, N_MAILDIR_DIRS };

struct maildir_folder {
	char *name;
	char *dirs[N_MAILDIR_DIRS];  /* PATH/new, PATH/cur */
	int watches[N_MAILDIR_DIRS]; /* for who watches them; 0 at first */
};

void maildir_folder_free(struct maildir_folder *folder);

/*
 * Add those that config->folders names ("*" is wild; none named = INBOX) and that are not in the
 * list yet. A folder that is config->move_to is left out. DENIED where one that is named without
 * "*" is no Maildir, or cannot be read and written; the others are added all the same.
 */
gboolean maildir_find_folders(const struct intake_config *config, GPtrArray *folders,
			      GError **error);

gboolean maildir_folder_is_there(const struct maildir_folder *folder);

/*
 * Move a mail into a directory, under its own name with flag S (seen) added. Never over another
 * mail: then under a longer name. AGAIN: it is not there any more. DENIED.
 */
gboolean maildir_move_seen(const char *path, const char *dir, GError **error);

#endif
