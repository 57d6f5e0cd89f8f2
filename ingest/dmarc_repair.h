/* SPDX-License-Identifier: MIT */
/*
 * dmarc_repair.h - make well-formed XML out of what reporters send in its place.
 *
 * Used only after a strict reading has failed. It looks for each <feedback> and copies what is
 * inside, with the faults that leave every number certain mended: junk before and after, bare "&"
 * and "<", bytes that are not UTF-8, control characters, a lost "<" of an end tag, end tags that
 * are missing or too many. Attributes, comments and prefixes are left out. It never makes up the
 * end of a report or of a record: those must close by themselves.
 *
 * Owner: the caller. Threads: one per struct repair.
 */
#ifndef INGEST_DMARC_REPAIR_H
#define INGEST_DMARC_REPAIR_H

#include <glib.h>

enum repair_step {
	REPAIR_MORE,   /* all input is used up: add more */
	REPAIR_CLOSED, /* a report is complete; the next output belongs to another one */
	REPAIR_BROKEN, /* a record does not close: the numbers would be guesses */
};

struct repair;

/* encoding: the declared 8-bit encoding, which the output is in then; NULL for UTF-8. */
struct repair *repair_new(const char *encoding);
void repair_free(struct repair *repair);
typedef struct repair repair_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(repair_auto, repair_free)

/* Add input; is_last also where len is 0. */
void repair_add(struct repair *repair, const guint8 *bytes, gsize len, gboolean is_last);

/* Append what is ready to out. */
enum repair_step repair_take(struct repair *repair, GString *out);

/* Is a <feedback> open? At the end of input that means it was cut short. */
gboolean repair_is_inside(const struct repair *repair);

#endif
