/* SPDX-License-Identifier: MIT */
/*
 * sqlite_sightings.h - what records show for the first time and for the last: names below a domain
 * in From (table from_name), days on which its signatures passed (table signature_day), and that
 * something came for it at all (table change_look).
 *
 * Kept in memory with the sums of store/sqlite_rollup.h and written with them, so that both hold
 * the same reports. Anybody can invent names: what is kept has a limit for each domain, and what
 * comes beyond it is left out.
 */
#ifndef STORE_SQLITE_SIGHTINGS_H
#define STORE_SQLITE_SIGHTINGS_H

#include <glib.h>

#include "store/pack.h"
#include "store/sqlite_dictionary.h"

/* Names below one domain, ever and in memory. */
#define FROM_NAMES_MAX 1000
/* Signatures of one domain that passed on one day, those of one mail together. */
#define SIGNATURES_OF_DAY_MAX 64

struct sightings;

struct sightings *sightings_new(void);
void sightings_free(struct sightings *sightings);
typedef struct sightings sightings_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sightings_auto, sightings_free)
void sightings_forget(struct sightings *sightings);

/* A record of a counted report about domain, which counts on day. */
void sightings_add_record(struct sightings *sightings, guint32 domain, gint64 day,
			  const struct stored_record *record);

/* What sources of domain said on day, see store/tally.h. */
void sightings_add_day(struct sightings *sightings, guint32 domain, gint64 day,
		       const GArray *tally);

/* Add what was collected to the tables, and forget it. Inside a write transaction. */
gboolean sightings_write(struct sightings *sightings, struct dictionaries *dictionaries,
			 GError **error);

#endif
