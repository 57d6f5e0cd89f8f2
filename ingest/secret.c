/* SPDX-License-Identifier: MIT */
#include "ingest/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void
wipe(char *bytes, gsize len)
{
	explicit_bzero(bytes, len);
}

/* --- A file --- */

char *
secret_from_file(const char *path, GError **error)
{
	gsize len;
	g_autoptr(GBytes) bytes = file_read(path, SECRET_LEN_MAX, error);

	if (!bytes)
		return NULL;
	char *data = g_bytes_unref_to_data(g_steal_pointer(&bytes), &len);
	char *line = data ? first_line(data, len) : g_strdup("");
	if (data)
		wipe(data, len);
	g_free(data);
	if (*line)
		return line;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "the first line of %s is empty",
		    path);
	g_free(line);
	return NULL;
}

/* Where root logs in for the daemon, the file is for the daemon: whoever has the folder has it. */
static gboolean
give_away(int fd, int folder_fd)
{
	struct stat folder;

	return geteuid() != 0 ||
	       (fstat(folder_fd, &folder) == 0 && fchown(fd, folder.st_uid, folder.st_gid) == 0);
}

static gboolean
write_all(int fd, const char *text)
{
	gsize len = strlen(text);

	while (len > 0) {
		gssize n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return FALSE;
		text += MAX(n, 0);
		len -= (gsize)MAX(n, 0);
	}
	return TRUE;
}

/* mkostemp() makes it 0600 and follows nothing; a file that is half written is never seen. */
static gboolean
replace(const char *path, const char *secret, int folder_fd)
{
	g_autofree char *new_path = g_strconcat(path, ".XXXXXX", NULL);
	int fd = mkostemp(new_path, O_CLOEXEC);

	if (fd < 0)
		return FALSE;
	gboolean is_written = write_all(fd, secret) && write_all(fd, "\n") &&
			      give_away(fd, folder_fd) && fsync(fd) == 0;
	int reason = errno;
	close(fd);
	if (is_written && rename(new_path, path) == 0)
		return fsync(folder_fd) == 0;
	if (is_written)
		reason = errno;
	unlink(new_path);
	errno = reason;
	return FALSE;
}

gboolean
secret_to_file(const char *path, const char *secret, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean is_kept = folder_fd >= 0 && replace(path, secret, folder_fd);
	int reason = errno;

	if (folder_fd >= 0)
		close(folder_fd);
	if (!is_kept)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "cannot write %s: %s", path,
			    g_strerror(reason));
	return is_kept;
}

/* --- A command --- */

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
password_from_file(const char *path, GError **error)
{
	char *password = secret_from_file(path, error);

	if (!password)
		g_prefix_error(error, "password: ");
	return password;
}

static char *
from_credentials(const struct intake_config *config, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *name = g_strdup_printf("imap.%s", config->name);

	if (!folder || strchr(name, '/'))
		return NULL;
	g_autofree char *path = g_build_filename(folder, name, NULL);
	return g_file_test(path, G_FILE_TEST_EXISTS) ? password_from_file(path, error) : NULL;
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
		return password_from_file(config->password_file, error);
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
