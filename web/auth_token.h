/* SPDX-License-Identifier: MIT */
/*
 * auth_token.h - tokens of programs: "NAME.SECRET" in "Authorization: Bearer" (RFC 6750).
 *
 * The store keeps the SHA-256 of the whole token. A secret has 256 random bits, so that a fast hash
 * is enough. The name finds the token and is no secret; the digest is compared in constant time.
 */
#ifndef WEB_AUTH_TOKEN_H
#define WEB_AUTH_TOKEN_H

#include <glib.h>

#include "store/query.h"

/*
 * Who asks by this Authorization field: the token's name, and its rights. NULL without error where
 * it is no token, a wrong one or a revoked one. Caller frees.
 */
char *auth_token_name(struct store_view *view, const char *authorization, guint *ret_rights,
		      GError **error);

#endif
