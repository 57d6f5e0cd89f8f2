/* SPDX-License-Identifier: MIT */
#include "web/csrf.h"

#include <string.h>

char *
csrf_token(const char *session_token)
{
	return g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)session_token,
					 strlen(session_token), "csrf", -1);
}

gboolean
csrf_token_is_right(const char *session_token, const char *given)
{
	g_autofree char *token = csrf_token(session_token);
	int difference = 0;

	if (!given || strlen(given) != strlen(token))
		return FALSE;
	for (gsize i = 0; token[i]; i++)
		difference |= token[i] ^ given[i];
	return difference == 0;
}

gboolean
csrf_is_foreign(const char *sec_fetch_site, const char *origin, const char *host)
{
	if (sec_fetch_site)
		return !g_str_equal(sec_fetch_site, "same-origin") &&
		       !g_str_equal(sec_fetch_site, "none");
	if (!origin)
		return FALSE;

	const char *after = strstr(origin, "://");
	return !after || !host || g_ascii_strcasecmp(after + 3, host) != 0;
}
