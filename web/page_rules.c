/* SPDX-License-Identifier: MIT */
/*
 * The rules of users: what is in force and what it hits, a form for a new one, and what a change
 * would do before it is saved. Every change comes through here, wherever its form stands.
 */
#include "analysis/user_rule.h"
#include "core/error.h"
#include "web/exchange.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/pages.h"
#include "web/rule_request.h"
#include "web/rule_tree.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define DAY_S 86400

/* --- The list --- */

static char *class_word(enum rule_class class)
{
	g_autofree char *key = g_strconcat("rules.class_", rule_class_name(class), NULL);

	return g_strdup(words_get(key));
}

static json_t *
make_row(const struct query_rule *rule)
{
	json_t *row = rule_tree(rule);
	gint64 end = rule->ended_at ? rule->ended_at : rule->expires_at;

	tree_long(row, rule->match);
	tree_take(row, "_class", class_word(rule->class));
	tree_take(row, "_made", figures_day(rule->made_at / DAY_S));
	if (end)
		tree_take(row, "_end", figures_day(end / DAY_S));
	tree_flag(row, "_has_ended", rule->ended_at != 0);
	tree_take(row, "_address", g_strdup_printf("/rules?ends=%" G_GINT64_FORMAT, rule->id));
	return row;
}

static gboolean
fill_list(struct page *page, GError **error)
{
	const struct rule_question question = {
		.want_ended = request_param(page->request, "ended") != NULL,
		.after = request_param(page->request, "after"),
		.limit = page->limit,
	};
	json_t *data;
	g_autoptr(query_page_auto) rules = query_rules(page->view, &question, error);

	if (!rules)
		return FALSE;
	data = json_array();
	for (guint i = 0; i < rules->rows->len; i++)
		json_array_append_new(data, make_row(g_ptr_array_index(rules->rows, i)));
	page_add_list(page, data, rules->next);
	tree_flag(page->root, "_shows_ended", question.want_ended);
	return TRUE;
}

/* --- The form --- */

/* What the fields of the form begin with. */
struct form {
	const char *kind;
	const char *match;
	const char *domain;
	const char *class;
	const char *note;
	const char *expires;
	const char *ends;
};

static void
add_choice(json_t *list, const char *prefix, const char *value, const char *chosen)
{
	g_autofree char *key = g_strconcat(prefix, value, NULL);
	json_t *choice = json_object();

	tree_text(choice, "value", value);
	tree_text(choice, "label", words_get(key));
	tree_flag(choice, "is_selected", g_strcmp0(value, chosen) == 0);
	json_array_append_new(list, choice);
}

static void
fill_form(struct page *page, const struct form *values)
{
	json_t *form = json_object();
	json_t *kinds = json_array();
	json_t *classes = json_array();

	for (enum rule_kind kind = RULE_KIND_IP; kind < N_RULE_KINDS; kind++)
		add_choice(kinds, "rules.kind_", rule_kind_name(kind), values->kind);
	for (enum rule_class class = RULE_CLASS_MINE; class < N_RULE_CLASSES; class ++)
		add_choice(classes, "rules.class_", rule_class_name(class), values->class);
	json_object_set_new(form, "kinds", kinds);
	json_object_set_new(form, "classes", classes);
	tree_text(form, "match", values->match);
	tree_text(form, "domain", values->domain);
	tree_text(form, "note", values->note);
	tree_text(form, "expires", values->expires);
	tree_text(form, "ends", values->ends);
	json_object_set_new(page->root, "_form", form);
}

static struct form
form_of(const struct request *request,
	const char *(*value)(const struct request *request, const char *name))
{
	return (struct form){
		.kind = value(request, "kind"),
		.match = value(request, "match"),
		.domain = value(request, "domain"),
		.class = value(request, "class"),
		.note = value(request, "note"),
		.expires = value(request, "expires"),
		.ends = value(request, "ends"),
	};
}

