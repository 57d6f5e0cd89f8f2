/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "ingest/oauth2.h"
#include "ingest/oauth2_ask.h"
#include "ingest/oauth2_login.h"
#include "ingest/secret.h"
#include "net/http.h"
#include "net/loopback.h"

/* --- Answers --- */

static void
read_good(const char *json, struct oauth2_answer *answer)
{
	g_autoptr(GError) error = NULL;

	assert_true(oauth2_answer_read(json, strlen(json), answer, &error));
	assert_null(error);
}

static void
reads_tokens_as_microsoft_and_google_write_them(void **state)
{
	g_auto(oauth2_answer_auto) microsoft = { 0 };
	g_auto(oauth2_answer_auto) google = { 0 };

	(void)state;
	read_good("{\"token_type\":\"Bearer\",\"scope\":\"https://outlook.office.com/"
		  "IMAP.AccessAsUser.All\",\"expires_in\":4736,\"ext_expires_in\":4736,"
		  "\"access_token\":\"eyJ0.eyJh.c2ln\",\"refresh_token\":\"0.AX-_~\"}",
		  &microsoft);
	assert_string_equal(microsoft.access_token, "eyJ0.eyJh.c2ln");
	assert_string_equal(microsoft.refresh_token, "0.AX-_~");
	assert_int_equal(microsoft.expires_s, 4736);
	assert_string_equal(microsoft.error, "");
	read_good("{\n  \"access_token\": \"ya29.a0\",\n  \"expires_in\": \"3599\",\n"
		  "  \"scope\": \"https://mail.google.com/\",\n  \"token_type\": \"Bearer\"\n}",
		  &google);
	assert_string_equal(google.access_token, "ya29.a0");
	assert_string_equal(google.refresh_token, "");
	assert_int_equal(google.expires_s, 3599);
}

static void
reads_a_device_code(void **state)
{
	g_auto(oauth2_answer_auto) device = { 0 };
	g_auto(oauth2_answer_auto) old = { 0 };

	(void)state;
	read_good("{\"user_code\":\"FJC3RJYD4\",\"device_code\":\"DAQABAAEA-x\","
		  "\"verification_uri\":\"https://login.example/device\",\"expires_in\":900,"
		  "\"interval\":7,\"message\":\"To sign in, use a web browser\"}",
		  &device);
	assert_string_equal(device.user_code, "FJC3RJYD4");
	assert_string_equal(device.device_code, "DAQABAAEA-x");
	assert_string_equal(device.verification_url, "https://login.example/device");
	assert_int_equal(device.interval_s, 7);
	read_good("{\"user_code\":\"A\\u001b[2JB\",\"device_code\":\"x\","
		  "\"verification_url\":\"https://login.example/\\u202e\"}",
		  &old);
	assert_string_equal(old.user_code, "A[2JB");
	assert_string_equal(old.verification_url, "https://login.example/");
	assert_int_equal(old.interval_s, OAUTH2_INTERVAL_S);
	assert_int_equal(old.expires_s, OAUTH2_EXPIRES_S);
}

static void
times_stay_within_bounds(void **state)
{
	static const struct {
		const char *json;
		gint64 expires_s;
		gint64 interval_s;
	} cases[] = {
		{ "{\"expires_in\":-5,\"interval\":-1}", 0, 1 },
		{ "{\"expires_in\":9223372036854775807,\"interval\":100000}", OAUTH2_EXPIRES_S_MAX,
		  OAUTH2_INTERVAL_S_MAX },
		{ "{\"expires_in\":\"soon\",\"interval\":null}", OAUTH2_EXPIRES_S,
		  OAUTH2_INTERVAL_S },
		{ "{\"expires_in\":3.5,\"interval\":[1]}", OAUTH2_EXPIRES_S, OAUTH2_INTERVAL_S },
		{ "{}", OAUTH2_EXPIRES_S, OAUTH2_INTERVAL_S },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(oauth2_answer_auto) answer = { 0 };
		read_good(cases[i].json, &answer);
		assert_int_equal(answer.expires_s, cases[i].expires_s);
		assert_int_equal(answer.interval_s, cases[i].interval_s);
	}
}

