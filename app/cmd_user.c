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

/* What a verb needs to know. */
struct user_call {
	struct store *store;
	const struct config *config;
	const char *name;
	guint rights;
};

struct user_command {
	const char *verb;
	gboolean (*run)(const struct user_call *call, GError **error);
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
set_password(const struct user_call *call, GError **error)
{
	g_autofree char *password = read_password(error);
	g_autofree char *hash = password ? web_password_hash(password, error) : NULL;

	return hash && store_edit_user(call->store, call->name, hash, error);
}

static gboolean
set_rights(const struct user_call *call, GError **error)
{
	return store_edit_rights(call->store, call->name, call->rights, error);
}

static gboolean
add_user(const struct user_call *call, GError **error)
{
	return set_password(call, error) && set_rights(call, error);
}

static gboolean
print_link(const struct user_call *call, GError **error)
{
	g_autofree char *base = g_strdup_printf("http://%s", call->config->web_listen);
	g_autofree char *link = web_login_link(call->store, base, call->name, LINK_S, error);

	if (link)
		printf("log in once within 15 minutes: %s\n", link);
	return link != NULL;
}

static const struct user_command user_commands[] = {
	{ "add", add_user },
	{ "password", set_password },
	{ "rights", set_rights },
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
run_verb(const struct common_options *common, const struct user_command *verb,
	 struct user_call *call, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	g_autoptr(store_auto) store = config ? command_open_store(config, FALSE, error) : NULL;

	call->store = store;
	call->config = config;
	return store && verb->run(call, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	gboolean has_no_ruf_read = FALSE, has_no_upload = FALSE, has_no_operator = FALSE;
	const GOptionEntry entries[] = {
		{ "no-ruf-read", 0, 0, G_OPTION_ARG_NONE, &has_no_ruf_read,
		  "With add and rights: without the right to read failure samples and unreadable "
		  "mails",
		  NULL },
		{ "no-upload", 0, 0, G_OPTION_ARG_NONE, &has_no_upload,
		  "With add and rights: without the right to upload mails and report files", NULL },
		{ "no-operator", 0, 0, G_OPTION_ARG_NONE, &has_no_operator,
		  "With add and rights: without the right to add and end rules, approve reporters "
		  "and mute changes",
		  NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_user, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_user, error);
	const struct user_command *verb = argc == 3 ? find_verb(argv[1]) : NULL;
	if (!verb) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "say `add NAME` or `password NAME` (both read the password "
				    "from standard input), `rights NAME`, or `link NAME`");
		return command_fail_usage(&command_user, error);
	}
	struct user_call call = {
		.name = argv[2],
		.rights = RIGHTS_ALL & ~((has_no_ruf_read ? (guint)RIGHT_RUF_READ : 0) |
					 (has_no_upload ? (guint)RIGHT_UPLOAD : 0) |
					 (has_no_operator ? (guint)RIGHT_OPERATOR : 0)),
	};
	if (!run_verb(&common, verb, &call, &error))
		code = command_fail(&command_user, error);
	return code;
}

const struct command command_user = {
	.name = "user",
	.arguments = "add|password|rights|link NAME",
	.summary = "Add a user, set password or rights, or print a link that logs in once.",
	.run = run,
};
