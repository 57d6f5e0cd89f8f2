/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "analysis/rule_words.h"
#include "app/command.h"
#include "core/error.h"
#include "web/rule_tree.h"

/* Rules that are read at a time. */
#define LIST_ROWS 100

/* What the command line says. */
struct rule_options {
	char *match; /* "cidr:198.51.100.0/24" */
	char *class;
	char *domain;
	char *note;
	char *expires;
	char *author;
	gint64 replace;
	gboolean want_all;
	gboolean want_json;
};

/* What a verb needs to know. */
struct rule_call {
	const struct rule_options *options;
	struct store *store;
	struct rule_draft draft;
	struct rule_change change;
	const char *author;
};

/* --- Showing --- */

static void
print_json(json_t *tree)
{
	json_dumpf(tree, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(tree);
}

static void
print_rule(const struct query_rule *rule)
{
	g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(rule->made_at);
	g_autofree char *made_day = g_date_time_format(made, "%Y-%m-%d");
	g_autofree char *until = g_strdup("-");
	gint64 until_at = rule->ended_at ? rule->ended_at : rule->expires_at;

	if (until_at) {
		g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(until_at);
		g_free(until);
		until = g_date_time_format(at, rule->ended_at ? "ended %Y-%m-%d" : "%Y-%m-%d");
	}
	printf("%" G_GINT64_FORMAT "\t%s:%s\t%s\t%s\t%" G_GINT64_FORMAT
	       " messages\t%s, %s\t%s\t%s\n",
	       rule->id, rule_kind_name(rule->kind), rule->match,
	       *rule->domain ? rule->domain : "-", rule_class_name(rule->class), rule->messages,
	       rule->author, made_day, until, rule->note);
}

static void
print_share(const struct query_rule_preview *preview, const struct rule_share *share)
{
	printf("%s%" G_GINT64_FORMAT " sources, %" G_GINT64_FORMAT " messages in 30 days\n",
	       preview->is_cut ? "at least " : "", share->sources, share->messages);
}

static void
print_preview(const struct query_rule_preview *preview)
{
	printf("touches ");
	print_share(preview, &preview->labelled);
	for (enum class from = CLASS_NONE; from < N_CLASSES; from++) {
		for (enum class to = CLASS_NONE; to < N_CLASSES; to++) {
			if (preview->moves[from][to].sources == 0)
				continue;
			printf("%s -> %s: ", class_name(from), class_name(to));
			print_share(preview, &preview->moves[from][to]);
		}
	}
	for (guint i = 0; i < preview->rivals->len; i++) {
		const struct rule_rival *rival =
			&g_array_index(preview->rivals, struct rule_rival, i);
		printf("outranked by #%" G_GINT64_FORMAT ": ", rival->id);
		print_share(preview, &rival->share);
	}
}

/* --- Verbs --- */

static gboolean
print_page(const struct rule_options *options, const struct query_page *page)
{
	for (guint i = 0; i < page->rows->len; i++) {
		const struct query_rule *rule = g_ptr_array_index(page->rows, i);
		if (options->want_json)
			print_json(rule_tree(rule));
		else
			print_rule(rule);
	}
	return page->next != NULL;
}

static gboolean
list_rules(const struct rule_call *call, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(call->store, error);
	g_autofree char *after = NULL;
	gboolean has_more = TRUE;

	while (view && has_more) {
		const struct rule_question question = {
			.want_ended = call->options->want_all,
			.after = after,
			.limit = LIST_ROWS,
		};
		g_autoptr(query_page_auto) page = query_rules(view, &question, error);
		if (!page)
			return FALSE;
		has_more = print_page(call->options, page);
		g_free(after);
		after = g_steal_pointer(&page->next);
	}
	return view != NULL;
}

static gboolean
preview_rule(const struct rule_call *call, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(call->store, error);
	g_auto(query_rule_preview_auto) preview = { 0 };

	if (!view || !query_rule_preview(view, &call->change, &preview, error))
		return FALSE;
	if (call->options->want_json)
		print_json(rule_tree_preview(&preview));
	else
		print_preview(&preview);
	return TRUE;
}

static gboolean
print_saved(const struct rule_call *call, gint64 id, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(call->store, error);
	g_autoptr(query_rule_auto) rule = view ? query_rule(view, id, error) : NULL;

	if (!rule)
		return FALSE;
	if (call->options->want_json)
		print_json(rule_tree(rule));
	else
		print_rule(rule);
	return TRUE;
}

static gboolean
add_rule(const struct rule_call *call, GError **error)
{
	gint64 id;

	return store_edit_rules(call->store, &call->change, call->author, &id, error) &&
	       print_saved(call, id, error);
}

static gboolean
end_rule(const struct rule_call *call, GError **error)
{
	return store_edit_rules(call->store, &call->change, call->author, NULL, error) &&
	       print_saved(call, call->change.ends, error);
}

static const struct rule_command {
	const char *verb;
	int n_operands;
	gboolean is_read_only;
	gboolean takes_draft;
	gboolean (*run)(const struct rule_call *call, GError **error);
} rule_commands[] = {
	{ "list", 0, TRUE, FALSE, list_rules },
	{ "add", 0, FALSE, TRUE, add_rule },
	{ "end", 1, FALSE, FALSE, end_rule },
	{ "preview", 0, TRUE, TRUE, preview_rule },
};

/* --- The command line --- */

static const struct rule_command *
find_verb(int argc, char **argv)
{
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(rule_commands); i++)
		if (g_str_equal(argv[1], rule_commands[i].verb) &&
		    argc == 2 + rule_commands[i].n_operands)
			return &rule_commands[i];
	return NULL;
}

