/* SPDX-License-Identifier: MIT */
#include "app/lookup_examine.h"

#include "net/resolver.h"

#define KNOWN_NAME "a.root-servers.net"

static struct resolver *
resolver_for(const struct lookup_options *options, const char *const *servers, GError **error)
{
	struct resolver_options resolver = resolver_default_options;

	resolver.servers = servers;
	resolver.timeout_ms = (guint)options->timeout_ms;
	return resolver_new(&resolver, error);
}

/* ---- servers ---- */

static void
take_answer(gpointer data, const struct dns_answer *answer)
{
	char **why = data;

	if (answer->state == DNS_FOUND)
		return;
	*why = answer->state == DNS_NONE
		       ? g_strdup("answers, but does not know " KNOWN_NAME
				  ": is it one that resolves names of the internet?")
		       : g_strdup_printf("no use (%s); is it running, and does it resolve for this "
					 "machine?",
					 dns_reason_name(answer->reason));
}

/* NULL as server: those of the system. */
static void
examine_server(const struct lookup_options *options, const char *server, lookup_tell_fn tell,
	       gpointer data)
{
	const char *const servers[] = { server, NULL };
	const char *what = server ? server : "servers of the system";
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	g_autoptr(resolver_auto) resolver = resolver_for(options, servers, &error);

	if (!resolver) {
		tell(data, what, FALSE, error->message);
		return;
	}
	resolver_ask(resolver, DNS_A, KNOWN_NAME, take_answer, &why);
	if (resolver_run(resolver, NULL, &error))
		tell(data, what, !why, why ? why : "answers");
	else
		tell(data, what, FALSE, error->message);
}

/* ---- lists ---- */

static void
tell_zones(const struct dnsbl_zones *zones, lookup_tell_fn tell, gpointer data)
{
	for (guint i = 0; i < dnsbl_zones_n(zones); i++) {
		const char *zone;
		gboolean is_sound = dnsbl_zones_is_sound(zones, i, &zone);
		tell(data, zone, is_sound,
		     is_sound ? "passes its test"
			      : "fails its test, and so what it says is unknown; ask it through a "
				"resolver of your own, or with a key that is valid");
	}
}

static void
examine_lists(const struct lookup_options *options, lookup_tell_fn tell, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(blocklists_auto) blocklists = blocklists_new_builtin();
	g_autoptr(dnsbl_zones_auto) zones = lookup_options_zones(options, blocklists, &error);
	g_autoptr(resolver_auto) resolver =
		zones ? resolver_for(options, (const char *const *)options->servers, &error) : NULL;

	if (!resolver) {
		tell(data, "blocklists", FALSE, error->message);
		return;
	}
	dnsbl_zones_check(zones, resolver);
	if (resolver_run(resolver, NULL, &error))
		tell_zones(zones, tell, data);
	else
		tell(data, "blocklists", FALSE, error->message);
}

void
lookup_examine(const struct lookup_options *options, lookup_tell_fn tell, gpointer data)
{
	if (!options->is_enabled)
		return;
	if (!*options->servers)
		examine_server(options, NULL, tell, data);
	for (char **server = options->servers; *server; server++)
		examine_server(options, *server, tell, data);
	if (*options->blocklists)
		examine_lists(options, tell, data);
}
