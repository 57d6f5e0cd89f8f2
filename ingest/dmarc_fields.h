/* SPDX-License-Identifier: MIT */
/*
 * dmarc_fields.h - where each element of an aggregate report stands and what its text becomes.
 *
 * One table covers RFC 9990 section 3, RFC 7489 appendix C and what drafts and real reporters made
 * of them. An element that is not in it is passed over with all that it holds. A new element is
 * one new row.
 *
 * Threads: any; the table is constant.
 */
#ifndef INGEST_DMARC_FIELDS_H
#define INGEST_DMARC_FIELDS_H

#include <glib.h>

/* A place in the document. At most 64, so that a set of them is one integer. */
enum field {
	FIELD_DOCUMENT, /* outside the root element */
	FIELD_FEEDBACK,
	FIELD_VERSION,
	FIELD_METADATA,
	FIELD_ORG_NAME,
	FIELD_EMAIL,
	FIELD_EXTRA_CONTACT_INFO,
	FIELD_REPORT_ID,
	FIELD_ERROR,
	FIELD_GENERATOR,
	FIELD_DATE_RANGE,
	FIELD_BEGIN,
	FIELD_END,
	FIELD_POLICY,
	FIELD_POLICY_DOMAIN,
	FIELD_P,
	FIELD_SP,
	FIELD_NP,
	FIELD_ADKIM,
	FIELD_ASPF,
	FIELD_FO,
	FIELD_PCT,
	FIELD_TESTING,
	FIELD_DISCOVERY_METHOD,
	FIELD_RECORD,
	FIELD_ROW,
	FIELD_SOURCE_IP,
	FIELD_COUNT,
	FIELD_EVALUATED,
	FIELD_DISPOSITION,
	FIELD_ALIGNED_DKIM,
	FIELD_ALIGNED_SPF,
	FIELD_REASON,
	FIELD_REASON_TYPE,
	FIELD_REASON_COMMENT,
	FIELD_IDENTIFIERS,
	FIELD_HEADER_FROM,
	FIELD_ENVELOPE_FROM,
	FIELD_ENVELOPE_TO,
	FIELD_AUTH_RESULTS,
	FIELD_DKIM,
	FIELD_DKIM_DOMAIN,
	FIELD_DKIM_SELECTOR,
	FIELD_DKIM_RESULT,
	FIELD_DKIM_HUMAN_RESULT,
	FIELD_SPF,
	FIELD_SPF_DOMAIN,
	FIELD_SPF_SCOPE,
	FIELD_SPF_RESULT,
	FIELD_SPF_HUMAN_RESULT,
	N_FIELDS,
};

/* What the text of an element becomes; the struct that offset is in stands first in the name. */
enum field_value {
	VALUE_GROUP, /* holds elements, no text */
	VALUE_REPORT_TEXT,
	VALUE_REPORT_DOMAIN,
	VALUE_REPORT_INSTANT,
	VALUE_REPORT_ERROR,
	VALUE_RECORD_IP,
	VALUE_RECORD_COUNT,
	VALUE_RECORD_DISPOSITION,
	VALUE_RECORD_ALIGNED,
	VALUE_RECORD_DOMAIN,
	VALUE_REASON, /* a group, but rspamd writes the type as its text */
	VALUE_REASON_WORD,
	VALUE_REASON_TEXT,
	VALUE_AUTH_WORD,
	VALUE_AUTH_TEXT,
	VALUE_AUTH_DOMAIN,
	N_VALUES,
};

struct field_row {
	const char *name;
	enum field parent;
	enum field field;
	enum field_value value;
	guint16 offset;
	gboolean is_repeated; /* may stand more than once; of others the first counts */
};

#define FIELD_BIT(field) (G_GUINT64_CONSTANT(1) << (field))

/* All rows; those of one parent stand together. */
extern const struct field_row dmarc_field_rows[];
extern const guint dmarc_n_field_rows;

/* The fields below field, as bits. */
guint64 dmarc_fields_below(enum field field);

#endif
