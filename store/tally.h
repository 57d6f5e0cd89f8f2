/* SPDX-License-Identifier: MIT */
/*
 * tally.h - what the records of a source say, summed up: messages by kind and key.
 *
 * Kinds without a key count messages of a mark (core/facts.h) and have key 0. The others count by
 * a number: bits of enum alignment, or the id of a name. What follows from the rest is left out:
 * the unsigned where they are bare, and what is in no way aligned. Kept sorted, without zeros, so
 * that equal contents are equal bytes. In a blob: code and messages of each as varints
 * (store/pack.h).
 */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include <glib.h>

#include "store/pack.h"

/* Stored: append only, at most 16. */
enum tally_kind {
	TALLY_NEUTRAL,
	TALLY_BARE,
	TALLY_NOOWN, /* that is not bare, too */
	TALLY_ESP,
	TALLY_TMP,
	TALLY_ALIGNMENT,      /* key: bits of enum alignment, not 0 */
	TALLY_VIA,            /* key: the domain that it passes for without being aligned */
	TALLY_SIGNED,         /* key: signatures that passed aligned */
	TALLY_BROKEN,         /* key: own signatures that broke, of failing messages */
	TALLY_BROKEN_COUNTED, /* of a source: the same in counted reports */
};

struct tally_item {
	guint64 code;
	gint64 n; /* messages */
};

/*
 * So many items are kept, those of the lowest codes, so that somebody who signs with 100,000
 * domains costs no more than an honest sender. Which stay does not depend on the order they come
 * in, and what stays is exact: marks and alignments always do, their codes are below.
 */
#define TALLY_ITEMS_MAX 1024

/* GArray of struct tally_item, by code. */
GArray *tally_new(void);

/* As small as it can be: hundreds of thousands are kept at a time. */
GArray *tally_copy(const GArray *tally);

static inline enum tally_kind
tally_kind(const struct tally_item *item)
{
	return (enum tally_kind)(item->code & 15);
}

static inline guint32
tally_key(const struct tally_item *item)
{
	return (guint32)(item->code >> 4);
}

void tally_add(GArray *tally, enum tally_kind kind, guint32 key, gint64 n);
/* more ascends, as tallies do. */
void tally_merge(GArray *tally, const GArray *more);

/* What a record says, in tally. */
void tally_add_record(GArray *tally, const struct stored_record *record);

/* The part of each count that falls on one day of a spread: whole messages, sums exact. */
struct spread;
void tally_spread(GArray *tally, const GArray *whole, const struct spread *spread, gint64 day);

void tally_pack(GByteArray *out, const GArray *tally);
/* Adds to tally. FALSE where the bytes are damaged. */
gboolean tally_unpack(GArray *tally, gconstpointer bytes, gsize len);

#endif
