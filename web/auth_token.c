/* SPDX-License-Identifier: MIT */
#include "web/auth_token.h"

#include <sodium.h>
#include <string.h>

#include "core/error.h"
#include "web/session.h"
#include "web/web.h"

#define NAME_LEN_MAX  32
#define TOKEN_LEN_MAX 128
#define NAME_LETTERS  "abcdefghijklmnopqrstuvwxyz0123456789-_"

static const char scheme[] = "Bearer ";

static gboolean
is_name(const char *name, gsize len)
{
	return len > 0 && len <= NAME_LEN_MAX && strspn(name, NAME_LETTERS) >= len;
}

char *
auth_token_name(struct store_view *view, const char *authorization, guint *ret_rights,
		GError **error)
{
	g_autofree char *kept = NULL;
	guint rights;

	if (g_ascii_strncasecmp(authorization, scheme, strlen(scheme)) != 0)
		return NULL;
	const char *token = authorization + strlen(scheme);
	gsize name_len = strcspn(token, ".");
	if (strlen(token) > TOKEN_LEN_MAX || token[name_len] != '.' || !is_name(token, name_len))
		return NULL;

	g_autofree char *name = g_strndup(token, name_len);
	if (!query_token(view, name, &kept, &rights, error) || !kept)
		return NULL;
	g_autofree char *digest = session_digest(token);
	if (strlen(kept) != strlen(digest) || sodium_memcmp(kept, digest, strlen(digest)) != 0)
		return NULL;
	*ret_rights = rights;
	return g_steal_pointer(&name);
}

char *
web_token_make(struct store *store, const char *name, guint rights, GError **error)
{
	if (!is_name(name, strlen(name))) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "a token's name has 1 to %d small letters, digits, - and _",
			    NAME_LEN_MAX);
		return NULL;
	}
	if (sodium_init() < 0) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_FATAL,
				    "there are no random numbers to be had");
		return NULL;
	}
	g_autofree char *secret = session_new_token();
	g_autofree char *token = g_strconcat(name, ".", secret, NULL);
	g_autofree char *digest = session_digest(token);
	if (!store_edit_token(store, name, digest, rights, error))
		return NULL;
	return g_steal_pointer(&token);
}
