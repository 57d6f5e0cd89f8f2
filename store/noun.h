/* SPDX-License-Identifier: MIT */
/*
 * noun.h - nouns as bytes, along their shape: what the store keeps of a document only to show it.
 *
 * Each noun begins with the number of its members, so that members added at the end of a shape
 * later are absent in older bytes. Reading never runs over the end, see store/pack.h.
 */
#ifndef STORE_NOUN_H
#define STORE_NOUN_H

#include <glib.h>

#include "core/document.h"
#include "store/pack.h"

/* What is kept in place of a text: text itself, or another, which lives until the next call. */
struct noun_mapper {
	const char *(*map)(gpointer data, const struct member *member, const char *text);
	gpointer data;
};

/* The noun of document and its warnings, each text as the mapper has it. */
void noun_pack(GByteArray *out, const struct document *document, const struct noun_mapper *mapper);

/* Fill a new document of the same kind. FALSE where the bytes are damaged. */
gboolean noun_unpack(struct unpack *in, struct document *document);

#endif