/* The form of a rule that is to be changed holds what it says now. */
static gboolean
fill_form_of_rule(struct page *page, const char *number, GError **error)
{
	g_autoptr(GError) question_error = NULL;
	gint64 id;

	if (!g_ascii_string_to_signed(number, 10, 1, G_MAXINT64, &id, NULL)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    words_get("rules.no_number"));
		return FALSE;
	}
	g_autoptr(query_rule_auto) rule = query_rule(page->view, id, &question_error);
	if (question_error) {
		g_propagate_error(error, g_steal_pointer(&question_error));
		return FALSE;
	}
	if (!rule || rule->ended_at)
		return page_absent(page, words_get("rules.absent"));
	g_autoptr(GDateTime) end = g_date_time_new_from_unix_utc(rule->expires_at);
	g_autofree char *expires = rule->expires_at ? g_date_time_format(end, "%Y-%m-%d") : NULL;
	fill_form(page,
		  &(struct form){ rule_kind_name(rule->kind), rule->match, rule->domain,
				  rule_class_name(rule->class), rule->note, expires, number });
	return TRUE;
}

/* --- The preview --- */

static void
add_line(json_t *lines, char *text)
{
	json_array_append_new(lines, json_string(text));
	g_free(text);
}

static char *
say_share(const char *key, const struct rule_share *share, struct word a, struct word b)
{
	g_autofree char *sources = say_text("count.sources", word_count("n", share->sources));
	g_autofree char *messages = say_text("count.messages", word_count("n", share->messages));

	return say_text(key, word_text("sources", sources), word_text("messages", messages), a, b);
}

static void
add_moves(json_t *lines, const struct query_rule_preview *preview)
{
	for (enum class from = CLASS_NONE; from < N_CLASSES; from++) {
		for (enum class to = CLASS_NONE; to < N_CLASSES; to++) {
			const struct rule_share *share = &preview->moves[from][to];
			if (share->sources == 0)
				continue;
			add_line(lines, say_share(from == to ? "rules.stays" : "rules.moves", share,
						  word_text("from", tree_class_name(from)),
						  word_text("to", tree_class_name(to))));
		}
	}
}

/* What is going to be said: that a rule ends, and the new ones. */
static json_t *
say_change(const struct rule_change *change)
{
	json_t *said = json_array();
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, change->ends);

	if (change->ends != 0)
		add_line(said, say_text("rules.ends", word_text("rule", number)));
	for (guint i = 0; i < change->n_adds; i++) {
		const struct user_rule *rule = &change->adds[i].rule;
		g_autofree char *class = class_word(rule->class);
		add_line(said,
			 say_text("rules.says", word_text("kind", rule_kind_name(rule->kind)),
				  word_text("match", rule->text),
				  word_text("domain", *rule->domain ? rule->domain
								    : words_get("rules.every")),
				  word_text("class", class)));
	}
	return said;
}

static void
fill_preview(struct page *page, const struct rule_change *change,
	     const struct query_rule_preview *preview)
{
	json_t *lines = json_array();
	json_t *shown = json_object();

	add_moves(lines, preview);
	for (guint i = 0; i < preview->rivals->len; i++) {
		const struct rule_rival *rival =
			&g_array_index(preview->rivals, struct rule_rival, i);
		g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, rival->id);
		add_line(lines, say_share("rules.outranked", &rival->share,
					  word_text("rule", number), word_text("", "")));
	}
	if (json_array_size(lines) == 0)
		add_line(lines, g_strdup(words_get("rules.matches_nothing")));
	if (preview->is_cut)
		add_line(lines,
			 say_text("rules.at_least", word_count("n", RULE_PREVIEW_ADDRESSES_MAX)));
	json_object_set_new(shown, "said", say_change(change));
	json_object_set_new(shown, "lines", lines);
	json_object_set_new(shown, "fields", rule_request_fields(page->request));
	json_object_set_new(page->root, "_preview", shown);
}

