/* SPDX-License-Identifier: MIT */
/*
 * web.h - start and stop the embedded web server (libmicrohttpd).
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <glib.h>

#include "analysis/change_limits.h"
#include "web/page.h"

struct web;

struct web_options {
	const char *listen; /* "127.0.0.1:8080", "[::1]:8080"; port 0 picks one */
	struct store *store;
	const struct web_hooks *hooks;
	gboolean allow_documentation;
	enum web_metrics metrics;
	const struct weights *weights; /* that sources are judged with; NULL = the defaults */
	gsize mail_bytes;              /* max_mail_bytes: of an upload */
	struct change_limits changes;
	const char *version;
};

/* DENIED where the address cannot be bound: the text names the address and what to do. */
struct web *web_start(const struct web_options *options, GError **error);

/* Finishes running answers, for at most 5 s. NULL is fine. */
void web_stop(struct web *web);

/* "http://127.0.0.1:8080", with the port that was bound. Owned by web. */
const char *web_url(const struct web *web);

/*
 * A link that logs user in once, valid for valid_s seconds; makes the user where there is none.
 * Caller frees.
 */
char *web_login_link(struct store *store, const char *base_url, const char *user, gint64 valid_s,
		     GError **error);

/* "token", "open" or "off", as the configuration has it; FALSE for anything else. */
gboolean web_metrics_find(const char *name, enum web_metrics *ret_metrics);

/*
 * A token for a program; the store keeps its digest alone, so it is shown now or never. INVALID
 * where the name is taken or is none. Caller frees.
 */
char *web_token_make(struct store *store, const char *name, guint rights, GError **error);

/* Hash a password with argon2id (libsodium's text form). Caller frees. */
char *web_password_hash(const char *password, GError **error);

#endif
