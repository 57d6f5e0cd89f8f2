/* SPDX-License-Identifier: MIT */
/* Answers of an OAuth provider: tokens are one field of visible ASCII, times have bounds, an error
 * holds no secret. */
#include <string.h>

#include "core/error.h"
#include "ingest/oauth2_answer.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

static void
check_token(const char *token)
{
	g_assert_true(strlen(token) <= OAUTH2_TOKEN_LEN_MAX);
	for (; *token; token++)
		g_assert_true(g_ascii_isgraph(*token));
}

static void
check_text(const char *text)
{
	g_assert_true(strlen(text) <= OAUTH2_TEXT_LEN_MAX);
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (; *text; text++)
		g_assert_false(g_ascii_iscntrl(*text));
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(GError) error = NULL;
	g_auto(oauth2_answer_auto) answer = { 0 };
	gboolean is_good = oauth2_answer_read((const char *)bytes, len, &answer, &error);

	g_assert_true(is_good == (error == NULL));
	if (!is_good)
		return 0;
	check_token(answer.access_token);
	check_token(answer.refresh_token);
	check_token(answer.device_code);
	check_text(answer.user_code);
	check_text(answer.verification_url);
	check_text(answer.error);
	check_text(answer.error_description);
	g_assert_true(answer.expires_s >= 0 && answer.expires_s <= OAUTH2_EXPIRES_S_MAX);
	g_assert_true(answer.interval_s >= 1 && answer.interval_s <= OAUTH2_INTERVAL_S_MAX);
	return 0;
}
