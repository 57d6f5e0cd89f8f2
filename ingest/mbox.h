/* SPDX-License-Identifier: MIT */
/*
 * mbox.h - split an mbox file into its mails (RFC 4155; mboxrd quoting is undone).
 *
 * A mail begins with a line "From " at the start of the file or after an empty line. The file is
 * read as it is needed; memory holds one mail and one piece.
 */
#ifndef INGEST_MBOX_H
#define INGEST_MBOX_H

#include <glib.h>

struct mbox;

/* Do the bytes begin like an mbox? */
gboolean mbox_is_one(GBytes *bytes);

/*
 * NULL and error where the file cannot be read. A mail longer than max_len is cut to max_len + 1
 * bytes, so that the parser names the limit.
 */
struct mbox *mbox_open(const char *path, gsize max_len, GError **error);

/* The same over bytes in memory. */
struct mbox *mbox_new(GBytes *bytes, gsize max_len);
void mbox_close(struct mbox *mbox);

/* The next mail without its "From " line. NULL at the end, or with error. */
GBytes *mbox_next(struct mbox *mbox, GError **error);

#endif
