/* SPDX-License-Identifier: MIT */
/*
 * rule_tree.h - users' rules and previews of them as JSON, for pages, programs and the command
 * line.
 */
#ifndef WEB_RULE_TREE_H
#define WEB_RULE_TREE_H

#include <jansson.h>

#include "store/rules.h"

/*
 * id kind match domain (null = all) class note author made expires (the first day without it, null
 * = never) ended (null = in force) ended_by (null = nobody: it expired) sources messages. New
 * reference.
 */
json_t *rule_tree(const struct query_rule *rule);

/*
 * sources messages is_at_least, moves: from to sources messages; rivals: rule sources messages.
 * New reference.
 */
json_t *rule_tree_preview(const struct query_rule_preview *preview);

#endif
