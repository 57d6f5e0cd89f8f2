/* SPDX-License-Identifier: MIT */
/*
 * session.h - who a browser is: a random token in a cookie, its SHA-256 in the store.
 *
 * Who reads the store cannot log in with what stands there. Any thread.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include <glib.h>

#include "store/query.h"
#include "store/store.h"

#define SESSION_COOKIE  "dmarcd_session"
#define SESSION_VALID_S (14 * 24 * 3600)

/* 32 random bytes, base64url. Caller frees. */
char *session_new_token(void);

/* The digest of a token as the store keeps it, in hex. Caller frees. */
char *session_digest(const char *token);

/* Keep a new session of user; returns its token. Caller frees. */
char *session_start(struct store *store, const char *user, gint64 now, GError **error);

/* The user of a token, or NULL: without error where it is none, or has expired. Caller frees. */
char *session_user(struct store_view *view, const char *token, gint64 now, GError **error);

gboolean session_end(struct store *store, const char *token, GError **error);

/* The value of a Set-Cookie field; token NULL makes the browser forget. Caller frees. */
char *session_cookie(const char *token);

#endif
