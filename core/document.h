/* SPDX-License-Identifier: MIT */
/*
 * document.h - what parsing yields: one report with its warnings and where it stood in the mail.
 *
 * A document owns one string chunk; every string inside lives there, so document_free() frees all.
 * It is immutable once parsing has returned it, and crosses threads by handing over the pointer.
 *
 * struct parsed is the whole answer for one mail or file: documents, and a fault for each part that
 * claimed to be a report and could not be read.
 */
#ifndef CORE_DOCUMENT_H
#define CORE_DOCUMENT_H

#include <glib.h>

#include "core/report.h"

enum document_kind {
	DOCUMENT_AGGREGATE,
	N_DOCUMENT_KINDS,
};

/* Odd but readable: what, in a stable word for counting, and a sentence with the value. */
struct warning {
	const char *code; /* static text, e.g. "count-missing" */
	const char *text; /* "" where the code says all */
};

struct document {
	enum document_kind kind;
	GStringChunk *strings;
	GArray *warnings; /* struct warning */
	const char *part; /* where in the input, for humans: part 2 "r.zip": entry 1 "r.xml" */
	GBytes *raw;      /* the report's own bytes (XML), compressed by core/compress */
	union {
		struct report report;
	};
};

/* A part that could not be read. */
struct fault {
	char *part;   /* as document.part */
	char *reason; /* a sentence that names cause and, for limits, the limit */
};

struct parsed {
	GPtrArray *documents; /* struct document *, in input order */
	GArray *faults;       /* struct fault */
	char *note; /* why there is nothing to read, where both are empty ("auto-reply", ...) */
};

/* A document of kind with empty arrays, all strings "", name 0 and sets 0 in place. */
struct document *document_new(enum document_kind kind);
void document_free(struct document *document);
typedef struct document document_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(document_auto, document_free)

/* Copy text into the document. The same text is kept once; it must be repaired by core/text. */
char *document_string(struct document *document, const char *text);

/* Note something odd. At most DOCUMENT_WARNINGS_MAX are kept; the same code and text once. */
#define DOCUMENT_WARNINGS_MAX 64
void document_warn(struct document *document, const char *code, const char *text);

struct parsed *parsed_new(void);
void parsed_free(struct parsed *parsed);
typedef struct parsed parsed_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(parsed_auto, parsed_free)

/* Takes part and reason. */
void parsed_add_fault(struct parsed *parsed, char *part, char *reason);

/* The faults as one sentence, "" where there is none. Caller frees. */
char *parsed_reason(const struct parsed *parsed);

#endif