static void
refuses_what_is_no_answer(void **state)
{
	static const char *const cases[] = {
		"",
		"null",
		"[1]",
		"\"token\"",
		"<html>502 Bad Gateway</html>",
		"{\"access_token\":\"a\"",
		"{\"access_token\":\"a\"} more",
		"{\"access_token\":\"\"}",
		"{\"access_token\":17}",
		"{\"access_token\":\"a b\"}",
		"{\"access_token\":\"a\\u0001auth=Bearer b\"}",
		"{\"access_token\":\"a\\r\\nX: y\"}",
		"{\"access_token\":\"\\u00e4\"}",
		"{\"refresh_token\":{\"a\":\"b\"}}",
		"{\"device_code\":\"\\n\"}",
		"{\"access_token\":\"a\",\"access_token\":\"b\"}",
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(oauth2_answer_auto) answer = { 0 };
		g_autoptr(GError) error = NULL;
		assert_false(oauth2_answer_read(cases[i], strlen(cases[i]), &answer, &error));
		assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
		assert_null(answer.access_token);
	}
}

static void
limits_have_names(void **state)
{
	g_autofree char *longest = g_strnfill(OAUTH2_TOKEN_LEN_MAX, 'a');
	g_autofree char *longer = g_strnfill(OAUTH2_TOKEN_LEN_MAX + 1, 'a');
	g_autofree char *huge = g_strnfill(OAUTH2_ANSWER_LEN_MAX + 1, ' ');
	g_autofree char *good = g_strdup_printf("{\"access_token\":\"%s\"}", longest);
	g_autofree char *bad = g_strdup_printf("{\"access_token\":\"%s\"}", longer);
	g_auto(oauth2_answer_auto) answer = { 0 };
	g_autoptr(GError) token_error = NULL;
	g_autoptr(GError) answer_error = NULL;

	(void)state;
	read_good(good, &answer);
	assert_false(oauth2_answer_read(bad, strlen(bad), &answer, &token_error));
	assert_true(g_error_matches(token_error, DMARCD_ERROR, DMARCD_ERROR_LIMIT));
	assert_non_null(strstr(token_error->message, "oauth2_token_len_max"));
	assert_false(oauth2_answer_read(huge, strlen(huge), &answer, &answer_error));
	assert_non_null(strstr(answer_error->message, "oauth2_answer_len_max"));
}

/* --- Providers --- */

static char text[4][100];

/* Good until the next call; what is not named is "". */
static struct intake_config
config_of(const char *provider, const char *grant, const char *tenant, const char *secret_file)
{
	const char *const values[] = { provider, grant, tenant, secret_file };
	static char empty[] = "";
	static char name[] = "box";
	static char user[] = "ann@reports.example";
	static char client[] = "client-1";

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
		g_strlcpy(text[i], values[i], sizeof(text[i]));
	return (struct intake_config){
		.name = name,
		.user = user,
		.password_file = empty,
		.oauth_token_command = empty,
		.ca_file = empty,
		.oauth_provider = text[0],
		.oauth_grant = text[1],
		.oauth_tenant = text[2],
		.oauth_client_secret_file = text[3],
		.oauth_client_id = client,
		.oauth_token_file = empty,
		.oauth_token_url = empty,
		.oauth_device_url = empty,
		.oauth_authorize_url = empty,
		.oauth_scope = empty,
	};
}

static void
knows_microsoft_and_google(void **state)
{
	struct intake_config config = config_of("microsoft365", "refresh_token", "common", "");

	(void)state;
	g_autoptr(oauth2_provider_auto) microsoft = oauth2_provider_new(&config, NULL);
	assert_string_equal(microsoft->token_url,
			    "https://login.microsoftonline.com/common/oauth2/v2.0/token");
	assert_string_equal(microsoft->device_url,
			    "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode");
	assert_non_null(strstr(microsoft->scope, "offline_access"));
	config = config_of("microsoft365", "client_credentials", "reports.example", "/secret");
	g_autoptr(oauth2_provider_auto) client = oauth2_provider_new(&config, NULL);
	assert_string_equal(client->token_url, "https://login.microsoftonline.com/reports.example/"
					       "oauth2/v2.0/token");
	assert_string_equal(client->scope, "https://outlook.office365.com/.default");
	assert_true(client->is_client);
	config = config_of("google", "refresh_token", "common", "/secret");
	g_autoptr(oauth2_provider_auto) google = oauth2_provider_new(&config, NULL);
	assert_string_equal(google->token_url, "https://oauth2.googleapis.com/token");
	assert_string_equal(google->device_url, "");
	assert_string_equal(google->scope, "https://mail.google.com/");
}

static void
expect_denied(const struct intake_config *config, const char *part)
{
	g_autoptr(GError) error = NULL;

	assert_null(oauth2_provider_new(config, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED));
	assert_non_null(strstr(error->message, part));
}

