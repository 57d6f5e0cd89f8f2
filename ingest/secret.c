/* SPDX-License-Identifier: MIT */
#include "ingest/secret.h"

#include "core/child.h"
#include "core/error.h"
#include "ingest/file.h"

static char *
first_line(const char *bytes, gsize len)
{
	const char *end = memchr(bytes, '\n', len);
	char *line = g_strndup(bytes, end ? (gsize)(end - bytes) : len);

	return g_strchomp(line);
}

static char *
read_file(const char *path, GError **error)
{
	gsize len;
	g_autoptr(GBytes) bytes = file_read(path, SECRET_LEN_MAX, error);

	if (!bytes) {
		g_prefix_error(error, "password: ");
		return NULL;
	}
	const char *data = g_bytes_get_data(bytes, &len);
	char *line = data ? first_line(data, len) : g_strdup("");
	if (*line)
		return line;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "password: the first line of %s is empty", path);
	g_free(line);
	return NULL;
}

/* --- A command --- */

static void
wipe(char *bytes, gsize len)
{
	explicit_bzero(bytes, len);
}

static struct child *
start(const char *command, GError **error)
{
	g_auto(GStrv) argv = NULL;
	g_autoptr(GError) reason = NULL;

	if (!g_shell_parse_argv(command, NULL, &argv, &reason)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, reason->message);
		return NULL;
	}
	g_autofree char *program = g_find_program_in_path(argv[0]);
	if (!program) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "there is no program %s",
			    argv[0]);
		return NULL;
	}
	const struct child_options options = { program, (const char *const *)argv };
	return child_start(&options, error);
}

/* All that it prints, if it ends well within the time. */
static gboolean
read_output(struct child *child, guint timeout_s, GString *output, GError **error)
{
	guint8 buffer[4096];
	gssize len;

	child_begin(child, timeout_s, 0);
	while (output->len <= SECRET_LEN_MAX &&
	       (len = child_read(child, buffer, sizeof(buffer), NULL)) > 0)
		g_string_append_len(output, (const char *)buffer, len);
	wipe((char *)buffer, sizeof(buffer));
	if (!child_has_ended(child)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "it took more than %u seconds, or printed more than %d bytes",
			    timeout_s, SECRET_LEN_MAX);
		return FALSE;
	}
	if (child_dismiss(child, 1) && child_exit_code(child) == 0)
		return TRUE;
	g_autofree char *how = child_end(child);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "it %s", how);
	return FALSE;
}

char *
secret_from_command(const char *command, guint timeout_s, GError **error)
{
	g_autoptr(child_auto) child = start(command, error);
	g_autoptr(GString) output = g_string_sized_new(SECRET_LEN_MAX + 4096);
	char *line = NULL;

	if (child && read_output(child, timeout_s, output, error)) {
		line = first_line(output->str, output->len);
		if (!*line) {
			g_clear_pointer(&line, g_free);
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "it printed no token");
		}
	}
	wipe(output->str, output->len);
	if (!line)
		g_prefix_error(error, "oauth_token_command: ");
	return line;
}

/* --- A password --- */

static char *
from_credentials(const struct intake_config *config, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *name = g_strdup_printf("imap.%s", config->name);

	if (!folder || strchr(name, '/'))
		return NULL;
	g_autofree char *path = g_build_filename(folder, name, NULL);
	return g_file_test(path, G_FILE_TEST_EXISTS) ? read_file(path, error) : NULL;
}

static char *
variable_name(const char *intake)
{
	GString *name = g_string_new("DMARCD_PASSWORD_");

	for (; *intake; intake++)
		g_string_append_c(name,
				  g_ascii_isalnum(*intake) ? (char)g_ascii_toupper(*intake) : '_');
	return g_string_free(name, FALSE);
}

char *
secret_read(const struct intake_config *config, gboolean *ret_is_token, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *variable = variable_name(config->name);

	*ret_is_token = *config->oauth_token_command != '\0';
	if (*ret_is_token)
		return secret_from_command(config->oauth_token_command, SECRET_COMMAND_S, error);
	if (*config->password_file)
		return read_file(config->password_file, error);
	char *password = from_credentials(config, &reason);
	if (password)
		return password;
	if (reason) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	if (g_getenv(variable))
		return g_strdup(g_getenv(variable));
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "there is no password: set password_file, or the systemd credential imap.%s, "
		    "or $%s",
		    config->name, variable);
	return NULL;
}

void
secret_free(char *secret)
{
	if (secret)
		wipe(secret, strlen(secret));
	g_free(secret);
}
