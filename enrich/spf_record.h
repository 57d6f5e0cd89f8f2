/* SPDX-License-Identifier: MIT */
/*
 * spf_record.h - the terms of one SPF record (RFC 7208 section 4.6.1 and 12).
 *
 * Reads and judges nothing; macros are noticed and not expanded. One syntax error makes the whole
 * record invalid, as it does for receivers; modifiers that nobody knows are left out.
 *
 * Owner: the caller; texts live as long as the record. Threads: any; nothing is shared.
 */
#ifndef ENRICH_SPF_RECORD_H
#define ENRICH_SPF_RECORD_H

#include "core/ip.h"

#define SPF_TERMS_MAX 256

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /* is no term of the list, see struct spf_record */
	SPF_EXP,      /* is left out */
	N_SPF_KINDS,
};

struct spf_term {
	enum spf_kind kind;
	gboolean is_pass;   /* "+", or none of "-", "~", "?" in front */
	gboolean has_macro; /* domain is as written */
	const char *domain; /* lower case; "" = the record's own */
	struct ip ip;       /* IP4, IP6 */
	guint v4_bits;      /* of 32: IP4, A, MX */
	guint v6_bits;      /* of 128: IP6, A, MX */
};

struct spf_record {
	GArray *terms;            /* struct spf_term, up to the first "all" */
	struct spf_term redirect; /* domain "" = none; counts only without "all" */
	GStringChunk *strings;
};

/* Does a TXT record say that it is one for SPF? (section 4.5) */
gboolean spf_record_is(const char *text);

/* INVALID with the term, LIMIT. ret_record is cleared by the caller only on success. */
gboolean spf_record_read(const char *text, struct spf_record *ret_record, GError **error);
void spf_record_clear(struct spf_record *record);
typedef struct spf_record spf_record_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(spf_record_auto, spf_record_clear)

#endif
