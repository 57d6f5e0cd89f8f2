/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "core/error.h"

static void
print_value(const struct config_option *option)
{
	switch (option->type) {
	case CONFIG_TEXT:
		printf("%s = \"%s\"\n", option->name, option->fallback);
		break;
	case CONFIG_BOOL:
	case CONFIG_NUMBER:
		printf("%s = %s\n", option->name, option->fallback);
		break;
	case CONFIG_LIST:
	case CONFIG_LOWER_LIST:
		printf("%s = {}\n", option->name);
		break;
	default:
		g_assert_not_reached();
	}
}

/* A whole file, as one would write it; intakes have no default, so theirs is commented out. */
static void
print_defaults(void)
{
	const char *block = "";

	for (gsize i = 0; i < n_config_options; i++) {
		const struct config_option *option = &config_options[i];
		gboolean is_intake = g_str_equal(option->block, "intake");
		if (!g_str_equal(option->block, block)) {
			if (*block)
				puts("}");
			block = option->block;
			printf(is_intake ? "# %s \"NAME\" {\n" : "%s {\n", block);
		}
		const char *indent = *block ? "\t" : "";
		printf("%s# %s\n%s%s", indent, option->sentence, is_intake ? "#" : "", indent);
		print_value(option);
	}
	puts("# }");
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	gboolean want_defaults = FALSE;
	gboolean want_check = FALSE;
	const GOptionEntry entries[] = {
		{ "defaults", 0, 0, G_OPTION_ARG_NONE, &want_defaults,
		  "Print every option with its default", NULL },
		{ "check", 0, 0, G_OPTION_ARG_NONE, &want_check, "Check the file given by -c",
		  NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse_options(&command_config, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_config, error);
	if (want_defaults == want_check) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "give --check or --defaults");
		return command_fail_usage(&command_config, error);
	}
	if (want_defaults) {
		print_defaults();
		return EX_OK;
	}
	g_autoptr(config_auto) config = command_load_config(&common, &error);
	if (!config)
		return command_fail(&command_config, error);
	printf("configuration is valid: store %s, web %s, %u intakes\n", config->store_url,
	       config->web_listen, config->intakes->len);
	return EX_OK;
}

const struct command command_config = {
	.name = "config",
	.arguments = "",
	.summary = "Check the configuration, or print the defaults.",
	.run = run,
};
