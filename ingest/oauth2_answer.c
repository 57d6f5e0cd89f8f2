/* SPDX-License-Identifier: MIT */
#include "ingest/oauth2_answer.h"

#include <string.h>

#include <jansson.h>

#include "core/error.h"
#include "core/text.h"
#include "ingest/secret.h"

/* --- Values --- */

/* Visible characters of RFC 6749 appendix A.12, so that a token cannot be more than one field. */
static gboolean
is_token(const char *text, gsize len)
{
	for (gsize i = 0; i < len; i++)
		if (!g_ascii_isgraph(text[i]))
			return FALSE;
	return len > 0;
}

static gboolean
read_token(const json_t *object, const char *key, char **ret_token, GError **error)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	gsize len = json_string_length(value);

	if (!value || json_is_null(value)) {
		*ret_token = g_strdup("");
		return TRUE;
	}
	if (len > OAUTH2_TOKEN_LEN_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "%s is longer than oauth2_token_len_max (%d)", key,
			    OAUTH2_TOKEN_LEN_MAX);
		return FALSE;
	}
	if (!text || !is_token(text, len)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s is none", key);
		return FALSE;
	}
	*ret_token = g_strndup(text, len);
	return TRUE;
}

char *
oauth2_answer_clean(const char *text)
{
	g_autoptr(GString) clean = g_string_new(NULL);
	const char *end = NULL;

	text_clean(text, strlen(text), clean);
	g_utf8_validate_len(clean->str, MIN(clean->len, OAUTH2_TEXT_LEN_MAX), &end);
	return g_strndup(clean->str, (gsize)(end - clean->str));
}

static char *
text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return oauth2_answer_clean(text ? text : "");
}

/* As JSON writes it, or, as some do, in quotes. */
static gint64
seconds_at(const json_t *object, const char *key, gint64 fallback)
{
	const json_t *value = json_object_get(object, key);
	guint64 seconds;

	if (json_is_string(value))
		return g_ascii_string_to_unsigned(json_string_value(value), 10, 0, G_MAXINT64,
						  &seconds, NULL)
			       ? (gint64)seconds
			       : fallback;
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

/* Google once called it verification_url. */
static char *
verification_url(const json_t *object)
{
	return text_at(object, json_object_get(object, "verification_uri") ? "verification_uri"
									   : "verification_url");
}

/* --- The object --- */

static gboolean
read_object(const json_t *object, struct oauth2_answer *answer, GError **error)
{
	answer->user_code = text_at(object, "user_code");
	answer->verification_url = verification_url(object);
	answer->error = text_at(object, "error");
	answer->error_description = text_at(object, "error_description");
	answer->expires_s =
		CLAMP(seconds_at(object, "expires_in", OAUTH2_EXPIRES_S), 0, OAUTH2_EXPIRES_S_MAX);
	answer->interval_s =
		CLAMP(seconds_at(object, "interval", OAUTH2_INTERVAL_S), 1, OAUTH2_INTERVAL_S_MAX);
	return read_token(object, "access_token", &answer->access_token, error) &&
	       read_token(object, "refresh_token", &answer->refresh_token, error) &&
	       read_token(object, "device_code", &answer->device_code, error);
}

/* jansson frees strings as they are, and lends them as const only. */
static void
wipe_strings(json_t *object)
{
	const char *key;
	json_t *value;
	char *text;

	json_object_foreach(object, key, value)
	{
		const char *lent = json_string_value(value);
		if (!lent)
			continue;
		memcpy(&text, &lent, sizeof(text));
		explicit_bzero(text, json_string_length(value));
	}
}

gboolean
oauth2_answer_read(const char *bytes, gsize len, struct oauth2_answer *ret_answer, GError **error)
{
	g_auto(oauth2_answer_auto) answer = { 0 };

	if (len > OAUTH2_ANSWER_LEN_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "the answer is longer than oauth2_answer_len_max (%d)",
			    OAUTH2_ANSWER_LEN_MAX);
		return FALSE;
	}
	json_t *object = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	gboolean is_good = json_is_object(object);
	if (is_good)
		is_good = read_object(object, &answer, error);
	else
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "the answer is no JSON object");
	if (json_is_object(object))
		wipe_strings(object);
	json_decref(object);
	if (!is_good)
		return FALSE;
	*ret_answer = answer;
	answer = (struct oauth2_answer){ 0 };
	return TRUE;
}

void
oauth2_answer_clear(struct oauth2_answer *answer)
{
	secret_free(answer->access_token);
	secret_free(answer->refresh_token);
	secret_free(answer->device_code);
	g_free(answer->user_code);
	g_free(answer->verification_url);
	g_free(answer->error);
	g_free(answer->error_description);
	*answer = (struct oauth2_answer){ 0 };
}
