/* SPDX-License-Identifier: MIT */
/*
 * dns_answer.h - what a DNS message says to a question (RFC 1035, RFC 2308).
 *
 * A failure is not an absence: FAILED means that nobody knows, NONE that it was said with authority
 * that there is nothing. Aliases (CNAME) within the message are followed; records of other names
 * are not read.
 *
 * Owner: the caller of dns_answer_init(); records and texts live as long as the answer.
 * Threads: any; nothing is shared.
 */
#ifndef NET_DNS_ANSWER_H
#define NET_DNS_ANSWER_H

#include "core/ip.h"

/* Ceilings of what is kept of one answer; what is beyond is counted in n_dropped. */
#define DNS_RECORDS_MAX  256
#define DNS_TEXT_LEN_MAX 4096
/* Records in a message; it is malformed beyond. */
#define DNS_MESSAGE_RECORDS_MAX 1000
#define DNS_ALIASES_MAX         12

/* What a TTL is taken to be at least and at most, and where a message does not tell. Seconds. */
#define DNS_TTL_MIN_S     60
#define DNS_TTL_MAX_S     (7 * 86400)
#define DNS_TTL_DEFAULT_S 3600

enum dns_type {
	DNS_A,
	DNS_AAAA,
	DNS_PTR,
	DNS_TXT,
	DNS_MX,
	N_DNS_TYPES,
};

enum dns_state {
	DNS_FAILED, /* unknown */
	DNS_NONE,   /* no such name, or no such record at it */
	DNS_FOUND,  /* even where all of its records had to be dropped */
};

/* Why it FAILED. */
enum dns_reason {
	DNS_REASON_NONE,
	DNS_REASON_SILENCE, /* no answer in time, or nobody there */
	DNS_REASON_SERVFAIL,
	DNS_REASON_REFUSED, /* every other code that is no answer, too */
	DNS_REASON_MALFORMED,
	DNS_REASON_REFERRAL, /* the server sends us to another: it does not resolve for us */
	DNS_REASON_LOOP,     /* aliases without an end */
	DNS_REASON_NAME,     /* it was not asked: this is no name */
	DNS_REASON_BUDGET,   /* it was not asked: the budget of the run is spent */
	DNS_REASON_STOPPED,  /* the run ended before */
	N_DNS_REASONS,
};

struct dns_record {
	const char *text; /* PTR, MX: a name as of dns_name_fold(); TXT: its strings joined,
			   * printable ASCII, else "?" */
	struct ip ip;     /* A, AAAA */
	gboolean is_cut;  /* TXT: longer than DNS_TEXT_LEN_MAX */
};

struct dns_answer {
	enum dns_state state;
	enum dns_reason reason;
	guint32 ttl_s;   /* of FOUND and NONE, within the limits above; 0 for FAILED */
	guint n_dropped; /* records that were no such thing, or too many */
	GArray *records; /* struct dns_record */
	GStringChunk *strings;
};

/* FAILED for that reason. */
void dns_answer_init(struct dns_answer *answer, enum dns_reason reason);
void dns_answer_clear(struct dns_answer *answer);
typedef struct dns_answer dns_answer_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(dns_answer_auto, dns_answer_clear)

/* Read what message answers to the question for name (folded). answer was initialised. */
void dns_answer_read(struct dns_answer *answer, const guint8 *message, gsize len,
		     enum dns_type type, const char *name);

/* The record's number (RFC 1035 section 3.2.2). */
guint16 dns_type_code(enum dns_type type);

/* "silence", "servfail", ...: for the log. */
const char *dns_reason_name(enum dns_reason reason);

static inline const struct dns_record *
dns_answer_record(const struct dns_answer *answer, guint i)
{
	return &g_array_index(answer->records, struct dns_record, i);
}

#endif
