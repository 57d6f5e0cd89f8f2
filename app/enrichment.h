/* SPDX-License-Identifier: MIT */
/*
 * enrichment.h - all that senders, reporters and addresses are recognised by: what comes with the
 * program, and the files of the administrator (block "enrich"). Nothing of it asks the network.
 *
 * Owner: the caller; what its parts return lives as long as it does. Threads: any, once loaded.
 */
#ifndef APP_ENRICHMENT_H
#define APP_ENRICHMENT_H

#include "app/config.h"
#include "enrich/catalogue.h"
#include "enrich/ip_geo.h"
#include "enrich/known_reporters.h"
#include "enrich/org_domain.h"

struct enrichment {
	struct catalogue *catalogue;
	struct known_reporters *reporters;
	struct org_domains *org_domains;
	struct ip_geo *geo; /* without a file everything is unknown to it */
};

/*
 * Load everything. The first file that cannot be used is an error that names option, file and
 * line: DENIED where it cannot be read, else INVALID or LIMIT.
 */
struct enrichment *enrichment_load(const struct config *config, GError **error);
/* What comes with the program alone. */
struct enrichment *enrichment_new_builtin(void);
void enrichment_free(struct enrichment *enrichment);
typedef struct enrichment enrichment_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(enrichment_auto, enrichment_free)

/* Hears of one part or file: what it holds and how old it is, or why it cannot be used. */
typedef void (*enrichment_tell_fn)(gpointer data, const char *what, gboolean is_well,
				   const char *text);

/* Load everything, one broken file after another, and tell of each. */
void enrichment_examine(const struct config *config, enrichment_tell_fn tell, gpointer data);

#endif
