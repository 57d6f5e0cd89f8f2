/* SPDX-License-Identifier: MIT */
/*
 * csrf.h - was a change asked for by a form of ours?
 *
 * The token is an HMAC of the session's token: it needs no memory, outlives a restart, and says
 * nothing about the session.
 */
#ifndef WEB_CSRF_H
#define WEB_CSRF_H

#include <glib.h>

/* The token for the forms of a session. Caller frees. */
char *csrf_token(const char *session_token);

/* Is given (NULL where there was none) the token of this session? In constant time. */
gboolean csrf_token_is_right(const char *session_token, const char *given);

/*
 * Does the browser say that the form stands on another site? Sec-Fetch-Site decides where there is
 * one; older browsers send Origin, which must name the host that was asked. NULL: not sent.
 */
gboolean csrf_is_foreign(const char *sec_fetch_site, const char *origin, const char *host);

#endif
