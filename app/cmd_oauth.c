/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/command.h"
#include "core/error.h"
#include "ingest/imap_link.h"
#include "ingest/oauth2.h"
#include "ingest/oauth2_login.h"
#include "ingest/secret.h"

#define ADDRESS_LEN_MAX 8192

/* What a verb needs to know. */
struct oauth_call {
	const struct intake_config *config;
	gboolean want_browser;
};

struct oauth_verb {
	const char *name;
	gboolean (*run)(const struct oauth_call *call, GError **error);
};

/* --- login --- */

static char *
login_by_device(const struct oauth2_provider *provider, GError **error)
{
	g_auto(oauth2_answer_auto) device = { 0 };

	if (!oauth2_device_start(provider, &device, error))
		return NULL;
	printf("Open %s in a browser, on any machine.\nEnter the code %s and log in as %s.\n"
	       "Waiting for that...\n",
	       device.verification_url, device.user_code, provider->config->user);
	fflush(stdout);
	return oauth2_device_wait(provider, &device, error);
}

/* One line from standard input, as long as an address may be. */
static gboolean
read_address(char *line, int len, GError **error)
{
	if (fgets(line, len, stdin)) {
		g_strstrip(line);
		return TRUE;
	}
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "no address came on standard input");
	return FALSE;
}

static char *
login_by_browser(const struct oauth2_provider *provider, GError **error)
{
	g_auto(oauth2_browser_auto) browser = { 0 };
	char line[ADDRESS_LEN_MAX] = "";
	char *token = NULL;

	oauth2_browser_init(&browser, provider);
	printf("Open this in a browser, on any machine, and log in as %s:\n\n%s\n\n"
	       "The browser ends at an address that begins with %s and finds nothing there:\n"
	       "that is as it should be. Copy the whole address from the browser to here.\n"
	       "Address: ",
	       provider->config->user, browser.url, OAUTH2_REDIRECT_URL);
	fflush(stdout);
	if (!read_address(line, sizeof(line), error))
		return NULL;
	char *code = oauth2_browser_code(&browser, provider, line, error);
	if (code)
		token = oauth2_browser_finish(&browser, provider, code, error);
	secret_free(code);
	explicit_bzero(line, sizeof(line));
	return token;
}

static gboolean
set_denied(GError **error, const char *text)
{
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, text);
	return FALSE;
}

/* Better before the person has logged in than after. */
static gboolean
check_folder(const struct intake_config *config, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(config->oauth_token_file);

	if (access(folder, W_OK | X_OK) == 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "oauth_token_file: cannot write in %s: %s; run this as the user that dmarcd "
		    "runs as",
		    folder, g_strerror(errno));
	return FALSE;
}

static gboolean
check_login(const struct oauth2_provider *provider, const struct oauth_call *call, GError **error)
{
	if (provider->is_client)
		return set_denied(error, "client_credentials need no login: `dmarcd oauth check` "
					 "tries them");
	if (call->want_browser && !*provider->authorize_url)
		return set_denied(error, "oauth_authorize_url is missing");
	if (!*provider->device_url && !*provider->authorize_url)
		return set_denied(error, "oauth_device_url or oauth_authorize_url is missing");
	return check_folder(call->config, error);
}

static gboolean
login(const struct oauth_call *call, GError **error)
{
	g_autoptr(oauth2_provider_auto) provider = oauth2_provider_new(call->config, error);

	if (!provider || !check_login(provider, call, error))
		return FALSE;
	char *token = call->want_browser || !*provider->device_url
			      ? login_by_browser(provider, error)
			      : login_by_device(provider, error);
	if (!token)
		return FALSE;
	gboolean is_kept = oauth2_keep(provider, token, error);
	secret_free(token);
	if (is_kept)
		printf("Logged in. The refresh token is in %s.\n`dmarcd oauth check %s` tries it; "
		       "a dmarcd that runs takes it up within five minutes.\n",
		       call->config->oauth_token_file, call->config->name);
	return is_kept;
}

/* --- check --- */

static gboolean
report(const struct oauth_call *call, const struct imap_link *link, GError **error)
{
	g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(imap_link_expires_at(link));
	g_autofree char *until = g_date_time_format(at, "%Y-%m-%d %H:%M:%S UTC");

	printf("ok: logged in to %s as %s; the access token is good until %s\n", call->config->url,
	       call->config->user, until);
	return !imap_link_trouble(link) || set_denied(error, imap_link_trouble(link));
}

static gboolean
check(const struct oauth_call *call, GError **error)
{
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	const struct intake_context context = { .cancel = cancel,
						.mail_bytes = call->config->mail_bytes };
	g_autoptr(imap_link_auto) link = imap_link_new(call->config, error);

	return link && imap_link_open(link, &context, error) && report(call, link, error);
}

static const struct oauth_verb verbs[] = {
	{ "login", login },
	{ "check", check },
};

/* --- The command --- */

static const struct oauth_verb *
find_verb(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (g_str_equal(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

static const struct intake_config *
find_intake(const struct config *config, const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (guint i = 0; i < config->intakes->len; i++) {
		const struct intake_config *intake = g_ptr_array_index(config->intakes, i);
		if (!*intake->oauth_provider)
			continue;
		if (g_str_equal(name, intake->name))
			return intake;
		g_string_append_printf(known, " \"%s\"", intake->name);
	}
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "there is no intake \"%s\" with oauth_provider in the configuration; those "
		    "that have it:%s",
		    name, known->len > 0 ? known->str : " none");
	return NULL;
}

static gboolean
run_verb(const struct common_options *common, const struct oauth_verb *verb, const char *name,
	 struct oauth_call *call, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);

	call->config = config ? find_intake(config, name, error) : NULL;
	return call->config && verb->run(call, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	struct oauth_call call = { 0 };
	const GOptionEntry entries[] = {
		{ "browser", 0, 0, G_OPTION_ARG_NONE, &call.want_browser,
		  "With login: through the browser, without a device code", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse_options(&command_oauth, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_oauth, error);
	const struct oauth_verb *verb = argc == 3 ? find_verb(argv[1]) : NULL;
	if (!verb) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "say `login INTAKE` or `check INTAKE`");
		return command_fail_usage(&command_oauth, error);
	}
	if (!run_verb(&common, verb, argv[2], &call, &error))
		return command_fail(&command_oauth, error);
	return EX_OK;
}

const struct command command_oauth = {
	.name = "oauth",
	.arguments = "login|check INTAKE",
	.summary = "Let dmarcd read a mailbox of Microsoft 365 or Google, or see whether it can.",
	.run = run,
};
