/* SPDX-License-Identifier: MIT */
/*
 * wire_items.h - what both sides of core/wire agree on: the blocks, and how one item is laid out.
 *
 * The lists of an aggregate report are rows of one table, its texts of another, so that writer and
 * reader cannot differ.
 */
#ifndef CORE_WIRE_ITEMS_H
#define CORE_WIRE_ITEMS_H

#include <glib.h>

#include "core/report.h"

/* The first byte of a block. All but FAULT, NOTE and END go on with the document's number. */
enum wire_block {
	BLOCK_BEGIN = 1, /* the kind */
	BLOCK_NAMES,     /* n, texts */
	BLOCK_ITEMS,     /* which list, n, items */
	BLOCK_HEADER,    /* all that an aggregate report has once */
	BLOCK_NOUN,      /* all of a document whose kind has a shape */
	BLOCK_WARNINGS,  /* n, pairs of texts */
	BLOCK_PLACE,     /* part and carrier */
	BLOCK_RAW,       /* length, bytes */
	BLOCK_RAW_AGAIN, /* the same bytes as the last BLOCK_RAW */
	BLOCK_DONE,      /* the document is whole */
	BLOCK_DROP,      /* the document is none */
	BLOCK_FAULT,     /* code, part, reason */
	BLOCK_NOTE,      /* text */
	BLOCK_END,
};

/* A list of an aggregate report, in an order in which an item points only to what came before. */
struct wire_list {
	gsize offset; /* of the GArray in struct report */
	guint first;  /* items that every new report has */
	gsize size;   /* of an item in memory */
	gsize len;    /* of an item on the wire */
	void (*pack)(gconstpointer item, guint8 *at);
	/* FALSE: the item points nowhere. */
	gboolean (*unpack)(const guint8 *at, const struct report *report, gpointer ret_item);
};

enum {
	WIRE_AUTH_RESULTS,
	WIRE_AUTH_SETS,
	WIRE_REASONS,
	WIRE_REASON_SETS,
	WIRE_RECORDS,
	N_WIRE_LISTS,
};

extern const struct wire_list wire_lists[N_WIRE_LISTS];

/* Offsets of the texts that a report has once, in struct report. */
extern const gsize wire_report_texts[];
extern const gsize wire_n_report_texts;

/* The longest item of wire_lists. */
#define WIRE_ITEM_LEN_MAX 64

#endif
