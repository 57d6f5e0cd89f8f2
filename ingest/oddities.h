/* SPDX-License-Identifier: MIT */
/*
 * oddities.h - count what is odd while reading, and say it once per kind at the end.
 *
 * A report may have the same fault in each of a million records. Noting one costs next to nothing;
 * the document gets one warning per kind, with the first value seen and how often it happened.
 *
 * Owner: the caller. Threads: one.
 */
#ifndef INGEST_ODDITIES_H
#define INGEST_ODDITIES_H

#include <glib.h>

#include "core/document.h"

enum oddity {
	ODDITY_RECORD_EMPTY,
	ODDITY_COUNT_MISSING,
	ODDITY_COUNT_INVALID,
	ODDITY_SOURCE_MISSING,
	ODDITY_SOURCE_INVALID,
	ODDITY_HEADER_FROM_MISSING,
	ODDITY_DISPOSITION_MISSING,
	ODDITY_DISPOSITION_UNKNOWN,
	ODDITY_RESULT_MISSING,
	ODDITY_RESULT_UNKNOWN,
	ODDITY_TOO_MANY_RESULTS,
	ODDITY_TOO_MANY_REASONS,
	ODDITY_TOO_MANY_ERRORS,
	ODDITY_DUPLICATE,
	ODDITY_DOMAIN_TOO_LONG,
	ODDITY_TEXT_REPAIRED,
	ODDITY_TEXT_CUT,
	ODDITY_INSTANT_MILLISECONDS,
	ODDITY_INSTANT_TEXT,
	ODDITY_INSTANT_INVALID,
	N_ODDITIES,
};

struct oddities {
	guint n[N_ODDITIES];
	GString *example[N_ODDITIES]; /* of the first; NULL before */
};

void oddities_clear(struct oddities *oddities);

/* len bytes of repaired text, quoted in the warning; they are cut to a length that can be read. */
void oddities_note(struct oddities *oddities, enum oddity oddity, const char *example, gsize len);

/* Give the warnings to document and forget them. */
void oddities_flush(struct oddities *oddities, struct document *document);

#endif
