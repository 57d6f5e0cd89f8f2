/* SPDX-License-Identifier: MIT */
#include <sysexits.h>

#include "app/command.h"
#include "app/daemon.h"
#include "core/error.h"

struct serve_options {
	struct common_options *common;
	char *listen;
	char **maildirs;
	char *login_user;
	gboolean is_demo;
};

/* The command line wins over the file. */
static struct config *
load_config(gpointer data, GError **error)
{
	const struct serve_options *options = data;
	struct config *config = command_load_config(options->common, error);

	if (!config)
		return NULL;
	if (options->listen) {
		g_free(config->web_listen);
		config->web_listen = g_strdup(options->listen);
	}
	for (char **path = options->maildirs; path && *path; path++)
		config_add_maildir(config, *path);
	if (options->is_demo)
		config->allow_documentation_addresses = TRUE;
	return config;
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	struct serve_options options = { .common = &common };
	const GOptionEntry entries[] = {
		{ "listen", 0, 0, G_OPTION_ARG_STRING, &options.listen,
		  "Serve the dashboard on ADDRESS:PORT", "ADDRESS:PORT" },
		{ "maildir", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.maildirs,
		  "Watch the Maildir DIR (may be given again)", "DIR" },
		{ "login-link", 0, 0, G_OPTION_ARG_STRING, &options.login_user,
		  "Print a link that logs USER in once", "USER" },
		{ "demo", 0, 0, G_OPTION_ARG_NONE, &options.is_demo,
		  "Let documentation addresses onto the takedown list, and print a login link",
		  NULL },
		COMMAND_NO_SANDBOX(&common),
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_serve, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_serve, error);
	if (argc > 1) {
		g_set_error(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "unexpected \"%s\"",
			    argv[1]);
		return command_fail_usage(&command_serve, error);
	}
	g_autoptr(config_auto) config = load_config(&options, &error);
	const struct daemon_options daemon_options = {
		.config = config,
		.reload = load_config,
		.data = &options,
		.login_user = options.login_user ? options.login_user
			      : options.is_demo  ? "admin"
						 : NULL,
	};
	if (!config || !daemon_run(&daemon_options, &error))
		code = command_fail(&command_serve, error);
	g_free(options.listen);
	g_free(options.login_user);
	g_strfreev(options.maildirs);
	return code;
}

const struct command command_serve = {
	.name = "serve",
	.arguments = "",
	.summary = "Read mailboxes and serve the dashboard until told to stop.",
	.run = run,
};
