/* SPDX-License-Identifier: MIT */
#include "ingest/oauth2_ask.h"

#include <string.h>

#include "core/error.h"
#include "ingest/secret.h"
#include "net/http.h"

#define ASK_S        30
#define ENTRA_PREFIX "AADSTS"
#define HIDDEN       "(hidden)"

/*
 * What a person does about a refusal. Codes of Microsoft come first: they stand in the description
 * and say more than the code of RFC 6749 beside them.
 */
static const struct cure {
	const char *code;
	const char *text;
	enum dmarcd_error error;
	gboolean is_login; /* the text ends in the command that logs in */
} cures[] = {
	{ "AADSTS700016",
	  "oauth_client_id is not registered in this tenant: check it and oauth_tenant",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "AADSTS7000215",
	  "the client secret is wrong: oauth_client_secret_file must hold its value, not its id",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "AADSTS7000222",
	  "the client secret has expired: make a new one and put it in oauth_client_secret_file",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "AADSTS7000218",
	  "the registration must allow public client flows, or oauth_client_secret_file be set",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "AADSTS90002", "there is no such tenant: check oauth_tenant", DMARCD_ERROR_DENIED,
	  FALSE },
	{ "AADSTS65001", "nobody has consented yet: an administrator does, or whoever logs in:",
	  DMARCD_ERROR_DENIED, TRUE },
	{ "AADSTS53003",
	  "a Conditional Access policy forbids it: ask the administrator; where it forbids device "
	  "codes alone, add --browser to",
	  DMARCD_ERROR_DENIED, TRUE },
	{ "invalid_grant", "the login is no longer good: log in anew with", DMARCD_ERROR_DENIED,
	  TRUE },
	{ "expired_token", "the code was not entered in time: once more,", DMARCD_ERROR_DENIED,
	  TRUE },
	{ "access_denied", "who was asked said no: once more,", DMARCD_ERROR_DENIED, TRUE },
	{ "invalid_client", "check oauth_client_id and oauth_client_secret_file",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "unauthorized_client",
	  "the registration does not allow this: check it, oauth_client_id and oauth_grant",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "invalid_scope",
	  "the registration lacks the permission to read mail by IMAP, or oauth_scope is wrong",
	  DMARCD_ERROR_DENIED, FALSE },
	{ "unsupported_grant_type", "the provider knows no such oauth_grant", DMARCD_ERROR_DENIED,
	  FALSE },
	{ "temporarily_unavailable", "it passes", DMARCD_ERROR_AGAIN, FALSE },
	{ "server_error", "it passes", DMARCD_ERROR_AGAIN, FALSE },
	{ "slow_down", "it passes", DMARCD_ERROR_AGAIN, FALSE },
};

/* --- The form --- */

static gsize
form_len(const struct oauth2_field *fields)
{
	gsize len = 1;

	for (; fields->name; fields++)
		len += strlen(fields->name) + 2 + 3 * strlen(fields->value);
	return len;
}

/* Made in one piece, so that no part of a secret stays behind where it has grown. */
static char *
make_form(const struct oauth2_field *fields)
{
	GString *form = g_string_sized_new(form_len(fields));

	for (; fields->name; fields++) {
		if (!*fields->value)
			continue;
		char *value = g_uri_escape_string(fields->value, NULL, FALSE);
		g_string_append_printf(form, "%s%s=", form->len > 0 ? "&" : "", fields->name);
		g_string_append(form, value);
		secret_free(value);
	}
	return g_string_free(form, FALSE);
}

/* --- Asking --- */

static void
hide(char **text, const struct oauth2_field *fields)
{
	for (; fields->name; fields++) {
		if (!fields->is_secret || !*fields->value || !strstr(*text, fields->value))
			continue;
		g_auto(GStrv) parts = g_strsplit(*text, fields->value, -1);
		secret_free(*text);
		*text = g_strjoinv(HIDDEN, parts);
	}
}

static gboolean
is_passing(guint status)
{
	return status == 408 || status == 429 || status >= 500;
}

static gboolean
read_answer(const char *url, const struct http_answer *answer, struct oauth2_answer *ret_answer,
	    GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (oauth2_answer_read(answer->body->str, answer->body->len, ret_answer, &reason))
		return TRUE;
	g_set_error(error, DMARCD_ERROR,
		    is_passing(answer->status) ? DMARCD_ERROR_AGAIN : DMARCD_ERROR_DENIED,
		    "%s answers HTTP %u: %s", url, answer->status, reason->message);
	return FALSE;
}

