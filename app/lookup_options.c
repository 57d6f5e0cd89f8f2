/* SPDX-License-Identifier: MIT */
#include "app/lookup_options.h"

#include <string.h>

#include "core/error.h"
#include "ingest/secret.h"

/* Where the key of a zone comes from. */
static const struct {
	const char *zone_end;
	const char *option;
	gsize offset;
} key_files[] = {
	{ ".abusix.zone", "abusix_key_file",
	  G_STRUCT_OFFSET(struct lookup_options, abusix_key_file) },
	{ ".spamhaus.net", "spamhaus_key_file",
	  G_STRUCT_OFFSET(struct lookup_options, spamhaus_key_file) },
};

void
lookup_options_copy(const struct lookup_options *options, struct lookup_options *ret_copy)
{
	*ret_copy = *options;
	ret_copy->servers = g_strdupv(options->servers);
	ret_copy->blocklists = g_strdupv(options->blocklists);
	ret_copy->abusix_key_file = g_strdup(options->abusix_key_file);
	ret_copy->spamhaus_key_file = g_strdup(options->spamhaus_key_file);
}

void
lookup_options_clear(struct lookup_options *options)
{
	g_strfreev(options->servers);
	g_strfreev(options->blocklists);
	g_free(options->abusix_key_file);
	g_free(options->spamhaus_key_file);
	*options = (struct lookup_options){ 0 };
}

/* The key of a zone that wants one in its name; *ret_key is NULL for others. */
static gboolean
read_key(const struct lookup_options *options, const char *zone, char **ret_key, GError **error)
{
	*ret_key = NULL;
	if (!dnsbl_zone_has_key(zone))
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(key_files); i++) {
		if (!g_str_has_suffix(zone, key_files[i].zone_end))
			continue;
		const char *path = G_STRUCT_MEMBER(char *, options, key_files[i].offset);
		if (*path)
			*ret_key = secret_from_file(path, error);
		else
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "block list %s wants a key: set %s", zone, key_files[i].option);
		return *ret_key != NULL;
	}
	return TRUE;
}

static gboolean
add_zone(const struct lookup_options *options, struct dnsbl_zones *zones, const char *zone,
	 GError **error)
{
	char *key;

	if (!read_key(options, zone, &key, error))
		return FALSE;
	gboolean is_added = dnsbl_zones_add(zones, zone, key, error);
	secret_free(key);
	return is_added;
}

struct dnsbl_zones *
lookup_options_zones(const struct lookup_options *options, const struct blocklists *blocklists,
		     GError **error)
{
	g_autoptr(dnsbl_zones_auto) zones = dnsbl_zones_new(blocklists);

	for (char **zone = options->blocklists; *zone; zone++)
		if (!add_zone(options, zones, *zone, error))
			return NULL;
	return g_steal_pointer(&zones);
}

static gboolean
check_number(const char *name, gint64 value, gint64 smallest, gint64 largest, GError **error)
{
	if (value >= smallest && value <= largest)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "%s is %" G_GINT64_FORMAT ", and has to be from %" G_GINT64_FORMAT
		    " to %" G_GINT64_FORMAT,
		    name, value, smallest, largest);
	return FALSE;
}

/* A key file may come later, so that only names are looked at. */
static gboolean
check_zones(const struct lookup_options *options, GError **error)
{
	g_autoptr(blocklists_auto) blocklists = blocklists_new_builtin();
	g_autoptr(dnsbl_zones_auto) zones = dnsbl_zones_new(blocklists);

	for (char **zone = options->blocklists; *zone; zone++)
		if (!dnsbl_zones_add(zones, *zone, "key", error)) {
			(*error)->code = DMARCD_ERROR_INVALID;
			return FALSE;
		}
	return TRUE;
}

gboolean
lookup_options_check(const struct lookup_options *options, GError **error)
{
	GError *why = NULL;

	for (char **server = options->servers; *server; server++)
		if (!resolver_check_server(*server, error))
			return FALSE;
	if (g_strv_length(options->servers) > RESOLVER_SERVERS_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "more than %d servers",
			    RESOLVER_SERVERS_MAX);
		return FALSE;
	}
	if (check_number("timeout_ms", options->timeout_ms, LOOKUP_TIMEOUT_MS_MIN,
			 LOOKUP_TIMEOUT_MS_MAX, &why) &&
	    check_number("budget", options->budget, 1, LOOKUP_BUDGET_MAX, &why) &&
	    check_zones(options, &why))
		return TRUE;
	g_propagate_error(error, why);
	return FALSE;
}