static void
refuses_settings_that_make_no_sense(void **state)
{
	static const struct {
		const char *provider;
		const char *grant;
		const char *tenant;
		const char *secret_file;
		const char *part;
	} cases[] = {
		{ "yahoo", "refresh_token", "common", "", "oauth_provider must be" },
		{ "google", "password", "common", "", "oauth_grant must be" },
		{ "google", "client_credentials", "common", "/s", "reads no mail" },
		{ "microsoft365", "client_credentials", "common", "/s", "oauth_tenant is missing" },
		{ "microsoft365", "client_credentials", "x.example", "", "oauth_client_secret" },
		{ "microsoft365", "refresh_token", "a/../b", "", "oauth_tenant must be" },
		{ "microsoft365", "refresh_token", "", "", "oauth_tenant must be" },
		{ "custom", "refresh_token", "common", "", "oauth_token_url must be https" },
	};
	static char other[] = "https://login.example/token";
	static char none[] = "";

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct intake_config config = config_of(
			cases[i].provider, cases[i].grant, cases[i].tenant, cases[i].secret_file);
		expect_denied(&config, cases[i].part);
	}
	struct intake_config config = config_of("google", "refresh_token", "common", "");
	config.oauth_token_url = other;
	expect_denied(&config, "oauth_provider = custom");
	config.oauth_client_id = none;
	expect_denied(&config, "oauth_client_id is missing");
	config.password_file = other;
	expect_denied(&config, "exclude each other");
}

static void
secrets_go_by_https_or_nowhere(void **state)
{
	static const struct {
		const char *url;
		gboolean is_good;
	} cases[] = {
		{ "https://login.example/token", TRUE },
		{ "http://127.0.0.1:8080/token", TRUE },
		{ "http://[::1]/token", TRUE },
		{ "http://localhost/token", TRUE },
		{ "http://login.example/token", FALSE },
		{ "http://127.0.0.1.login.example/token", FALSE },
		{ "http://localhost.login.example/token", FALSE },
		{ "https://ann:secret@login.example/", FALSE },
		{ "https:///token", FALSE },
		{ "file:///etc/passwd", FALSE },
		{ "login.example", FALSE },
		{ "", FALSE },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(http_check_url(cases[i].url, "url", NULL), cases[i].is_good);
	assert_false(loopback_is_host("127.evil.example"));
	assert_false(loopback_is_host(""));
}

/* --- Refusals --- */

static void
says_the_code_of_the_provider_and_the_cure(void **state)
{
	static const struct {
		const char *json;
		enum dmarcd_error code;
		const char *parts[3];
	} cases[] = {
		{ "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or "
		  "revoked.\"}",
		  DMARCD_ERROR_DENIED,
		  { "invalid_grant", "dmarcd oauth login box", "expired or revoked" } },
		{ "{\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700016: "
		  "Application with identifier 'x' was not found in the directory.\\r\\n"
		  "Trace ID: 1\",\"error_codes\":[700016]}",
		  DMARCD_ERROR_DENIED,
		  { "AADSTS700016", "oauth_tenant", "unauthorized_client" } },
		{ "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid "
		  "client secret provided.\"}",
		  DMARCD_ERROR_DENIED,
		  { "AADSTS7000215", "not its id", "oauth_client_secret_file" } },
		{ "{\"error\":\"temporarily_unavailable\"}", DMARCD_ERROR_AGAIN, { "passes" } },
		{ "{\"error\":\"never_heard_of\"}", DMARCD_ERROR_DENIED, { "never_heard_of" } },
	};
	const struct intake_config config = config_of("google", "refresh_token", "common", "");
	g_autoptr(oauth2_provider_auto) provider = oauth2_provider_new(&config, NULL);

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(oauth2_answer_auto) answer = { 0 };
		g_autoptr(GError) error = NULL;
		read_good(cases[i].json, &answer);
		oauth2_refuse(provider, &answer, &error);
		assert_int_equal(error->code, cases[i].code);
		for (gsize n = 0; n < G_N_ELEMENTS(cases[i].parts) && cases[i].parts[n]; n++)
			assert_non_null(strstr(error->message, cases[i].parts[n]));
		assert_null(strchr(error->message, '\n'));
	}
}

/* --- Login by browser --- */

static void
expect_no_code(const struct oauth2_browser *browser, const struct oauth2_provider *provider,
	       const char *address, const char *part)
{
	g_autoptr(GError) error = NULL;

	assert_null(oauth2_browser_code(browser, provider, address, &error));
	assert_non_null(strstr(error->message, part));
}

