/* SPDX-License-Identifier: MIT */
/*
 * upload.h - the mails and report files of one request: collected, handed in, waited for.
 *
 * A desk bounds all uploads together: UPLOAD_MAX_AT_ONCE requests, so many bytes. What is over the
 * bound is refused with AGAIN while it arrives. An upload is collected file by file, then handed
 * in; each file goes the way of every mail, and wake is called once, when all are stored or when
 * UPLOAD_WAIT_S have passed. What is not known then counts as RETRY: it may still be stored, and
 * sent again it is a duplicate.
 *
 * Threads: an upload is collected by one thread. wake and the outcomes come from others; once the
 * upload is over nothing of it changes. Bytes count until their file has its outcome.
 */
#ifndef WEB_UPLOAD_H
#define WEB_UPLOAD_H

#include <glib.h>

#include "core/message.h"
#include "web/page.h"

#define UPLOAD_MAX_AT_ONCE 64
#define UPLOAD_MAX_FILES   100                 /* max_upload_files: of one request */
#define UPLOAD_BYTES       (128 * 1024 * 1024) /* of all requests, or one of max_mail_bytes */
#define UPLOAD_WAIT_S      20
#define UPLOAD_AGAIN_S     "10" /* Retry-After */

struct upload_desk;
struct upload;

/* mail_bytes: max_mail_bytes, for one upload as a whole. */
struct upload_desk *upload_desk_new(gsize mail_bytes);
gsize upload_desk_mail_bytes(const struct upload_desk *desk);

/* Give up what has waited too long; to be called every second. */
void upload_desk_tick(struct upload_desk *desk);

/* From now on nothing waits for more than seconds from now, whenever it was handed in. */
void upload_desk_close(struct upload_desk *desk, gint64 seconds);

/* Uploads that live on keep what they need of it. */
void upload_desk_free(struct upload_desk *desk);

/*
 * len: how long the body says it is, 0 = unknown; slack: what of it may stand around the files.
 * NULL with AGAIN (no room now) or LIMIT (max_mail_bytes).
 */
struct upload *upload_new(struct upload_desk *desk, guint64 len, gsize slack, GError **error);

/* The owner lets go; files that are on their way keep what they need. NULL is fine. */
void upload_free(struct upload *upload);

/* Begin a file of this name, which is outside text; then append to it. LIMIT, AGAIN. */
gboolean upload_begin_file(struct upload *upload, const char *name, GError **error);
gboolean upload_append(struct upload *upload, const char *bytes, gsize len, GError **error);

/* Count len bytes of the body: LIMIT over max_mail_bytes and slack. */
gboolean upload_count(struct upload *upload, gsize len, GError **error);
gsize upload_n_bytes(const struct upload *upload);

/* Hand in all files, in the name of who. wake may be called before this returns. */
typedef void (*upload_wake_fn)(gpointer data);
void upload_submit(struct upload *upload, const struct web_hooks *hooks, const char *who,
		   upload_wake_fn wake, gpointer data);

gboolean upload_is_over(struct upload *upload);

/* What became of a file; of an upload that is over. */
struct upload_file {
	char *name;
	enum outcome outcome;
	char *reason;
	gint64 arrival; /* its number in the store's ledger, 0 = not stored */
};
guint upload_n_files(const struct upload *upload);
const struct upload_file *upload_file(const struct upload *upload, guint i);

#endif
