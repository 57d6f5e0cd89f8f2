/* SPDX-License-Identifier: MIT */
/*
 * pack.h - small numbers in few bytes: the blobs of the SQLite store.
 *
 * Every number is a varint, seven bits a byte, lowest first. What is packed:
 *   a record        address (as distance from the one before), seq, count, bits, auth_set,
 *                   header_from, envelope_from, then what the bits announce
 *   an auth set     for each result: kind, domain, selector, scope, result, human_result
 *   a reason set    for each reason: type, comment
 *   a source body   totals of the windows, longest first, and messages of the newest days
 * Words are name ids. Reading never runs over the end: a blob that ends early sets is_broken.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <glib.h>

#include "core/source.h"
#include "store/query.h"

struct unpack {
	const guint8 *at;
	const guint8 *end;
	gboolean is_broken;
};

void pack_uint(GByteArray *out, guint64 value);
guint64 unpack_uint(struct unpack *in);
guint32 unpack_id(struct unpack *in);
gboolean unpack_at_end(const struct unpack *in);

/* A record with the store's ids in place of the document's indexes. */
struct stored_record {
	guint32 address;
	guint32 seq; /* place in the report, from 1 */
	gint64 count;
	guint32 auth_set;
	guint32 reason_set;
	guint32 header_from;
	guint32 envelope_from;
	guint32 envelope_to;
	guint32 source_text;      /* PACK_NO_NAME where there is an address */
	guint32 disposition_name; /* PACK_NO_NAME unless DISPOSITION_OTHER */
	guint8 disposition;
	guint8 dkim;
	guint8 spf;
	gboolean is_forwarded; /* failing, with a reason that tells of forwarding */
	gboolean is_explained; /* failing, with an unaligned pass of another domain */
	/* Not packed but read again from the sets (store/judge.h); via and signatures are names. */
	guint32 marks;
	guint32 alignment;
	guint32 via;
	guint32 signatures;
};

/* The id of "" in every dictionary. */
#define PACK_NO_NAME 1

void pack_record(GByteArray *out, const struct stored_record *record, guint32 address_before);
void unpack_record(struct unpack *in, struct stored_record *ret_record, guint32 address_before);

/* The totals of one record. */
struct totals stored_record_totals(const struct stored_record *record);

/* What a source row keeps apart from its key, class and message counts. */
struct source_body {
	struct totals totals[N_WINDOWS]; /* messages are columns of their own */
	GArray *spark;                   /* struct day_count, ascending */
};
struct day_count {
	gint64 day;
	gint64 messages;
};
void pack_source_body(GByteArray *out, const struct source_body *body);

/* Reads the totals; messages stay as they are. spark may be NULL, else days are added to it. */
void unpack_source_body(struct unpack *in, struct totals totals[N_WINDOWS], GArray *spark);

#endif
