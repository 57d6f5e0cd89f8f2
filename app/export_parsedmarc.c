/* SPDX-License-Identifier: MIT */
/*
 * The columns of parsedmarc's aggregate CSV, so that scripts and spreadsheets which read those go
 * on working. What dmarcd does not know of a source is empty. Times are UTC.
 */
#include "app/export.h"

const char *const parsedmarc_columns[] = {
	"xml_schema",
	"org_name",
	"org_email",
	"org_extra_contact_info",
	"report_id",
	"begin_date",
	"end_date",
	"normalized_timespan",
	"errors",
	"domain",
	"adkim",
	"aspf",
	"p",
	"sp",
	"pct",
	"fo",
	"source_ip_address",
	"source_country",
	"source_reverse_dns",
	"source_base_domain",
	"source_name",
	"source_type",
	"source_asn",
	"source_as_name",
	"source_as_domain",
	"count",
	"spf_aligned",
	"dkim_aligned",
	"dmarc_aligned",
	"disposition",
	"policy_override_reasons",
	"policy_override_comments",
	"envelope_from",
	"header_from",
	"envelope_to",
	"dkim_domains",
	"dkim_selectors",
	"dkim_results",
	"spf_domains",
	"spf_scopes",
	"spf_results",
	NULL,
};

static void
set_text(json_t *row, const char *name, const char *text)
{
	json_object_set_new(row, name, json_string(text));
}

/* As Python prints it. */
static void
set_truth(json_t *row, const char *name, gboolean is_true)
{
	set_text(row, name, is_true ? "True" : "False");
}

static void
set_time(json_t *row, const char *name, gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
	g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("");

	set_text(row, name, text);
}

static void
set_report(json_t *row, const struct query_report_detail *detail)
{
	const struct query_report *report = &detail->report;

	set_text(row, "xml_schema", *detail->version ? detail->version : "draft");
	set_text(row, "org_name", report->org_name);
	set_text(row, "org_email", report->org_email);
	set_text(row, "org_extra_contact_info", detail->extra_contact_info);
	set_text(row, "report_id", report->report_id);
	set_time(row, "begin_date", report->begin_at);
	set_time(row, "end_date", report->end_at);
	set_truth(row, "normalized_timespan", FALSE);
	set_text(row, "errors", detail->errors);
	set_text(row, "domain", report->domain);
	set_text(row, "adkim", detail->adkim);
	set_text(row, "aspf", detail->aspf);
	set_text(row, "p", detail->p);
	set_text(row, "sp", detail->sp);
	set_text(row, "pct", detail->pct);
	set_text(row, "fo", detail->fo);
}

static void
set_columns(json_t *row, const struct query_record *record)
{
	static const char *const names[N_RECORD_COLUMNS] = {
		[RECORD_DKIM_DOMAINS] = "dkim_domains",
		[RECORD_DKIM_SELECTORS] = "dkim_selectors",
		[RECORD_DKIM_RESULTS] = "dkim_results",
		[RECORD_SPF_DOMAINS] = "spf_domains",
		[RECORD_SPF_SCOPES] = "spf_scopes",
		[RECORD_SPF_RESULTS] = "spf_results",
		[RECORD_REASON_TYPES] = "policy_override_reasons",
		[RECORD_REASON_COMMENTS] = "policy_override_comments",
	};

	for (int i = 0; i < N_RECORD_COLUMNS; i++)
		set_text(row, names[i], record->columns[i]);
}

json_t *
parsedmarc_of_record(const struct query_report_detail *report, const struct query_record *record)
{
	gboolean spf = record->spf == ALIGNED_PASS;
	gboolean dkim = record->dkim == ALIGNED_PASS;
	json_t *row = json_object();
	char ip[IP_TEXT_LEN];

	set_report(row, report);
	set_text(row, "source_ip_address",
		 *record->source_text ? record->source_text : ip_format(&record->source_ip, ip));
	json_object_set_new(row, "count", json_integer(record->count));
	set_truth(row, "spf_aligned", spf);
	set_truth(row, "dkim_aligned", dkim);
	set_truth(row, "dmarc_aligned", spf || dkim);
	set_text(row, "disposition", record->disposition_name);
	set_text(row, "envelope_from", record->envelope_from);
	set_text(row, "header_from", record->header_from);
	set_text(row, "envelope_to", record->envelope_to);
	set_columns(row, record);
	return row;
}
