/* SPDX-License-Identifier: MIT */
/*
 * source_facts.h - what the store knows of a source by itself, kept with it so that it can be
 * judged again and explained without its days: figures, reporters, signatures, whom it passes for.
 *
 * In a blob, as varints: a bit for each number that is not 0, those numbers, then the lists
 * (store/tally.h).
 */
#ifndef STORE_SOURCE_FACTS_H
#define STORE_SOURCE_FACTS_H

#include <glib.h>

#include "core/facts.h"
#include "core/source.h"
#include "store/pack.h"
#include "store/tally.h"

/* So many keys of each kind are kept, of those in its tally the ones with the most messages. */
#define SOURCE_KEYS_MAX 16

/* One row of source_day, its address apart. */
struct source_day {
	guint32 domain;
	guint32 reporter;
	guint32 party;
	guint32 voice;         /* where it is counted, else 0 */
	guint32 authenticated; /* enum authenticated, of the party */
	gint64 day;
	gint64 reports;
	struct totals totals;
	guint tally_at; /* in the bytes of struct source_days */
	guint tally_len;
};

/* All days of an address, by domain, day and party. */
struct source_days {
	GArray *rows;        /* struct source_day */
	GByteArray *tallies; /* packed */
};
struct source_days *source_days_new(void);
void source_days_clear(struct source_days *days);
void source_days_free(struct source_days *days);
typedef struct source_days source_days_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(source_days_auto, source_days_free)

struct source_facts {
	struct figures figures[N_SIDES]; /* ownsig is 0: it takes the domain's signatures */
	gint64 reporters;                /* Rv: voices that are counted */
	gint64 is_active;                /* has mail in the last 30 days, and is judged on them */
	gint64 ever_passed;              /* of the address */
	gint64 is_multi;                 /* of the address */
	gint64 ruf_samples;
	gint64 last_seen; /* last day with mail up to the last day of all windows; 0 = none */
	GArray *lists;    /* tally: alignment, via, signed, broken, broken_counted */
};

/* lists is made. */
void source_facts_init(struct source_facts *facts);
void source_facts_clear(struct source_facts *facts);

/* From the n rows at first, which are those of one domain, as far as from_day to to_day. FALSE
 * where a tally is damaged. */
struct source_slice {
	const struct source_days *days;
	guint first;
	guint n;
};
gboolean source_facts_make(struct source_facts *facts, const struct source_slice *slice,
			   gint64 from_day, gint64 to_day);

void source_facts_pack(GByteArray *out, const struct source_facts *facts);
/* FALSE where the bytes are damaged. */
gboolean source_facts_unpack(struct source_facts *facts, gconstpointer bytes, gsize len);

#endif
