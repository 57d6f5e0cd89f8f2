/* SPDX-License-Identifier: MIT */
/*
 * oauth2_login.h - a person lets dmarcd read a mailbox; what comes of it is a refresh token.
 *
 * By device code (RFC 8628): the person opens an address anywhere and enters a code there, while
 * this side asks from time to time whether it is done.
 *
 * By browser (RFC 8252, with PKCE of RFC 7636): the person opens a long address anywhere. The
 * provider sends the browser on to an address on localhost where nobody listens; the person copies
 * it from the browser. So it works from another machine too.
 *
 * Owner: the caller. Threads: any; nothing is shared.
 */
#ifndef INGEST_OAUTH2_LOGIN_H
#define INGEST_OAUTH2_LOGIN_H

#include "ingest/oauth2_answer.h"
#include "ingest/oauth2_provider.h"

/* Where the browser is sent on to; registered with the provider where it asks for that. */
#define OAUTH2_REDIRECT_URL "http://localhost:47110"

/* Ask for a device code: user_code and verification_url are what the person needs. */
gboolean oauth2_device_start(const struct oauth2_provider *provider,
			     struct oauth2_answer *ret_device, GError **error);

/*
 * Wait until the person has entered the code, at most as long as it is good. The refresh token;
 * caller frees with secret_free(). DENIED where the person or the provider says no.
 */
char *oauth2_device_wait(const struct oauth2_provider *provider, const struct oauth2_answer *device,
			 GError **error);

struct oauth2_browser {
	char *url;      /* for the person */
	char *state;    /* what the address on localhost has to repeat */
	char *verifier; /* RFC 7636 §4.1 */
};
void oauth2_browser_init(struct oauth2_browser *browser, const struct oauth2_provider *provider);
void oauth2_browser_clear(struct oauth2_browser *browser);
typedef struct oauth2_browser oauth2_browser_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(oauth2_browser_auto, oauth2_browser_clear)

/*
 * The code in the address that the person has copied. INVALID where it is
 * another one, DENIED where the person or the provider says no. Caller frees with secret_free().
 */
char *oauth2_browser_code(const struct oauth2_browser *browser,
			  const struct oauth2_provider *provider, const char *address,
			  GError **error);

/* The refresh token for it; caller frees with secret_free(). */
char *oauth2_browser_finish(const struct oauth2_browser *browser,
			    const struct oauth2_provider *provider, const char *code,
			    GError **error);

#endif
