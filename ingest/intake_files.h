/* SPDX-License-Identifier: MIT */
/*
 * intake_files.h - mail and report files named on the command line, read once and left as they are.
 *
 * A path is a file (a mail, XML, gzip, zip), an mbox, a Maildir (its new/ and cur/ are read), any
 * other folder (read with all below it, in byte order), or "-" for standard input (one mail or
 * report, or an mbox).
 */
#ifndef INGEST_INTAKE_FILES_H
#define INGEST_INTAKE_FILES_H

#include <glib.h>

/*
 * Called for each mail or file. locator: "reports.mbox#12" or the path. at: Unix seconds.
 * Returns FALSE to stop the walk.
 */
typedef gboolean (*files_fn)(GBytes *bytes, const char *locator, gint64 at, gpointer data);

struct files_walk {
	files_fn each;
	gpointer data;
	gsize mail_bytes; /* limit max_mail_bytes: no more of a mail need be read */
	guint unreadable; /* files and folders that could not be read; each was logged */
};

/* FALSE and error where path itself cannot be read; trouble further below is counted and logged. */
gboolean files_walk(struct files_walk *walk, const char *path, GError **error);

#endif
