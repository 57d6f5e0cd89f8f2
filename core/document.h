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

#include "core/bounce.h"
#include "core/feedback.h"
#include "core/report.h"
#include "core/tlsrpt.h"

enum document_kind {
	DOCUMENT_AGGREGATE,
	DOCUMENT_FAILURE,   /* feedback: RFC 6591, RFC 9991 */
	DOCUMENT_COMPLAINT, /* feedback: RFC 5965 and the like */
	DOCUMENT_BOUNCE,
	DOCUMENT_TLS,
	N_DOCUMENT_KINDS,
};

/* Did the mail that carried the report pass DMARC, as a server of ours saw it (RFC 8601)? */
enum authenticated {
	AUTHENTICATED_UNKNOWN, /* no Authentication-Results of a trusted server, or no mail at all
				*/
	AUTHENTICATED_YES,
	AUTHENTICATED_NO,
	N_AUTHENTICATED,
};

/* What is known of the mail that carried a document. */
struct carrier {
	guint32 is_bare;         /* TRUE: there was no mail, somebody handed in the file itself */
	const char *from_domain; /* of its From field, lower case; "" for a bare file */
	const char *from;        /* the whole address, lower case; "" where there is none */
	const char *message_id;
	guint32 authenticated;   /* enum authenticated */
	const char *auth_domain; /* that the trusted server saw, "" where unknown */
};

/* Odd but readable: what, in a stable word for counting, and a sentence with the value. */
struct warning {
	const char *code; /* static text, e.g. "count-missing" */
	const char *text; /* "" where the code says all */
};

struct document;

/*
 * Where the records of a report go while it is still being read, so that nobody has to hold them
 * all. Whether the report is any good is known only at its end.
 */
struct document_sink {
	gpointer cookie;
	/* Take all that is new of names, sets and records; then the records are emptied. */
	void (*take_records)(gpointer cookie, const struct document *document);
	/* The document is freed; nothing of it is to be used unless it was handed on as a whole. */
	void (*forget)(gpointer cookie, const struct document *document);
};

struct document {
	enum document_kind kind;
	const struct document_sink *sink; /* NULL: the document holds all. Not owned. */
	GStringChunk *strings;
	GArray *warnings; /* struct warning */
	const char *part; /* where in the input, for humans: part 2 "r.zip": entry 1 "r.xml" */
	struct carrier carrier;
	/* The report's own bytes (XML, JSON), compressed by core/compress. NULL where not asked
	 * for, and for kinds whose raw bytes hold other people's mail. */
	GBytes *raw;
	union {
		struct report report;     /* DOCUMENT_AGGREGATE */
		struct feedback feedback; /* DOCUMENT_FAILURE, DOCUMENT_COMPLAINT */
		struct bounce bounce;     /* DOCUMENT_BOUNCE */
		struct tlsrpt tlsrpt;     /* DOCUMENT_TLS */
	};
};

/* A part that could not be read. */
struct fault {
	const char *code; /* static text for counting, one of FAULT_* */
	char *part;       /* as document.part */
	char *reason;     /* a sentence that names cause and, for limits, the limit */
};

/* Why a part could not be read, or a mail holds nothing to read. */
#define FAULT_DAMAGED   "damaged"       /* cut short, not well-formed, bad checksum */
#define FAULT_LIMIT     "limit"         /* over a limit, which the reason names */
#define FAULT_NO_REPORT "no-report"     /* claims to be a report and is none */
#define FAULT_KILLED    "parser-killed" /* the worker died or was stopped over it */

struct parsed {
	GPtrArray *documents; /* struct document *, in input order */
	GArray *faults;       /* struct fault */
	char *note; /* why there is nothing to read, where both are empty ("auto-reply", ...) */
};

/* "aggregate", "failure", "complaint", "bounce", "tls". */
const char *document_kind_name(enum document_kind kind);

/* The members of the kinds that have a shape; NULL for aggregate reports, which are records. */
const struct shape *document_shape(enum document_kind kind);

/* The noun of a document whose kind has a shape. */
gpointer document_noun(struct document *document);
gconstpointer document_noun_const(const struct document *document);

/*
 * Let the sink of an aggregate report, where it has one, take the records there are. Their number
 * and messages stay known: report.n_taken, report.taken_messages.
 */
void document_hand_on(struct document *document);

/*
 * Who reports, for keys and display: see report_reporter(); else the domain of the mail that
 * carried it, or what the report says of its maker. "" where nothing is known. The document's.
 */
const char *document_reporter(const struct document *document);

/* "unknown", "yes", "no". */
const char *authenticated_name(enum authenticated authenticated);

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

/* Takes part and reason; code is a FAULT_*. */
void parsed_add_fault(struct parsed *parsed, const char *code, char *part, char *reason);

/* The code of a fault of this text, FAULT_DAMAGED for one that nobody knows. */
const char *fault_code_find(const char *text);

/* The faults as one sentence, "" where there is none. Caller frees. */
char *parsed_reason(const struct parsed *parsed);

#endif
