/* SPDX-License-Identifier: MIT */
/*
 * blocklists.h - what the answer of a DNS block list means, and which lists may be asked at all.
 *
 * An answer that no row knows is unknown and never a listing. A closed list stays in the table so
 * that a configuration which names it can be refused with the reason; it is never to be asked.
 *
 * Owner: rows live as long as the table. Threads: any.
 */
#ifndef ENRICH_BLOCKLISTS_H
#define ENRICH_BLOCKLISTS_H

#include <glib.h>

enum listing {
	LISTING_UNKNOWN,
	LISTING_SPAM,          /* counts in the score */
	LISTING_EXPLOIT,       /* counts, too */
	LISTING_POLICY,        /* a fact about the range, no accusation */
	LISTING_NEIGHBOURHOOD, /* shown, counts nothing */
	LISTING_WELCOME,       /* shown, counts nothing */
	LISTING_ERROR,         /* could not be checked: unknown, never clean */
	N_LISTINGS,
};

/* One answer, or range of answers, of one zone. Addresses are IPv4, first byte highest. */
struct blocklist_row {
	const char *zone;     /* "KEY." in front: the customer's key goes there */
	const char *operator; /* several zones of one operator count once */
	const char *meaning;
	const char *delist_url;
	const char *note;
	enum listing listing;
	gboolean is_for_domains; /* asked with names, not with addresses */
	gboolean needs_key;
	gboolean is_closed;
	guint32 first;
	guint32 last;
	guint32 mask; /* the bits that are compared: all but those of a "*" */
};

struct blocklists;

struct blocklists *blocklists_new_builtin(void);

/* TSV with the columns of schema/dnsbl.tsv. INVALID or LIMIT with the line. */
struct blocklists *blocklists_read(const char *bytes, gsize len, GError **error);
void blocklists_free(struct blocklists *blocklists);
typedef struct blocklists blocklists_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(blocklists_auto, blocklists_free)

/* What an answer of zone means: an exact row before a range; NULL = unknown. */
const struct blocklist_row *blocklists_find(const struct blocklists *blocklists, const char *zone,
					    guint32 answer);

/* Any row of zone, to see whether it is closed, needs a key or wants names; NULL = not in it. */
const struct blocklist_row *blocklists_zone(const struct blocklists *blocklists, const char *zone);

/* What the rows of zone may say: bits LISTING_BIT() of enum listing. */
guint blocklists_may_say(const struct blocklists *blocklists, const char *zone);

#define LISTING_BIT(listing) (1U << (listing))

#endif
