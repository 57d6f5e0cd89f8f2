/* SPDX-License-Identifier: MIT */
/*
 * intake.h - a place mail comes from. One file and one row of intake_types each.
 *
 * An intake runs in a thread of its own. It pushes each mail into the pipeline, which blocks while
 * it is full, and hears of the outcome in that same thread, so that its connection or directory is
 * never shared. It acknowledges a mail (moves, flags) only on an outcome other than RETRY.
 */
#ifndef INGEST_INTAKE_H
#define INGEST_INTAKE_H

#include <gio/gio.h>
#include <glib.h>

#include "ingest/pipeline.h"
#include "store/store.h"

/*
 * What the configuration says of one intake; fields that a type does not use are "" or NULL.
 * Counted, and not changed once it was read.
 */
struct intake_config {
	char *name;
	char *type;
	char *path;
	char *move_to;
	char *listen;
	GStrv recipients; /* patterns, lower case */
	gsize mail_bytes; /* max_mail_bytes of the limits */
	char *url;
	char *user;
	char *password_file;
	char *oauth_token_command;
	char *oauth_provider;
	char *oauth_client_id;
	char *oauth_client_secret_file;
	char *oauth_tenant;
	char *oauth_grant;
	char *oauth_token_file;
	char *oauth_token_url;
	char *oauth_device_url;
	char *oauth_authorize_url;
	char *oauth_scope;
	char *ca_file;
	char *tls;
	GStrv folders;
	char *after;
	char *failed_to;
	gint64 poll_seconds;
};
struct intake_config *intake_config_new(const char *name);
struct intake_config *intake_config_ref(struct intake_config *config);
void intake_config_unref(struct intake_config *config);

struct intake_context {
	struct store *store;
	struct pipeline *pipeline;
	GCancellable *cancel; /* cancelled = return from run() soon */
	gsize mail_bytes;     /* limit max_mail_bytes: no more of a mail need be read */
};

/* What works, or what does not and how to mend it: one line of `dmarcd doctor`. */
typedef void (*intake_tell_fn)(gpointer data, const char *what, gboolean is_well, const char *text);

struct intake_type {
	const char *name;
	/* A mailbox: of all dmarcd with the same store one at a time reads it. Opening takes
	 * nothing. */
	gboolean is_mailbox;
	/* Check and open, without any conversation; config outlives the intake. DENIED, INVALID. */
	gpointer (*open)(const struct intake_config *config, GError **error);
	/* Watch until cancelled. FALSE and error where it cannot go on. */
	gboolean (*run)(gpointer intake, const struct intake_context *context, GError **error);
	void (*close)(gpointer intake);
	/* Look at it as run() would, and change nothing. Takes as long as connecting does. */
	void (*examine)(const struct intake_config *config, intake_tell_fn tell, gpointer data);
	/* Where mail is taken from, for people: a path, an address. Owner: the intake. */
	const char *(*where)(gpointer intake);
};

void maildir_examine(const struct intake_config *config, intake_tell_fn tell, gpointer data);
void imap_examine(const struct intake_config *config, intake_tell_fn tell, gpointer data);

extern const struct intake_type intake_lmtp;
extern const struct intake_type intake_maildir;
extern const struct intake_type intake_imap;

/* NULL and INVALID where the type is unknown; the error lists the known ones. */
const struct intake_type *intake_type_find(const char *name, GError **error);

#endif
