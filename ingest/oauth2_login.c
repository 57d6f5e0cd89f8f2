/* SPDX-License-Identifier: MIT */
#include "ingest/oauth2_login.h"

#include <string.h>
#include <sys/random.h>

#include "core/error.h"
#include "ingest/oauth2_ask.h"
#include "ingest/secret.h"

#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"
#define SLOW_DOWN_S  5 /* RFC 8628 §3.5 */
#define DEVICE_S_MAX 1800
#define RANDOM_LEN   32 /* RFC 7636 §4.1 */

static char *
refresh_token_of(struct oauth2_answer *answer, GError **error)
{
	if (*answer->refresh_token)
		return g_steal_pointer(&answer->refresh_token);
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "the provider gives no refresh token: its scope for that "
			    "(offline_access with most) is missing in oauth_scope");
	return NULL;
}

/* --- Device code --- */

gboolean
oauth2_device_start(const struct oauth2_provider *provider, struct oauth2_answer *ret_device,
		    GError **error)
{
	const struct oauth2_request request = {
		.provider = provider,
		.url = provider->device_url,
		.fields = { { "scope", provider->scope, FALSE } },
	};
	g_auto(oauth2_answer_auto) device = { 0 };

	if (!oauth2_ask(&request, NULL, &device, error))
		return FALSE;
	if (*device.error) {
		oauth2_refuse(provider, &device, error);
		return FALSE;
	}
	if (!*device.device_code || !*device.user_code || !*device.verification_url) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "%s gives no device code: is it the right address?", request.url);
		return FALSE;
	}
	*ret_device = device;
	device = (struct oauth2_answer){ 0 };
	return TRUE;
}

/* FALSE without error: not yet. */
static gboolean
ask_device(const struct oauth2_request *request, gint64 *interval_s,
	   struct oauth2_answer *ret_answer, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_auto(oauth2_answer_auto) answer = { 0 };

	if (!oauth2_ask(request, NULL, &answer, &reason)) {
		/* RFC 8628 §3.5: what passes is waited for, at a slower pace. */
		*interval_s *= 2;
		if (!g_error_matches(reason, DMARCD_ERROR, DMARCD_ERROR_AGAIN))
			g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	if (g_str_equal(answer.error, "slow_down")) {
		*interval_s += SLOW_DOWN_S;
		return FALSE;
	}
	if (g_str_equal(answer.error, "authorization_pending"))
		return FALSE;
	if (*answer.error) {
		oauth2_refuse(request->provider, &answer, error);
		return FALSE;
	}
	*ret_answer = answer;
	answer = (struct oauth2_answer){ 0 };
	return TRUE;
}

char *
oauth2_device_wait(const struct oauth2_provider *provider, const struct oauth2_answer *device,
		   GError **error)
{
	const struct oauth2_request request = {
		.provider = provider,
		.url = provider->token_url,
		.fields = { { "grant_type", DEVICE_GRANT, FALSE },
			    { "device_code", device->device_code, TRUE } },
	};
	gint64 left_s = MIN(device->expires_s, DEVICE_S_MAX);
	gint64 interval_s = device->interval_s;

	for (; left_s > 0; left_s -= interval_s) {
		g_auto(oauth2_answer_auto) answer = { 0 };
		g_autoptr(GError) reason = NULL;
		interval_s = MIN(interval_s, OAUTH2_INTERVAL_S_MAX);
		g_usleep((gulong)interval_s * G_USEC_PER_SEC);
		if (ask_device(&request, &interval_s, &answer, &reason))
			return refresh_token_of(&answer, error);
		if (reason) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return NULL;
		}
	}
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "the code was not entered in time: once more, `dmarcd oauth login %s`",
		    provider->config->name);
	return NULL;
}

/* --- Browser --- */

