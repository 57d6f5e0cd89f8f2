/* SPDX-License-Identifier: MIT */
/*
 * lookup_options.h - the block "dns" of the configuration: what may be looked up, and where.
 *
 * Texts are never NULL, lists are NULL-terminated.
 */
#ifndef APP_LOOKUP_OPTIONS_H
#define APP_LOOKUP_OPTIONS_H

#include "enrich/ip_dnsbl.h"

#define LOOKUP_TIMEOUT_MS_MIN 100
#define LOOKUP_TIMEOUT_MS_MAX 30000
#define LOOKUP_BUDGET_MAX     1000000

struct lookup_options {
	gboolean is_enabled; /* nothing of what follows happens without it */
	GStrv servers;       /* none = those of the system */
	gint64 timeout_ms;
	gint64 budget; /* questions an hour */
	gboolean want_rdns;
	gboolean want_own_spf;
	gboolean want_org_domain;
	GStrv blocklists; /* zones as in schema/dnsbl.tsv */
	char *abusix_key_file;
	char *spamhaus_key_file;
};

/* Caller ends it with lookup_options_clear(). */
void lookup_options_copy(const struct lookup_options *options, struct lookup_options *ret_copy);
void lookup_options_clear(struct lookup_options *options);

/* INVALID: a server is none, a number is out of its range, or a list must not be asked. */
gboolean lookup_options_check(const struct lookup_options *options, GError **error);

/*
 * The zones with their keys, read anew; NULL with DENIED or LIMIT where one cannot be asked.
 * blocklists outlives them.
 */
struct dnsbl_zones *lookup_options_zones(const struct lookup_options *options,
					 const struct blocklists *blocklists, GError **error);

#endif
