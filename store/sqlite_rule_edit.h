/* SPDX-License-Identifier: MIT */
/*
 * sqlite_rule_edit.h - changes of users' rules, as an edit of the writer, see store/rules.h.
 */
#ifndef STORE_SQLITE_RULE_EDIT_H
#define STORE_SQLITE_RULE_EDIT_H

#include <glib.h>

#include "store/rules.h"
#include "store/sqlite_handle.h"

/* data of rule_edit_apply(). */
struct rule_edit {
	const struct rule_change *change;
	const char *author;
	gint64 now;
	gint64 first_id; /* filled: of what was added */
};
gboolean rule_edit_apply(struct db *db, gpointer data, GError **error);

/* Does every draft make sense at now, and is what ends in force? INVALID, LIMIT. */
gboolean rule_edit_check(struct db *db, const struct rule_change *change, gint64 now,
			 GError **error);

#endif
