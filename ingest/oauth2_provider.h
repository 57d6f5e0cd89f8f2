/* SPDX-License-Identifier: MIT */
/*
 * oauth2_provider.h - whom an intake asks for its tokens, from its settings.
 *
 * Microsoft 365 and Google are known; any other provider is "custom" with the addresses of its
 * endpoints.
 */
#ifndef INGEST_OAUTH2_PROVIDER_H
#define INGEST_OAUTH2_PROVIDER_H

#include <glib.h>

#include "ingest/intake.h"

struct oauth2_provider {
	const struct intake_config *config;
	char *token_url;     /* RFC 6749 §3.2 */
	char *device_url;    /* RFC 8628 §3.1; "" = there is none */
	char *authorize_url; /* RFC 6749 §3.1; "" = there is none. May have a query */
	const char *scope;   /* what is asked for */
	const char *ca_file; /* "" = the certificates of the system */
	gboolean is_client;  /* grant client_credentials: there is no person and no refresh token */
};

/*
 * Check the oauth_ options of an intake whose oauth_provider is set; asks nobody. DENIED names the
 * option. config outlives the provider. Caller frees.
 */
struct oauth2_provider *oauth2_provider_new(const struct intake_config *config, GError **error);
void oauth2_provider_free(struct oauth2_provider *provider);
typedef struct oauth2_provider oauth2_provider_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(oauth2_provider_auto, oauth2_provider_free)

#endif