/* RFC 4648 §5, without padding; caller frees with secret_free(). */
static char *
base64url(const guint8 *bytes, gsize len)
{
	char *text = g_base64_encode(bytes, len);

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

static char *
random_text(void)
{
	guint8 bytes[RANDOM_LEN];

	while (getrandom(bytes, sizeof(bytes), 0) != (gssize)sizeof(bytes))
		continue;
	char *text = base64url(bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	return text;
}

/* RFC 7636 §4.2, S256. */
static char *
challenge_of(const char *verifier)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize len = sizeof(digest);

	g_checksum_update(checksum, (const guchar *)verifier, (gssize)strlen(verifier));
	g_checksum_get_digest(checksum, digest, &len);
	return base64url(digest, len);
}

static void
add_query(GString *url, const char *name, const char *value)
{
	if (!*value)
		return;
	g_string_append_printf(url, "%c%s=", strchr(url->str, '?') ? '&' : '?', name);
	g_string_append_uri_escaped(url, value, NULL, FALSE);
}

void
oauth2_browser_init(struct oauth2_browser *browser, const struct oauth2_provider *provider)
{
	GString *url = g_string_new(provider->authorize_url);

	browser->state = random_text();
	browser->verifier = random_text();
	g_autofree char *challenge = challenge_of(browser->verifier);
	add_query(url, "response_type", "code");
	add_query(url, "client_id", provider->config->oauth_client_id);
	add_query(url, "redirect_uri", OAUTH2_REDIRECT_URL);
	add_query(url, "scope", provider->scope);
	add_query(url, "login_hint", provider->config->user);
	add_query(url, "state", browser->state);
	add_query(url, "code_challenge", challenge);
	add_query(url, "code_challenge_method", "S256");
	browser->url = g_string_free(url, FALSE);
}

void
oauth2_browser_clear(struct oauth2_browser *browser)
{
	g_free(browser->url);
	secret_free(browser->state);
	secret_free(browser->verifier);
	*browser = (struct oauth2_browser){ 0 };
}

static const char *
parameter(GHashTable *parameters, const char *name)
{
	const char *value = parameters ? g_hash_table_lookup(parameters, name) : NULL;

	return value ? value : "";
}

/* RFC 6749 §4.1.2.1 */
static void
set_refused(const struct oauth2_provider *provider, GHashTable *parameters, GError **error)
{
	g_autofree char *code = oauth2_answer_clean(parameter(parameters, "error"));
	g_autofree char *text = oauth2_answer_clean(parameter(parameters, "error_description"));
	const struct oauth2_answer answer = { .error = code, .error_description = text };

	oauth2_refuse(provider, &answer, error);
}

char *
oauth2_browser_code(const struct oauth2_browser *browser, const struct oauth2_provider *provider,
		    const char *address, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(address, G_URI_FLAGS_ENCODED_QUERY, NULL);
	const char *query = uri ? g_uri_get_query(uri) : NULL;
	g_autoptr(GHashTable) parameters =
		query ? g_uri_parse_params(query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL) : NULL;

	if (!g_str_equal(parameter(parameters, "state"), browser->state)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "this is not the address that the browser was sent to after "
				    "this login: copy all of it, from http:// on");
		return NULL;
	}
	const char *code = parameter(parameters, "code");
	if (*code)
		return g_strdup(code);
	set_refused(provider, parameters, error);
	return NULL;
}

char *
oauth2_browser_finish(const struct oauth2_browser *browser, const struct oauth2_provider *provider,
		      const char *code, GError **error)
{
	const struct oauth2_request request = {
		.provider = provider,
		.url = provider->token_url,
		.fields = { { "grant_type", "authorization_code", FALSE },
			    { "code", code, TRUE },
			    { "redirect_uri", OAUTH2_REDIRECT_URL, FALSE },
			    { "code_verifier", browser->verifier, TRUE } },
	};
	g_auto(oauth2_answer_auto) answer = { 0 };

	return oauth2_ask_token(&request, NULL, &answer, error) ? refresh_token_of(&answer, error)
								: NULL;
}