/* --- The page --- */

static void
begin(struct page *page)
{
	page_begin(page, words_get("rules.title"));
	exchange_of(page)->template = "rules";
}

static gboolean
get(struct page *page, GError **error)
{
	const char *ends = request_param(page->request, "ends");

	begin(page);
	if (!fill_list(page, error))
		return FALSE;
	if (page->face != PAGE_HTML)
		return TRUE;
	if (ends)
		return fill_form_of_rule(page, ends, error);
	const struct form form = form_of(page->request, request_param);
	fill_form(page, &form);
	return TRUE;
}

/* A form that cannot be read comes back with what is wrong; a program gets the error. */
static gboolean
show_again(struct page *page, GError *problem, GError **error)
{
	if (page->face != PAGE_HTML ||
	    (!g_error_matches(problem, DMARCD_ERROR, DMARCD_ERROR_INVALID) &&
	     !g_error_matches(problem, DMARCD_ERROR, DMARCD_ERROR_LIMIT))) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	const struct form form = form_of(page->request, request_field);
	begin(page);
	page->status = 400;
	tree_text(page->root, "_problem", problem->message);
	g_error_free(problem);
	fill_form(page, &form);
	return fill_list(page, error);
}

static gboolean
preview(struct page *page, GError **error)
{
	g_auto(rule_request_auto) rule = { 0 };
	g_auto(query_rule_preview_auto) found = { 0 };
	GError *problem = NULL;

	if (!rule_request_read(&rule, page->request, &problem) ||
	    !query_rule_preview(page->view, &rule.change, &found, &problem))
		return show_again(page, problem, error);
	if (page->face != PAGE_HTML) {
		page->root = rule_tree_preview(&found);
		return TRUE;
	}
	const struct form form = form_of(page->request, request_field);
	begin(page);
	fill_preview(page, &rule.change, &found);
	fill_form(page, &form);
	return fill_list(page, error);
}

/* What was saved, as the list has it. */
static gboolean
show_saved(struct page *page, const struct rule_change *change, gint64 first_id, GError **error)
{
	json_t *data = json_array();

	json_object_set_new(page->root, "data", data);
	for (guint i = 0; i < change->n_adds; i++) {
		g_autoptr(query_rule_auto) rule = query_rule(page->view, first_id + i, error);
		if (!rule)
			return FALSE;
		json_array_append_new(data, rule_tree(rule));
	}
	return TRUE;
}

static gboolean
post(struct page *page, GError **error)
{
	const struct exchange *x = exchange_of(page);
	g_autofree char *author =
		x->program ? g_strconcat("token ", x->program, NULL) : g_strdup(page->user);
	g_auto(rule_request_auto) rule = { 0 };
	GError *problem = NULL;
	gint64 id = 0;

	if (!rule_request_read(&rule, page->request, &problem) ||
	    !store_edit_rules(page->context->store, &rule.change, author, &id, &problem))
		return show_again(page, problem, error);
	if (page->face != PAGE_HTML)
		return show_saved(page, &rule.change, id, error);
	const char *next = request_field(page->request, "next");
	page->location = g_strdup(next ? request_local_path(next) : "/rules");
	return TRUE;
}

static const char *const columns[] = {
	"id",   "kind",    "match", "domain",   "class",   "note",     "author",
	"made", "expires", "ended", "ended_by", "sources", "messages", NULL,
};

const struct page_route page_rules = {
	.path = "/rules",
	.menu = "rules",
	.template = "rules",
	.get = get,
	.post = post,
	.csv = columns,
	.file_name = "rules",
	.post_right = RIGHT_OPERATOR,
};

const struct page_route page_rule_try = {
	.path = "/rules/preview",
	.menu = "rules",
	.template = "rules",
	.post = preview,
	.post_right = RIGHT_OPERATOR,
};
