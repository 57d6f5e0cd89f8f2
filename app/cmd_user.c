/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "app/command.h"
#include "core/error.h"
#include "web/web.h"

#define PASSWORD_LEN_MIN 10
#define PASSWORD_LEN_MAX 1024
#define LINK_S           (15 * 60)

struct user_command {
	const char *verb;
	gboolean (*run)(struct store *store, const struct config *config, const char *name,
			GError **error);
};

/* One line from standard input; the terminal does not show it. */
static char *
read_password(GError **error)
{
	char line[PASSWORD_LEN_MAX + 2] = "";
	struct termios shown;
	gboolean is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;

	if (is_terminal) {
		struct termios hidden = shown;
		hidden.c_lflag &= (tcflag_t)~ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
		fputs("Password: ", stderr);
	}
	gboolean is_read = fgets(line, sizeof(line), stdin) != NULL;
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	line[strcspn(line, "\r\n")] = '\0';
	if (is_read && strlen(line) >= PASSWORD_LEN_MIN && strlen(line) <= PASSWORD_LEN_MAX)
		return g_strdup(line);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "a password has %d to %d characters; give it as one line on standard input",
		    PASSWORD_LEN_MIN, PASSWORD_LEN_MAX);
	return NULL;
}

static gboolean
set_password(struct store *store, const struct config *config, const char *name, GError **error)
{
	(void)config;
	g_autofree char *password = read_password(error);
	g_autofree char *hash = password ? web_password_hash(password, error) : NULL;

	return hash && store_edit_user(store, name, hash, error);
}

static gboolean
print_link(struct store *store, const struct config *config, const char *name, GError **error)
{
	g_autofree char *base = g_strdup_printf("http://%s", config->web_listen);
	g_autofree char *link = web_login_link(store, base, name, LINK_S, error);

	if (link)
		printf("log in once within 15 minutes: %s\n", link);
	return link != NULL;
}

static const struct user_command user_commands[] = {
	{ "password", set_password },
	{ "link", print_link },
};

static const struct user_command *
find_verb(const char *verb)
{
	for (gsize i = 0; i < G_N_ELEMENTS(user_commands); i++)
		if (g_str_equal(verb, user_commands[i].verb))
			return &user_commands[i];
	return NULL;
}

static gboolean
run_verb(const struct common_options *common, const struct user_command *verb, const char *name,
	 GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	g_autoptr(store_auto) store = config ? command_open_store(config, FALSE, error) : NULL;

	return store && verb->run(store, config, name, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_user, &common, NULL, &argc, &argv, &error))
		return command_fail_usage(&command_user, error);
	const struct user_command *verb = argc == 3 ? find_verb(argv[1]) : NULL;
	if (!verb) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "say `password NAME` (reads it from standard input) or "
				    "`link NAME`");
		return command_fail_usage(&command_user, error);
	}
	if (!run_verb(&common, verb, argv[2], &error))
		code = command_fail(&command_user, error);
	return code;
}

const struct command command_user = {
	.name = "user",
	.arguments = "password|link NAME",
	.summary = "Set a user's password, or print a link that logs in once.",
	.run = run,
};
