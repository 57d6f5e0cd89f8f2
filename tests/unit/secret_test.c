/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "core/error.h"
#include "ingest/secret.h"

static char empty[] = "";
static char name[] = "my-box";

static struct intake_config
config_of(void)
{
	return (struct intake_config){ .name = name,
				       .password_file = empty,
				       .oauth_token_command = empty };
}

static void
expect_secret(const struct intake_config *config, const char *text, gboolean want_token)
{
	g_autoptr(GError) error = NULL;
	gboolean is_token;
	char *secret = secret_read(config, &is_token, &error);

	assert_null(error);
	assert_string_equal(secret, text);
	assert_int_equal(is_token, want_token);
	secret_free(secret);
}

static void
expect_none(const struct intake_config *config, const char *part)
{
	g_autoptr(GError) error = NULL;
	gboolean is_token;

	assert_null(secret_read(config, &is_token, &error));
	assert_non_null(strstr(error->message, part));
}

static void
a_file_wins_over_credentials_and_environment(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("dmarcd-secret-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(folder, "password", NULL);
	g_autofree char *credential = g_build_filename(folder, "imap.my-box", NULL);
	struct intake_config config = config_of();

	(void)state;
	g_unsetenv("CREDENTIALS_DIRECTORY");
	expect_none(&config, "password_file");
	g_setenv("DMARCD_PASSWORD_MY_BOX", "from-environment", TRUE);
	expect_secret(&config, "from-environment", FALSE);
	g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
	expect_secret(&config, "from-environment", FALSE);
	assert_true(g_file_set_contents(credential, "from-systemd\n", -1, NULL));
	expect_secret(&config, "from-systemd", FALSE);
	config.password_file = file;
	expect_none(&config, file);
	assert_true(g_file_set_contents(file, "", -1, NULL));
	expect_none(&config, "is empty");
	assert_true(g_file_set_contents(file, "from file \r\nsecond line\n", -1, NULL));
	expect_secret(&config, "from file", FALSE);
	g_unlink(credential);
	g_unlink(file);
	g_rmdir(folder);
}

static void
a_command_prints_a_token(void **state)
{
	static char command[] = "printf 'tok%s\\nrest' en";
	struct intake_config config = config_of();

	(void)state;
	config.oauth_token_command = command;
	expect_secret(&config, "token", TRUE);
}

static void
a_command_that_fails_is_no_token(void **state)
{
	static const struct {
		const char *command;
		const char *part;
	} bad[] = {
		{ "/nonexistent/token", "nonexistent" },
		{ "sh -c 'echo x; exit 3'", "exit code 3" },
		{ "true", "printed no token" },
		{ "sleep 30", "more than 1 s" },
		{ "cat /dev/zero", "printed more than" },
		{ "'", "oauth_token_command" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(secret_from_command(bad[i].command, 1, &error));
		assert_non_null(strstr(error->message, bad[i].part));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_wins_over_credentials_and_environment),
		cmocka_unit_test(a_command_prints_a_token),
		cmocka_unit_test(a_command_that_fails_is_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