static gboolean
read_draft(struct rule_call *call, GStringChunk *texts, GError **error)
{
	const struct rule_options *options = call->options;
	const char *colon = options->match ? strchr(options->match, ':') : NULL;

	if (!colon || !options->class) {
		g_autofree char *kinds = rule_words_kinds();
		g_autofree char *classes = rule_words_classes();
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "say --match KIND:TEXT (KIND is one of %s) and --class CLASS (one of "
			    "%s)",
			    kinds, classes);
		return FALSE;
	}
	g_autofree char *kind = g_strndup(options->match, (gsize)(colon - options->match));
	const struct rule_words words = {
		.kind = kind,
		.match = colon + 1,
		.class = options->class,
		.domain = options->domain,
		.expires = options->expires,
	};
	call->draft.note = options->note ? options->note : "";
	call->change = (struct rule_change){ options->replace, &call->draft, 1 };
	return rule_words_read(&call->draft.rule, &words, texts, error);
}

static gboolean
read_call(struct rule_call *call, const struct rule_command *verb, char **argv, GStringChunk *texts,
	  GError **error)
{
	call->author = call->options->author ? call->options->author : g_get_user_name();
	if (verb->takes_draft)
		return read_draft(call, texts, error);
	if (verb->n_operands == 0 ||
	    g_ascii_string_to_signed(argv[2], 10, 1, G_MAXINT64, &call->change.ends, NULL))
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "\"%s\" is no number of a rule",
		    argv[2]);
	return FALSE;
}

static gboolean
run_verb(const struct common_options *common, const struct rule_command *verb,
	 struct rule_call *call, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	g_autoptr(store_auto) store =
		config ? command_open_store(config, verb->is_read_only, error) : NULL;

	call->store = store;
	return store && verb->run(call, error);
}

static int
run_options(struct common_options *common, struct rule_options *options, int argc, char **argv)
{
	const GOptionEntry entries[] = {
		{ "match", 0, 0, G_OPTION_ARG_STRING, &options->match,
		  "What it matches, as cidr:198.51.100.0/24", "KIND:TEXT" },
		{ "class", 0, 0, G_OPTION_ARG_STRING, &options->class,
		  "mine, mine-fix, forwarder, ignore or spoof", "CLASS" },
		{ "domain", 0, 0, G_OPTION_ARG_STRING, &options->domain,
		  "The one domain that it speaks of (default: all)", "DOMAIN" },
		{ "note", 0, 0, G_OPTION_ARG_STRING, &options->note, "Why", "TEXT" },
		{ "expires", 0, 0, G_OPTION_ARG_STRING, &options->expires,
		  "The first UTC day without it (default: never)", "YYYY-MM-DD" },
		{ "author", 0, 0, G_OPTION_ARG_STRING, &options->author,
		  "Who says so (default: your login name)", "NAME" },
		{ "replace", 0, 0, G_OPTION_ARG_INT64, &options->replace,
		  "With add and preview: end this rule in the same go", "NUMBER" },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &options->want_all,
		  "With list: those that ended, too", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options->want_json,
		  "Print JSON, one object a line", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GStringChunk) texts = g_string_chunk_new(256);
	g_autoptr(GError) error = NULL;
	struct rule_call call = { .options = options };

	if (!command_parse_options(&command_rule, common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_rule, error);
	const struct rule_command *verb = find_verb(argc, argv);
	if (!verb)
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "say `list`, `add`, `preview`, or `end NUMBER`");
	if (!verb || !read_call(&call, verb, argv, texts, &error))
		return command_fail_usage(&command_rule, error);
	return run_verb(common, verb, &call, &error) ? EX_OK : command_fail(&command_rule, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	struct rule_options options = { 0 };
	int code = run_options(&common, &options, argc, argv);

	g_free(options.match);
	g_free(options.class);
	g_free(options.domain);
	g_free(options.note);
	g_free(options.expires);
	g_free(options.author);
	return code;
}

const struct command command_rule = {
	.name = "rule",
	.arguments = "list|add|preview|end NUMBER",
	.summary = "Say whose a sender is: list, try, add and end rules.",
	.run = run,
};
