/* SPDX-License-Identifier: MIT */
#include "app/report_json.h"

#include <stddef.h>

/* The texts of a report, in the order in which they are written. */
struct text_row {
	const char *key;
	gsize offset;
};

#define IN_REPORT(member) offsetof(struct report, member)
#define IN_POLICY(member) (offsetof(struct report, policy) + offsetof(struct policy, member))

static const struct text_row texts[] = {
	{ "ns", IN_REPORT(xmlns) },
	{ "version", IN_REPORT(version) },
	{ "org_name", IN_REPORT(org_name) },
	{ "org_email", IN_REPORT(org_email) },
	{ "extra_contact_info", IN_REPORT(extra_contact_info) },
	{ "report_id", IN_REPORT(report_id) },
	{ "generator", IN_REPORT(generator) },
	{ "domain", IN_POLICY(domain) },
	{ "p", IN_POLICY(p) },
	{ "sp", IN_POLICY(sp) },
	{ "np", IN_POLICY(np) },
	{ "adkim", IN_POLICY(adkim) },
	{ "aspf", IN_POLICY(aspf) },
	{ "fo", IN_POLICY(fo) },
	{ "pct", IN_POLICY(pct) },
	{ "testing", IN_POLICY(testing) },
	{ "discovery_method", IN_POLICY(discovery_method) },
};

static const char *const aligned_names[N_ALIGNED] = {
	[ALIGNED_MISSING] = "missing",
	[ALIGNED_PASS] = "pass",
	[ALIGNED_FAIL] = "fail",
};

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(object, key, json_string(text));
}

static void
set_name(json_t *object, const char *key, const struct report *report, guint32 index)
{
	set_text(object, key, report_name(report, index));
}

void
report_header_to_json(json_t *object, const struct report *report, gboolean want_null)
{
	json_t *errors = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char *text = G_STRUCT_MEMBER(const char *, report, texts[i].offset);
		set_text(object, texts[i].key, text);
		if (want_null && !*text)
			json_object_set_new(object, texts[i].key, json_null());
	}
	json_object_set_new(object, "begin", json_integer(report->begin_at));
	json_object_set_new(object, "end", json_integer(report->end_at));
	if (report->left_out > 0)
		json_object_set_new(object, "records_left_out", json_integer(report->left_out));
	for (guint i = 0; i < report->errors->len; i++)
		json_array_append_new(errors, json_string(g_ptr_array_index(report->errors, i)));
	json_object_set_new(object, "errors", errors);
}

static json_t *
auth_set_to_json(const struct report *report, guint32 set)
{
	const struct run run = g_array_index(report->auth_sets, struct run, set);
	json_t *array = json_array();

	for (guint i = run.first; i < run.first + run.n; i++) {
		const struct auth_result *a =
			&g_array_index(report->auth_results, struct auth_result, i);
		json_t *item = json_pack("{ss}", "method", a->kind == AUTH_DKIM ? "dkim" : "spf");
		set_name(item, "domain", report, a->domain);
		set_name(item, "selector", report, a->selector);
		set_name(item, "scope", report, a->scope);
		set_name(item, "result", report, a->result);
		set_name(item, "human_result", report, a->human_result);
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *
reason_set_to_json(const struct report *report, guint32 set)
{
	const struct run run = g_array_index(report->reason_sets, struct run, set);
	json_t *array = json_array();

	for (guint i = run.first; i < run.first + run.n; i++) {
		const struct reason *reason = &g_array_index(report->reasons, struct reason, i);
		json_t *item = json_object();
		set_name(item, "type", report, reason->type);
		set_name(item, "comment", report, reason->comment);
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *
record_to_json(const struct report *report, const struct record *record)
{
	char ip[IP_TEXT_LEN];
	json_t *object = json_object();

	set_text(object, "source_ip", ip_format(&record->source_ip, ip));
	set_name(object, "source_text", report, record->source_text);
	json_object_set_new(object, "count", json_integer(record->count));
	set_name(object, "disposition", report, record->disposition_name);
	json_object_set_new(object, "dkim", json_string(aligned_names[record->dkim]));
	json_object_set_new(object, "spf", json_string(aligned_names[record->spf]));
	set_name(object, "header_from", report, record->header_from);
	set_name(object, "envelope_from", report, record->envelope_from);
	set_name(object, "envelope_to", report, record->envelope_to);
	json_object_set_new(object, "auth_results", auth_set_to_json(report, record->auth_set));
	json_object_set_new(object, "reasons", reason_set_to_json(report, record->reason_set));
	return object;
}

json_t *
report_records_to_json(const struct report *report)
{
	json_t *records = json_array();

	for (guint i = 0; i < report->records->len; i++)
		json_array_append_new(
			records,
			record_to_json(report, &g_array_index(report->records, struct record, i)));
	return records;
}
