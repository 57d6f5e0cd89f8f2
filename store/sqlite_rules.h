/* SPDX-License-Identifier: MIT */
/*
 * sqlite_rules.h - the rules of users that are in force, and what they may match of a source.
 */
#ifndef STORE_SQLITE_RULES_H
#define STORE_SQLITE_RULES_H

#include <glib.h>

#include "core/user_rule.h"
#include "store/sqlite_source_row.h"

struct contexts;
struct rules;

struct rules *rules_read(struct db *db, GError **error);
void rules_free(struct rules *rules);
const struct user_rule *rules_list(const struct rules *rules);
gsize rules_count(const struct rules *rules);

/* Others than those in force: none to begin with, one more (copied), all but that of an id. */
struct rules *rules_new(void);
void rules_add(struct rules *rules, const struct user_rule *rule);
void rules_drop(struct rules *rules, gint64 id);
typedef struct rules rules_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(rules_auto, rules_free)

/* Fill subject for a source. It lives as long as the answer and the context. */
struct rules_subject;
struct rules_subject *rules_subject_new(struct contexts *contexts, guint32 address,
					const struct source_row *row, struct rule_subject *subject,
					GError **error);
void rules_subject_free(struct rules_subject *subject);
typedef struct rules_subject rules_subject_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(rules_subject_auto, rules_subject_free)

/* End the rules that expired at now and mark what they labelled, to be judged again. */
gboolean rules_expire(struct db *db, gint64 now, GError **error);

#endif