static gboolean
check_status(const char *url, guint status, const struct oauth2_answer *answer, GError **error)
{
	if (is_passing(status))
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "%s answers HTTP %u%s%s", url,
			    status, *answer->error ? ": " : "", answer->error);
	else if (status != 200 && !*answer->error)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "%s answers HTTP %u and no error code: is it the right address?", url,
			    status);
	else
		return TRUE;
	return FALSE;
}

static gboolean
post(const struct oauth2_provider *provider, const char *url, const struct oauth2_field *fields,
     GCancellable *cancel, struct oauth2_answer *ret_answer, GError **error)
{
	char *form = make_form(fields);
	const struct http_request request = {
		.url = url,
		.form = form,
		.ca_file = provider->ca_file,
		.timeout_s = ASK_S,
		.body_len_max = OAUTH2_ANSWER_LEN_MAX,
		.cancel = cancel,
	};
	g_auto(http_answer_auto) answer = { 0, NULL };
	g_auto(oauth2_answer_auto) read = { 0 };
	gboolean is_good = http_post(&request, &answer, error);

	secret_free(form);
	if (!is_good || !read_answer(url, &answer, &read, error))
		return FALSE;
	hide(&read.error, fields);
	hide(&read.error_description, fields);
	if (!check_status(url, answer.status, &read, error))
		return FALSE;
	*ret_answer = read;
	read = (struct oauth2_answer){ 0 };
	return TRUE;
}

gboolean
oauth2_ask(const struct oauth2_request *request, GCancellable *cancel,
	   struct oauth2_answer *ret_answer, GError **error)
{
	const struct intake_config *config = request->provider->config;
	struct oauth2_field fields[OAUTH2_FIELDS_MAX + 3] = { 0 };
	char *secret = NULL;
	gsize n = 0;

	if (*config->oauth_client_secret_file) {
		secret = secret_from_file(config->oauth_client_secret_file, error);
		if (!secret) {
			g_prefix_error(error, "oauth_client_secret_file: ");
			return FALSE;
		}
	}
	for (; request->fields[n].name; n++) {
		g_assert(n < OAUTH2_FIELDS_MAX);
		fields[n] = request->fields[n];
	}
	fields[n++] = (struct oauth2_field){ "client_id", config->oauth_client_id, FALSE };
	fields[n] = (struct oauth2_field){ "client_secret", secret ? secret : "", TRUE };
	gboolean is_good = post(request->provider, request->url, fields, cancel, ret_answer, error);
	secret_free(secret);
	return is_good;
}

/* --- Refusals --- */

/* "AADSTS" and digits, "" where there is none. Caller frees. */
static char *
entra_code(const char *description)
{
	const char *code = strstr(description, ENTRA_PREFIX);

	if (!code)
		return g_strdup("");
	return g_strndup(code,
			 strlen(ENTRA_PREFIX) + strspn(code + strlen(ENTRA_PREFIX), G_CSET_DIGITS));
}

static struct cure
find_cure(const struct oauth2_answer *answer)
{
	g_autofree char *code = entra_code(answer->error_description);

	for (gsize i = 0; i < G_N_ELEMENTS(cures); i++)
		if (g_str_equal(cures[i].code, code) || g_str_equal(cures[i].code, answer->error))
			return cures[i];
	return (struct cure){ "", "see what it says", DMARCD_ERROR_DENIED, FALSE };
}

void
oauth2_refuse(const struct oauth2_provider *provider, const struct oauth2_answer *answer,
	      GError **error)
{
	const struct cure cure = find_cure(answer);
	g_autofree char *command =
		cure.is_login ? g_strdup_printf(" `dmarcd oauth login %s`", provider->config->name)
			      : g_strdup("");

	g_set_error(error, DMARCD_ERROR, (gint)cure.error, "the provider says %s: %s%s%s%s%s",
		    answer->error, cure.text, command, *answer->error_description ? " (" : "",
		    answer->error_description, *answer->error_description ? ")" : "");
}

gboolean
oauth2_ask_token(const struct oauth2_request *request, GCancellable *cancel,
		 struct oauth2_answer *ret_answer, GError **error)
{
	g_auto(oauth2_answer_auto) answer = { 0 };

	if (!oauth2_ask(request, cancel, &answer, error))
		return FALSE;
	if (*answer.error) {
		oauth2_refuse(request->provider, &answer, error);
		return FALSE;
	}
	if (!*answer.access_token) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "%s gives no access_token: is it the right address?", request->url);
		return FALSE;
	}
	*ret_answer = answer;
	answer = (struct oauth2_answer){ 0 };
	return TRUE;
}
