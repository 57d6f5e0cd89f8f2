/* SPDX-License-Identifier: MIT */
/*
 * oauth2.h - access tokens for an intake (RFC 6749): asked for when they are needed, kept in memory
 * until shortly before they expire.
 *
 * Grant refresh_token: `dmarcd oauth login` has put a refresh token into oauth_token_file. It is
 * read anew each time, so that a new login needs no restart. Where the provider gives a new one
 * with an access token, that is on disk before the access token is used. Who reads and writes the
 * file holds a lock on its folder, so that two dmarcd never spend the same refresh token.
 *
 * Grant client_credentials: id and secret are enough, nothing is kept.
 *
 * Owner: the caller. Threads: one at a time.
 */
#ifndef INGEST_OAUTH2_H
#define INGEST_OAUTH2_H

#include <gio/gio.h>

#include "ingest/oauth2_provider.h"

struct oauth2;

/* DENIED as oauth2_provider_new(). Asks nobody yet. */
struct oauth2 *oauth2_new(const struct intake_config *config, GError **error);

/* NULL is fine. Overwrites what it holds. */
void oauth2_free(struct oauth2 *oauth2);
typedef struct oauth2 oauth2_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(oauth2_auto, oauth2_free)

/*
 * An access token; may take half a minute where a new one is needed. DENIED where a person has to
 * do something: log in, or mend the registration; the text has the provider's code. AGAIN for what
 * passes. It belongs to oauth2 and lives until the next call.
 */
const char *oauth2_token(struct oauth2 *oauth2, GCancellable *cancel, GError **error);

/*
 * The server refuses the token: it is forgotten. TRUE where it was from before, so that a new one
 * may fare better.
 */
gboolean oauth2_refused(struct oauth2 *oauth2);

/* When the access token expires, in Unix seconds; 0 = there is none. */
gint64 oauth2_expires_at(const struct oauth2 *oauth2);

/*
 * Why the newest refresh token is in memory only, and lost with the process; NULL where all is
 * well. It is tried again with the next access token.
 */
const char *oauth2_trouble(const struct oauth2 *oauth2);

/* Keep the refresh token of a login. DENIED where it cannot be written. */
gboolean oauth2_keep(const struct oauth2_provider *provider, const char *refresh_token,
		     GError **error);

#endif
