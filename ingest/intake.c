/* SPDX-License-Identifier: MIT */
#include "ingest/intake.h"

#include "core/error.h"

static const struct intake_type *const intake_types[] = { &intake_lmtp, &intake_maildir,
							  &intake_imap };

struct intake_config *
intake_config_new(const char *name)
{
	struct intake_config *config = g_atomic_rc_box_new0(struct intake_config);

	config->name = g_strdup(name);
	return config;
}

struct intake_config *
intake_config_ref(struct intake_config *config)
{
	return g_atomic_rc_box_acquire(config);
}

static void
clear(gpointer data)
{
	struct intake_config *config = data;

	g_free(config->name);
	g_free(config->type);
	g_free(config->path);
	g_free(config->move_to);
	g_free(config->listen);
	g_strfreev(config->recipients);
	g_free(config->url);
	g_free(config->user);
	g_free(config->password_file);
	g_free(config->oauth_token_command);
	g_free(config->oauth_provider);
	g_free(config->oauth_client_id);
	g_free(config->oauth_client_secret_file);
	g_free(config->oauth_tenant);
	g_free(config->oauth_grant);
	g_free(config->oauth_token_file);
	g_free(config->oauth_token_url);
	g_free(config->oauth_device_url);
	g_free(config->oauth_authorize_url);
	g_free(config->oauth_scope);
	g_free(config->ca_file);
	g_free(config->tls);
	g_strfreev(config->folders);
	g_free(config->after);
	g_free(config->failed_to);
}

void
intake_config_unref(struct intake_config *config)
{
	g_atomic_rc_box_release_full(config, clear);
}

const struct intake_type *
intake_type_find(const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(intake_types); i++) {
		if (g_str_equal(name, intake_types[i]->name))
			return intake_types[i];
		g_string_append_printf(known, "%s%s", i ? ", " : "", intake_types[i]->name);
	}
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "unknown intake type \"%s\": known are %s", name, known->str);
	return NULL;
}
