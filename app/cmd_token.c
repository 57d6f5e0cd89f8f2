/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "core/error.h"
#include "store/query.h"
#include "web/web.h"

/* What a verb needs to know. */
struct token_call {
	struct store *store;
	const char *name;
	guint rights;
};

static gboolean
add_token(const struct token_call *call, GError **error)
{
	g_autofree char *token = web_token_make(call->store, call->name, call->rights, error);

	if (!token)
		return FALSE;
	fprintf(stderr, "the token of %s; it is not shown again:\n", call->name);
	puts(token);
	return TRUE;
}

static gboolean
revoke_token(const struct token_call *call, GError **error)
{
	return store_edit_token_revoke(call->store, call->name, error);
}

static gboolean
list_tokens(const struct token_call *call, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(call->store, error);
	g_autoptr(GPtrArray) tokens = view ? query_tokens(view, error) : NULL;

	for (guint i = 0; tokens && i < tokens->len; i++) {
		const struct query_token *token = g_ptr_array_index(tokens, i);
		g_autofree char *rights = rights_text(token->rights);
		g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(token->made_at);
		g_autofree char *day = g_date_time_format(made, "%Y-%m-%d");
		printf("%s\t%s\t%s\n", token->name, rights, day);
	}
	return tokens != NULL;
}

static const struct token_command {
	const char *verb;
	int n_operands;
	gboolean (*run)(const struct token_call *call, GError **error);
} token_commands[] = {
	{ "add", 1, add_token },
	{ "list", 0, list_tokens },
	{ "revoke", 1, revoke_token },
};

static const struct token_command *
find_verb(int argc, char **argv)
{
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(token_commands); i++)
		if (g_str_equal(argv[1], token_commands[i].verb) &&
		    argc == 2 + token_commands[i].n_operands)
			return &token_commands[i];
	return NULL;
}

static gboolean
read_rights(char **names, guint *ret_rights, GError **error)
{
	*ret_rights = names ? 0 : RIGHT_UPLOAD;
	for (char **name = names; name && *name; name++) {
		guint right;
		if (!right_find(*name, RIGHTS_TOKEN, &right, error))
			return FALSE;
		*ret_rights |= right;
	}
	return TRUE;
}

static gboolean
run_verb(const struct common_options *common, const struct token_command *verb,
	 struct token_call *call, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	g_autoptr(store_auto) store = config ? command_open_store(config, FALSE, error) : NULL;

	call->store = store;
	return store && verb->run(call, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	g_auto(GStrv) names = NULL;
	const GOptionEntry entries[] = {
		{ "right", 0, 0, G_OPTION_ARG_STRING_ARRAY, &names,
		  "With add: what the token may do, upload (the default), metrics or operator (may "
		  "be given again)",
		  "RIGHT" },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	struct token_call call = { 0 };

	if (!command_parse_options(&command_token, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_token, error);
	const struct token_command *verb = find_verb(argc, argv);
	if (!verb)
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "say `add NAME`, `list`, or `revoke NAME`");
	if (!verb || !read_rights(names, &call.rights, &error))
		return command_fail_usage(&command_token, error);
	call.name = verb->n_operands > 0 ? argv[2] : NULL;
	if (!run_verb(&common, verb, &call, &error))
		return command_fail(&command_token, error);
	return EX_OK;
}

const struct command command_token = {
	.name = "token",
	.arguments = "add NAME|list|revoke NAME",
	.summary = "Make, list and revoke the tokens of programs.",
	.run = run,
};
