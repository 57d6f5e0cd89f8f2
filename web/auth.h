/* SPDX-License-Identifier: MIT */
/*
 * auth.h - passwords: argon2id by libsodium, few at once, the same work for every answer.
 *
 * Making and checking a hash takes 64 MiB and about 200 ms; over AUTH_MAX_HASHES at once the
 * caller is told to come again. Any thread.
 */
#ifndef WEB_AUTH_H
#define WEB_AUTH_H

#include <glib.h>

#define AUTH_MAX_HASHES 2

struct auth {
	gint n_running;
};

enum auth_answer {
	AUTH_RIGHT,
	AUTH_WRONG,
	AUTH_BUSY,
};

/* hash NULL or "": there is no such user, or none with a password; takes as long, is WRONG. */
enum auth_answer auth_check(struct auth *auth, const char *hash, const char *password);

#endif
