/* SPDX-License-Identifier: MIT */
#include "app/command.h"

#include <stdio.h>
#include <sysexits.h>

#include "app/judging.h"
#include "core/error.h"

gboolean
command_parse_options(const struct command *command, struct common_options *common,
		      const GOptionEntry *entries, int *argc, char ***argv, GError **error)
{
	const GOptionEntry common_entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &common->config_file,
		  "Read the configuration from FILE", "FILE" },
		{ "store", 0, 0, G_OPTION_ARG_STRING, &common->store_url,
		  "Keep reports at URL (sqlite:PATH)", "URL" },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);
	g_autoptr(GError) cause = NULL;
	g_autofree char *name = g_strconcat("dmarcd ", command->name, NULL);

	g_set_prgname(name);
	g_option_context_set_summary(context, command->summary);
	g_option_context_add_main_entries(context, common_entries, NULL);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	if (g_option_context_parse(context, argc, argv, &cause))
		return TRUE;
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, cause->message);
	return FALSE;
}

struct config *
command_load_config(const struct common_options *common, GError **error)
{
	struct config *config = config_load(common->config_file, error);

	if (config && common->store_url) {
		g_free(config->store_url);
		config->store_url = g_strdup(common->store_url);
	}
	if (config && common->is_unsealed)
		config->reading.is_sealed = FALSE;
	return config;
}

struct store *
command_open_store(const struct config *config, gboolean is_read_only, GError **error)
{
	g_autoptr(GError) cause = NULL;
	struct enrichment *enrichment = enrichment_load(config, &cause);

	/* Who only reads can do without a file that is broken; doctor tells of it. */
	if (!enrichment && !is_read_only) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	const struct judging_options judging = {
		.weights = config->weights,
		.parked = config->parked_domains,
		.enrichment = enrichment ? enrichment : enrichment_new_builtin(),
	};
	const struct store_options options = {
		.judge = judging_new(&judging),
		.is_read_only = is_read_only,
	};

	return store_open(config->store_url, &options, error);
}

int
command_fail(const struct command *command, const GError *error)
{
	fprintf(stderr, "dmarcd %s: %s\n", command->name, error->message);
	return dmarcd_error_exit_code(error);
}

int
command_fail_usage(const struct command *command, const GError *error)
{
	fprintf(stderr, "dmarcd %s: %s; see `dmarcd %s --help`\n", command->name, error->message,
		command->name);
	return EX_USAGE;
}

void
common_options_clear(struct common_options *common)
{
	g_clear_pointer(&common->config_file, g_free);
	g_clear_pointer(&common->store_url, g_free);
}
