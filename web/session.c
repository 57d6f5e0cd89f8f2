/* SPDX-License-Identifier: MIT */
#include "web/session.h"

#include <sodium.h>

#include "core/error.h"

#define TOKEN_BYTES 32
#define TOKEN_LEN   43 /* base64url without padding */

/* What cannot be a token costs no question to the store. */
static gboolean
is_token(const char *text)
{
	return strlen(text) == TOKEN_LEN &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
		       TOKEN_LEN;
}

char *
session_new_token(void)
{
	guint8 bytes[TOKEN_BYTES];
	char text[TOKEN_LEN + 1];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(text, sizeof(text), bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return g_strdup(text);
}

char *
session_digest(const char *token)
{
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
}

char *
session_start(struct store *store, const char *user, gint64 now, GError **error)
{
	g_autofree char *token = session_new_token();
	g_autofree char *digest = session_digest(token);

	if (!store_edit_session(store, digest, user, now + SESSION_VALID_S, error))
		return NULL;
	return g_steal_pointer(&token);
}

char *
session_user(struct store_view *view, const char *token, gint64 now, GError **error)
{
	if (!is_token(token))
		return NULL;

	g_autofree char *digest = session_digest(token);
	return query_session_user(view, digest, now, error);
}

gboolean
session_end(struct store *store, const char *token, GError **error)
{
	g_autofree char *digest = session_digest(token);

	return store_edit_session_end(store, digest, error);
}

char *
session_cookie(const char *token)
{
	return g_strdup_printf(SESSION_COOKIE "=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict",
			       token ? token : "", token ? SESSION_VALID_S : 0);
}
