/* SPDX-License-Identifier: MIT */
#include "web/auth.h"

#include <sodium.h>

#include "core/error.h"
#include "web/session.h"
#include "web/web.h"

#define MIN_PASSWORD_LEN 8
#define MAX_USER_LEN     64

static gboolean
make_hash(const char *password, char hash[crypto_pwhash_STRBYTES])
{
	return sodium_init() >= 0 && crypto_pwhash_str(hash, password, strlen(password),
						       crypto_pwhash_OPSLIMIT_INTERACTIVE,
						       crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

static gboolean
is_right(const char *hash, const char *password)
{
	char unused[crypto_pwhash_STRBYTES];

	/* Without a hash to check, making one costs the same, and tells nobody who has a login. */
	if (!hash || hash[0] == '\0') {
		make_hash(password, unused);
		return FALSE;
	}
	return sodium_init() >= 0 &&
	       crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

enum auth_answer
auth_check(struct auth *auth, const char *hash, const char *password)
{
	enum auth_answer answer = AUTH_BUSY;

	if (g_atomic_int_add(&auth->n_running, 1) < AUTH_MAX_HASHES)
		answer = is_right(hash, password) ? AUTH_RIGHT : AUTH_WRONG;
	g_atomic_int_add(&auth->n_running, -1);
	return answer;
}

char *
web_password_hash(const char *password, GError **error)
{
	char hash[crypto_pwhash_STRBYTES];

	if (g_utf8_strlen(password, -1) < MIN_PASSWORD_LEN) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "a password needs at least %d characters", MIN_PASSWORD_LEN);
		return NULL;
	}
	if (!make_hash(password, hash)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "there is not enough memory to hash a password");
		return NULL;
	}
	return g_strdup(hash);
}

/* A user who only ever came by a link has no password. */
static gboolean
make_user(struct store *store, const char *user, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(store, error);
	g_autoptr(GError) question_error = NULL;

	if (!view)
		return FALSE;

	g_autofree char *hash = query_password_hash(view, user, &question_error);
	if (question_error) {
		g_propagate_error(error, g_steal_pointer(&question_error));
		return FALSE;
	}
	return hash || store_edit_user(store, user, "", error);
}

char *
web_login_link(struct store *store, const char *base_url, const char *user, gint64 valid_s,
	       GError **error)
{
	if (user[0] == '\0' || strlen(user) > MAX_USER_LEN || strpbrk(user, " \t\r\n<>\"&")) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "a user's name is one word of at most %d bytes", MAX_USER_LEN);
		return NULL;
	}
	if (sodium_init() < 0 || !make_user(store, user, error))
		return NULL;

	g_autofree char *token = session_new_token();
	g_autofree char *digest = session_digest(token);
	gint64 expires_at = g_get_real_time() / G_USEC_PER_SEC + valid_s;
	if (!store_edit_login_link(store, digest, user, expires_at, error))
		return NULL;
	return g_strdup_printf("%s/login?token=%s", base_url, token);
}