static void
takes_the_code_of_this_login_alone(void **state)
{
	const struct intake_config config = config_of("google", "refresh_token", "common", "");
	g_autoptr(oauth2_provider_auto) provider = oauth2_provider_new(&config, NULL);
	g_auto(oauth2_browser_auto) browser = { 0 };
	g_auto(oauth2_browser_auto) other = { 0 };

	(void)state;
	oauth2_browser_init(&browser, provider);
	oauth2_browser_init(&other, provider);
	assert_string_not_equal(browser.state, other.state);
	assert_string_not_equal(browser.verifier, other.verifier);
	assert_int_equal(strlen(browser.verifier), 43);
	assert_null(strstr(browser.url, browser.verifier));
	assert_non_null(strstr(browser.url, "prompt=consent&response_type=code&"));
	assert_non_null(strstr(browser.url, "login_hint=ann%40reports.example"));
	g_autofree char *good = g_strdup_printf(
		"http://localhost:47110/?state=%s&code=4%%2F0Ab-_&scope=x", browser.state);
	g_autofree char *no = g_strdup_printf(
		"http://localhost:47110/?error=access_denied&state=%s", browser.state);
	char *code = oauth2_browser_code(&browser, provider, good, NULL);
	assert_string_equal(code, "4/0Ab-_");
	secret_free(code);
	expect_no_code(&browser, provider, no, "access_denied");
	expect_no_code(&other, provider, good, "copy all of it");
	expect_no_code(&browser, provider, "http://localhost:47110/?code=x", "copy all of it");
	expect_no_code(&browser, provider, "4/0Ab", "copy all of it");
	expect_no_code(&browser, provider, "", "copy all of it");
}

/* --- The file of the refresh token --- */

static guint
n_entries(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(dir))
		n++;
	g_dir_close(dir);
	return n;
}

static void
a_secret_is_written_for_its_owner_alone(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("dmarcd-oauth-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(folder, "oauth.box", NULL);
	g_autofree char *lost = g_build_filename(folder, "no", "oauth.box", NULL);
	g_autoptr(GError) error = NULL;
	struct stat status;

	(void)state;
	assert_true(
		g_file_set_contents_full(file, "old\n", -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
	assert_true(secret_to_file(file, "new-token", &error));
	assert_int_equal(g_stat(file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	char *secret = secret_from_file(file, &error);
	assert_string_equal(secret, "new-token");
	secret_free(secret);
	assert_int_equal(n_entries(folder), 1);
	assert_false(secret_to_file(lost, "new-token", &error));
	assert_non_null(strstr(error->message, lost));
	assert_null(strstr(error->message, "new-token"));
	g_unlink(file);
	g_rmdir(folder);
}

static void
says_that_nobody_has_logged_in(void **state)
{
	static char lost[] = "/nonexistent/oauth.box";
	static char missing[] = "/tmp/dmarcd-no-such-token";
	struct intake_config config = config_of("google", "refresh_token", "common", "");
	g_autoptr(GError) no_folder = NULL;
	g_autoptr(GError) no_file = NULL;

	(void)state;
	config.oauth_token_file = lost;
	g_autoptr(oauth2_auto) oauth2 = oauth2_new(&config, NULL);
	assert_null(oauth2_token(oauth2, NULL, &no_folder));
	assert_non_null(strstr(no_folder->message, "cannot open the folder /nonexistent"));
	config.oauth_token_file = missing;
	assert_null(oauth2_token(oauth2, NULL, &no_file));
	assert_non_null(strstr(no_file->message, "dmarcd oauth login box"));
	assert_false(oauth2_refused(oauth2));
	assert_int_equal(oauth2_expires_at(oauth2), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_tokens_as_microsoft_and_google_write_them),
		cmocka_unit_test(reads_a_device_code),
		cmocka_unit_test(times_stay_within_bounds),
		cmocka_unit_test(refuses_what_is_no_answer),
		cmocka_unit_test(limits_have_names),
		cmocka_unit_test(knows_microsoft_and_google),
		cmocka_unit_test(refuses_settings_that_make_no_sense),
		cmocka_unit_test(secrets_go_by_https_or_nowhere),
		cmocka_unit_test(says_the_code_of_the_provider_and_the_cure),
		cmocka_unit_test(takes_the_code_of_this_login_alone),
		cmocka_unit_test(a_secret_is_written_for_its_owner_alone),
		cmocka_unit_test(says_that_nobody_has_logged_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
