/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_fields.h"

#include <stddef.h>

#include "core/report.h"

#define IN_REPORT(member) offsetof(struct report, member)
#define IN_POLICY(member) (offsetof(struct report, policy) + offsetof(struct policy, member))
#define IN_RECORD(member) offsetof(struct record, member)
#define IN_AUTH(member)   offsetof(struct auth_result, member)
#define IN_REASON(member) offsetof(struct reason, member)

/* clang-format off */
const struct field_row dmarc_field_rows[] = {
{ "feedback", FIELD_DOCUMENT, FIELD_FEEDBACK, VALUE_GROUP, 0, FALSE },

{ "record", FIELD_FEEDBACK, FIELD_RECORD, VALUE_GROUP, 0, TRUE },
{ "version", FIELD_FEEDBACK, FIELD_VERSION, VALUE_REPORT_TEXT, IN_REPORT(version), FALSE },
{ "report_metadata", FIELD_FEEDBACK, FIELD_METADATA, VALUE_GROUP, 0, FALSE },
{ "policy_published", FIELD_FEEDBACK, FIELD_POLICY, VALUE_GROUP, 0, FALSE },

{ "org_name", FIELD_METADATA, FIELD_ORG_NAME, VALUE_REPORT_TEXT, IN_REPORT(org_name), FALSE },
{ "email", FIELD_METADATA, FIELD_EMAIL, VALUE_REPORT_TEXT, IN_REPORT(org_email), FALSE },
{ "extra_contact_info", FIELD_METADATA, FIELD_EXTRA_CONTACT_INFO, VALUE_REPORT_TEXT,
  IN_REPORT(extra_contact_info), FALSE },
{ "report_id", FIELD_METADATA, FIELD_REPORT_ID, VALUE_REPORT_TEXT, IN_REPORT(report_id), FALSE },
{ "error", FIELD_METADATA, FIELD_ERROR, VALUE_REPORT_ERROR, 0, TRUE },
{ "generator", FIELD_METADATA, FIELD_GENERATOR, VALUE_REPORT_TEXT, IN_REPORT(generator), FALSE },
{ "date_range", FIELD_METADATA, FIELD_DATE_RANGE, VALUE_GROUP, 0, FALSE },

{ "begin", FIELD_DATE_RANGE, FIELD_BEGIN, VALUE_REPORT_INSTANT, IN_REPORT(begin_at), FALSE },
{ "end", FIELD_DATE_RANGE, FIELD_END, VALUE_REPORT_INSTANT, IN_REPORT(end_at), FALSE },

{ "domain", FIELD_POLICY, FIELD_POLICY_DOMAIN, VALUE_REPORT_DOMAIN, IN_POLICY(domain), FALSE },
{ "p", FIELD_POLICY, FIELD_P, VALUE_REPORT_TEXT, IN_POLICY(p), FALSE },
{ "sp", FIELD_POLICY, FIELD_SP, VALUE_REPORT_TEXT, IN_POLICY(sp), FALSE },
{ "np", FIELD_POLICY, FIELD_NP, VALUE_REPORT_TEXT, IN_POLICY(np), FALSE },
{ "adkim", FIELD_POLICY, FIELD_ADKIM, VALUE_REPORT_TEXT, IN_POLICY(adkim), FALSE },
{ "aspf", FIELD_POLICY, FIELD_ASPF, VALUE_REPORT_TEXT, IN_POLICY(aspf), FALSE },
{ "fo", FIELD_POLICY, FIELD_FO, VALUE_REPORT_TEXT, IN_POLICY(fo), FALSE },
{ "pct", FIELD_POLICY, FIELD_PCT, VALUE_REPORT_TEXT, IN_POLICY(pct), FALSE },
{ "testing", FIELD_POLICY, FIELD_TESTING, VALUE_REPORT_TEXT, IN_POLICY(testing), FALSE },
{ "discovery_method", FIELD_POLICY, FIELD_DISCOVERY_METHOD, VALUE_REPORT_TEXT,
  IN_POLICY(discovery_method), FALSE },

{ "row", FIELD_RECORD, FIELD_ROW, VALUE_GROUP, 0, FALSE },
{ "identifiers", FIELD_RECORD, FIELD_IDENTIFIERS, VALUE_GROUP, 0, FALSE },
{ "auth_results", FIELD_RECORD, FIELD_AUTH_RESULTS, VALUE_GROUP, 0, FALSE },
{ "identities", FIELD_RECORD, FIELD_IDENTIFIERS, VALUE_GROUP, 0, FALSE }, /* Google in 2012 */

{ "source_ip", FIELD_ROW, FIELD_SOURCE_IP, VALUE_RECORD_IP, IN_RECORD(source_ip), FALSE },
{ "count", FIELD_ROW, FIELD_COUNT, VALUE_RECORD_COUNT, IN_RECORD(count), FALSE },
{ "policy_evaluated", FIELD_ROW, FIELD_EVALUATED, VALUE_GROUP, 0, FALSE },

{ "disposition", FIELD_EVALUATED, FIELD_DISPOSITION, VALUE_RECORD_DISPOSITION, 0, FALSE },
{ "dkim", FIELD_EVALUATED, FIELD_ALIGNED_DKIM, VALUE_RECORD_ALIGNED, IN_RECORD(dkim), FALSE },
{ "spf", FIELD_EVALUATED, FIELD_ALIGNED_SPF, VALUE_RECORD_ALIGNED, IN_RECORD(spf), FALSE },
{ "reason", FIELD_EVALUATED, FIELD_REASON, VALUE_REASON, 0, TRUE },

{ "type", FIELD_REASON, FIELD_REASON_TYPE, VALUE_REASON_WORD, IN_REASON(type), FALSE },
{ "comment", FIELD_REASON, FIELD_REASON_COMMENT, VALUE_REASON_TEXT, IN_REASON(comment), FALSE },

{ "header_from", FIELD_IDENTIFIERS, FIELD_HEADER_FROM, VALUE_RECORD_DOMAIN,
  IN_RECORD(header_from), FALSE },
{ "envelope_from", FIELD_IDENTIFIERS, FIELD_ENVELOPE_FROM, VALUE_RECORD_DOMAIN,
  IN_RECORD(envelope_from), FALSE },
{ "envelope_to", FIELD_IDENTIFIERS, FIELD_ENVELOPE_TO, VALUE_RECORD_DOMAIN,
  IN_RECORD(envelope_to), FALSE },

{ "dkim", FIELD_AUTH_RESULTS, FIELD_DKIM, VALUE_GROUP, AUTH_DKIM, TRUE },
{ "spf", FIELD_AUTH_RESULTS, FIELD_SPF, VALUE_GROUP, AUTH_SPF, TRUE },

{ "domain", FIELD_DKIM, FIELD_DKIM_DOMAIN, VALUE_AUTH_DOMAIN, IN_AUTH(domain), FALSE },
{ "selector", FIELD_DKIM, FIELD_DKIM_SELECTOR, VALUE_AUTH_TEXT, IN_AUTH(selector), FALSE },
{ "result", FIELD_DKIM, FIELD_DKIM_RESULT, VALUE_AUTH_WORD, IN_AUTH(result), FALSE },
{ "human_result", FIELD_DKIM, FIELD_DKIM_HUMAN_RESULT, VALUE_AUTH_TEXT, IN_AUTH(human_result),
  FALSE },

{ "domain", FIELD_SPF, FIELD_SPF_DOMAIN, VALUE_AUTH_DOMAIN, IN_AUTH(domain), FALSE },
{ "scope", FIELD_SPF, FIELD_SPF_SCOPE, VALUE_AUTH_WORD, IN_AUTH(scope), FALSE },
{ "result", FIELD_SPF, FIELD_SPF_RESULT, VALUE_AUTH_WORD, IN_AUTH(result), FALSE },
{ "human_result", FIELD_SPF, FIELD_SPF_HUMAN_RESULT, VALUE_AUTH_TEXT, IN_AUTH(human_result),
  FALSE },
};
/* clang-format on */

const guint dmarc_n_field_rows = G_N_ELEMENTS(dmarc_field_rows);

G_STATIC_ASSERT(N_FIELDS <= 64);

guint64
dmarc_fields_below(enum field field)
{
	guint64 below = 0;

	for (guint i = 0; i < dmarc_n_field_rows; i++)
		if (dmarc_field_rows[i].parent == field)
			below |= FIELD_BIT(dmarc_field_rows[i].field) |
				 dmarc_fields_below(dmarc_field_rows[i].field);
	return below;
}
