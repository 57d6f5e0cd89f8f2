/* SPDX-License-Identifier: MIT */
/*
 * dmarc_names.h - turn the words of a report's records into numbers (core/report.h: names).
 *
 * Records repeat a few words a million times, so the same bytes are looked up in a small cache
 * before they are cleaned and searched. The caches outlive a document and are reused.
 *
 * Owner: the caller; the words live in the document. Threads: one.
 */
#ifndef INGEST_DMARC_NAMES_H
#define INGEST_DMARC_NAMES_H

#include <glib.h>

#include "core/document.h"
#include "ingest/oddities.h"

enum name_form {
	NAME_TEXT,   /* as written */
	NAME_WORD,   /* lower case */
	NAME_DOMAIN, /* lower case, no trailing dot, A-labels, at most 253 bytes */
};

#define DOMAIN_LEN_MAX 253

/* Once, before any thread: draws the number that keeps senders from choosing colliding words. */
void names_init(void);

struct names;

struct names *names_new(void);
void names_free(struct names *names);

/* Begin a document; its report has name 0 already. oddities and document outlive the use. */
void names_start(struct names *names, struct document *document, struct oddities *oddities);

/* The number of len bytes, trimmed by the caller, in that form. 0 for none. */
guint32 names_intern(struct names *names, const char *bytes, gsize len, enum name_form form);

/* Clean bytes into form; the text lives until the next call. */
const GString *names_clean(struct names *names, const char *bytes, gsize len, enum name_form form);

/* A well-mixed hash of len bytes, different in each process. */
guint64 names_hash(gconstpointer bytes, gsize len);

#endif
