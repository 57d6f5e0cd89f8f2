/* SPDX-License-Identifier: MIT */
/*
 * back_off.h - how long to wait before a server is tried again: twice as long each time, up to five
 * minutes, and never all at the same moment.
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef INGEST_BACK_OFF_H
#define INGEST_BACK_OFF_H

#include <glib.h>

#define BACK_OFF_MAX_S 300

struct back_off {
	guint seconds; /* of the last pause, 0 = none yet */
};

/* It works again. */
void back_off_reset(struct back_off *back_off);

/*
 * The next pause; *ret_ms is what to wait, within a quarter of it. A refusal (DENIED) does not get
 * better by asking, and some servers lock the account: the longest pause at once.
 */
guint back_off_next(struct back_off *back_off, const GError *error, gint64 *ret_ms);

#endif
