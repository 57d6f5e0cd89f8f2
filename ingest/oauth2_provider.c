/* SPDX-License-Identifier: MIT */
#include "ingest/oauth2_provider.h"

#include <string.h>

#include "core/error.h"
#include "net/http.h"

#define CUSTOM     "custom"
#define TENANT     "{tenant}"
#define ANY_TENANT "common"
#define MICROSOFT  "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/"

/*
 * Google gives no token for mail to a device code (its list of scopes for devices is short), so it
 * has no device_url here: login goes through the browser.
 */
static const struct preset {
	const char *name;
	const char *token_url;
	const char *device_url;
	const char *authorize_url;
	const char *scope;
	const char *client_scope; /* "" = mail cannot be read by client_credentials */
} presets[] = {
	{ "microsoft365", MICROSOFT "token", MICROSOFT "devicecode", MICROSOFT "authorize",
	  "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
	  "https://outlook.office365.com/.default" },
	{ "google", "https://oauth2.googleapis.com/token", "",
	  "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent",
	  "https://mail.google.com/", "" },
};

static gboolean
set_denied(GError **error, const char *text)
{
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, text);
	return FALSE;
}

static char *
with_tenant(const char *url, const char *tenant)
{
	g_auto(GStrv) parts = g_strsplit(url, TENANT, 2);

	return g_strjoinv(tenant, parts);
}

static gboolean
check_tenant(const struct oauth2_provider *provider, const char *tenant, GError **error)
{
	if (!*tenant ||
	    strspn(tenant, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-") != strlen(tenant))
		return set_denied(error, "oauth_tenant must be the id or a domain of the tenant");
	if (provider->is_client && g_str_equal(tenant, ANY_TENANT))
		return set_denied(error, "oauth_tenant is missing: client_credentials need the id "
					 "or a domain of the tenant");
	return TRUE;
}

static gboolean
use_preset(struct oauth2_provider *provider, const struct preset *preset, GError **error)
{
	const struct intake_config *config = provider->config;
	const char *tenant = config->oauth_tenant;

	if (*config->oauth_token_url || *config->oauth_device_url || *config->oauth_authorize_url)
		return set_denied(error, "oauth_token_url, oauth_device_url and "
					 "oauth_authorize_url are for oauth_provider = custom");
	if (provider->is_client && !*preset->client_scope)
		return set_denied(error, "this provider reads no mail by client_credentials");
	if (strstr(preset->token_url, TENANT) && !check_tenant(provider, tenant, error))
		return FALSE;
	provider->token_url = with_tenant(preset->token_url, tenant);
	provider->device_url = with_tenant(preset->device_url, tenant);
	provider->authorize_url = with_tenant(preset->authorize_url, tenant);
	provider->scope = *config->oauth_scope  ? config->oauth_scope
			  : provider->is_client ? preset->client_scope
						: preset->scope;
	provider->ca_file = "";
	return TRUE;
}

static gboolean
use_custom(struct oauth2_provider *provider, GError **error)
{
	const struct intake_config *config = provider->config;

	provider->token_url = g_strdup(config->oauth_token_url);
	provider->device_url = g_strdup(config->oauth_device_url);
	provider->authorize_url = g_strdup(config->oauth_authorize_url);
	provider->scope = config->oauth_scope;
	provider->ca_file = config->ca_file;
	if (!http_check_url(provider->token_url, "oauth_token_url", error))
		return FALSE;
	if (*provider->device_url &&
	    !http_check_url(provider->device_url, "oauth_device_url", error))
		return FALSE;
	return !*provider->authorize_url ||
	       http_check_url(provider->authorize_url, "oauth_authorize_url", error);
}

static gboolean
find(struct oauth2_provider *provider, GError **error)
{
	const char *name = provider->config->oauth_provider;

	if (g_str_equal(name, CUSTOM))
		return use_custom(provider, error);
	for (gsize i = 0; i < G_N_ELEMENTS(presets); i++)
		if (g_str_equal(name, presets[i].name))
			return use_preset(provider, &presets[i], error);
	return set_denied(error, "oauth_provider must be microsoft365, google or custom");
}

static gboolean
check_client(const struct oauth2_provider *provider, GError **error)
{
	const struct intake_config *config = provider->config;

	if (*config->oauth_token_command || *config->password_file)
		return set_denied(error, "oauth_provider, oauth_token_command and password_file "
					 "exclude each other");
	if (!provider->is_client && !g_str_equal(config->oauth_grant, "refresh_token"))
		return set_denied(error, "oauth_grant must be refresh_token or client_credentials");
	if (!*config->oauth_client_id)
		return set_denied(error, "oauth_client_id is missing: the id under which dmarcd is "
					 "registered with the provider");
	if (provider->is_client && !*config->oauth_client_secret_file)
		return set_denied(error, "oauth_client_secret_file is missing: client_credentials "
					 "need it");
	return TRUE;
}

struct oauth2_provider *
oauth2_provider_new(const struct intake_config *config, GError **error)
{
	g_autoptr(oauth2_provider_auto) provider = g_new0(struct oauth2_provider, 1);

	provider->config = config;
	provider->is_client = g_str_equal(config->oauth_grant, "client_credentials");
	if (!check_client(provider, error) || !find(provider, error))
		return NULL;
	return g_steal_pointer(&provider);
}

void
oauth2_provider_free(struct oauth2_provider *provider)
{
	if (!provider)
		return;
	g_free(provider->token_url);
	g_free(provider->device_url);
	g_free(provider->authorize_url);
	g_free(provider);
}
