/* SPDX-License-Identifier: MIT */
#include "web/rule_tree.h"

#include "analysis/user_rule.h"
#include "web/tree.h"

#define DAY_S 86400

json_t *
rule_tree(const struct query_rule *rule)
{
	json_t *row = json_object();

	tree_count(row, "id", rule->id);
	tree_text(row, "kind", rule_kind_name(rule->kind));
	tree_text(row, "match", rule->match);
	tree_text(row, "domain", rule->domain);
	tree_text(row, "class", rule_class_name(rule->class));
	tree_text(row, "note", rule->note);
	tree_text(row, "author", rule->author);
	tree_instant(row, "made", rule->made_at);
	json_object_set_new(row, "expires", json_null());
	if (rule->expires_at != 0)
		tree_day(row, "expires", rule->expires_at / DAY_S);
	tree_instant(row, "ended", rule->ended_at);
	tree_text(row, "ended_by", rule->ended_by);
	tree_count(row, "sources", rule->sources);
	tree_count(row, "messages", rule->messages);
	return row;
}

static void
add_share(json_t *row, const struct rule_share *share)
{
	tree_count(row, "sources", share->sources);
	tree_count(row, "messages", share->messages);
}

static json_t *
moves_of(const struct query_rule_preview *preview)
{
	json_t *list = json_array();

	for (enum class from = CLASS_NONE; from < N_CLASSES; from++) {
		for (enum class to = CLASS_NONE; to < N_CLASSES; to++) {
			if (preview->moves[from][to].sources == 0)
				continue;
			json_t *row = json_object();
			tree_text(row, "from", class_name(from));
			tree_text(row, "to", class_name(to));
			add_share(row, &preview->moves[from][to]);
			json_array_append_new(list, row);
		}
	}
	return list;
}

json_t *
rule_tree_preview(const struct query_rule_preview *preview)
{
	json_t *tree = json_object();
	json_t *rivals = json_array();

	add_share(tree, &preview->labelled);
	tree_flag(tree, "is_at_least", preview->is_cut);
	json_object_set_new(tree, "moves", moves_of(preview));
	for (guint i = 0; i < preview->rivals->len; i++) {
		const struct rule_rival *rival =
			&g_array_index(preview->rivals, struct rule_rival, i);
		json_t *row = json_object();
		tree_count(row, "rule", rival->id);
		add_share(row, &rival->share);
		json_array_append_new(rivals, row);
	}
	json_object_set_new(tree, "rivals", rivals);
	return tree;
}
