/* SPDX-License-Identifier: MIT */
/*
 * mbox.h - split an mbox into mails, piece by piece, with mboxrd quoting undone.
 *
 * A mail begins at a line "From " that is the first or follows an empty line. Add bytes as they
 * come, ask for mails until there is none, say when the input has ended, ask again.
 *
 * Owner: the caller. Threads: one per struct mbox.
 */
#ifndef INGEST_MBOX_H
#define INGEST_MBOX_H

#include <glib.h>

enum mbox_step {
	MBOX_MAIL,    /* *ret_mail is the caller's */
	MBOX_MORE,    /* add more, or it has ended */
	MBOX_TOO_BIG, /* this mail is over max_mail_bytes and is passed over; go on asking */
};

struct mbox;

struct mbox *mbox_new(gsize max_mail_bytes);
void mbox_free(struct mbox *mbox);
typedef struct mbox mbox_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mbox_auto, mbox_free)

/* bytes must live until mbox_next() has answered MBOX_MORE. is_last also with len 0. */
void mbox_add(struct mbox *mbox, const guint8 *bytes, gsize len, gboolean is_last);

enum mbox_step mbox_next(struct mbox *mbox, GBytes **ret_mail);

#endif
