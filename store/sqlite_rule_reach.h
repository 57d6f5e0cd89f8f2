/* SPDX-License-Identifier: MIT */
/*
 * sqlite_rule_reach.h - the addresses that a rule may speak of: at least those that it matches.
 */
#ifndef STORE_SQLITE_RULE_REACH_H
#define STORE_SQLITE_RULE_REACH_H

#include <glib.h>

#include "core/user_rule.h"
#include "store/sqlite_handle.h"

/* Mark them to be judged again (table unjudged). */
gboolean rule_reach_mark(struct db *db, const struct user_rule *rule, GError **error);

/* Append their ids (gint64) to ids, at most max; one may come twice. */
gboolean rule_reach_list(struct db *db, const struct user_rule *rule, guint max, GArray *ids,
			 GError **error);

/* The same for what the rule of this id labels now. */
gboolean rule_reach_mark_labelled(struct db *db, gint64 id, GError **error);
gboolean rule_reach_list_labelled(struct db *db, gint64 id, guint max, GArray *ids, GError **error);

#endif
