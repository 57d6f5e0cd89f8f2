/* SPDX-License-Identifier: MIT */
/*
 * sqlite_people.h - users, sessions and login links, as edits of the writer.
 */
#ifndef STORE_SQLITE_PEOPLE_H
#define STORE_SQLITE_PEOPLE_H

#include <glib.h>

#include "store/sqlite_handle.h"

/* data of each edit below. */
struct people_edit {
	const char *key; /* user name, or digest of a token */
	const char *value;
	guint rights;
	gint64 expires_at;
	gint64 now;
	char *found; /* filled by people_use_login_link(); NULL: no such link */
};

gboolean people_set_user(struct db *db, gpointer data, GError **error);
gboolean people_set_rights(struct db *db, gpointer data, GError **error);
gboolean people_set_session(struct db *db, gpointer data, GError **error);
gboolean people_end_session(struct db *db, gpointer data, GError **error);
gboolean people_set_login_link(struct db *db, gpointer data, GError **error);
gboolean people_use_login_link(struct db *db, gpointer data, GError **error);

#endif
