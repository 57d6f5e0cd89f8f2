/* SPDX-License-Identifier: MIT */
#include "app/parsed_json.h"

#include <stddef.h>

#include "ingest/parse.h"

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

/* What the input says in words that are not there. */
static const char *
name_or_missing(const struct report *report, guint32 index)
{
	return index == 0 ? "missing" : report_name(report, index);
}

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

static void
add_count(json_t *object, const char *key, gint64 n)
{
	gint64 sum = count_add(json_integer_value(json_object_get(object, key)), n);

	json_object_set_new(object, key, json_integer(sum));
}

static void
set_header(json_t *object, const struct report *report, gboolean want_null)
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
	for (guint i = 0; i < report->errors->len; i++)
		json_array_append_new(errors, json_string(g_ptr_array_index(report->errors, i)));
	json_object_set_new(object, "errors", errors);
}

static json_t *
warnings_to_json(const struct document *document, gboolean want_text)
{
	json_t *array = json_array();

	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *w = &g_array_index(document->warnings, struct warning, i);
		if (want_text)
			json_array_append_new(
				array, json_pack("{ssss}", "code", w->code, "text", w->text));
		else
			json_array_append_new(array, json_string(w->code));
	}
	return array;
}

/* ---- the long form ---- */

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

static json_t *
document_to_json(const struct document *document)
{
	const struct report *report = &document->report;
	json_t *object = json_pack("{ss}", "kind", document_kind_name(document->kind));
	json_t *records = json_array();

	set_text(object, "part", document->part);
	set_header(object, report, FALSE);
	for (guint i = 0; i < report->records->len; i++)
		json_array_append_new(
			records,
			record_to_json(report, &g_array_index(report->records, struct record, i)));
	json_object_set_new(object, "records", records);
	json_object_set_new(object, "warnings", warnings_to_json(document, TRUE));
	return object;
}

static json_t *
faults_to_json(const struct parsed *parsed)
{
	json_t *array = json_array();

	for (guint i = 0; i < parsed->faults->len; i++) {
		const struct fault *fault = &g_array_index(parsed->faults, struct fault, i);
		json_array_append_new(
			array, json_pack("{ssss}", "part", fault->part, "reason", fault->reason));
	}
	return array;
}

json_t *
parsed_to_json(const char *file, const struct parsed *parsed)
{
	json_t *documents = json_array();
	json_t *object = json_pack("{ssss}", "file", file, "outcome",
				   verdict_word_name(parsed_verdict(parsed)));

	for (guint i = 0; i < parsed->documents->len; i++)
		json_array_append_new(documents,
				      document_to_json(g_ptr_array_index(parsed->documents, i)));
	json_object_set_new(object, "reports", documents);
	json_object_set_new(object, "faults", faults_to_json(parsed));
	set_text(object, "note", parsed->note ? parsed->note : "");
	return object;
}

/* ---- sums ---- */

struct sums {
	gint64 messages;
	gint64 pass;
	gint64 auth_dkim;
	gint64 auth_spf;
	json_t *dispositions;
	json_t *reasons;
	GHashTable *ips;   /* struct ip * in the records */
	GHashTable *names; /* name indexes */
};

static void
sum_auth_set(struct sums *sums, const struct report *report, guint32 set)
{
	const struct run run = g_array_index(report->auth_sets, struct run, set);

	for (guint i = run.first; i < run.first + run.n; i++) {
		const struct auth_result *a =
			&g_array_index(report->auth_results, struct auth_result, i);
		if (a->kind == AUTH_DKIM)
			sums->auth_dkim++;
		else
			sums->auth_spf++;
	}
}

static void
sum_record(struct sums *sums, const struct report *report, struct record *record)
{
	const struct run reasons =
		g_array_index(report->reason_sets, struct run, record->reason_set);

	sums->messages = count_add(sums->messages, record->count);
	if (record_is_pass(record))
		sums->pass = count_add(sums->pass, record->count);
	add_count(sums->dispositions, name_or_missing(report, record->disposition_name),
		  record->count);
	sum_auth_set(sums, report, record->auth_set);
	for (guint i = reasons.first; i < reasons.first + reasons.n; i++) {
		const struct reason *reason = &g_array_index(report->reasons, struct reason, i);
		add_count(sums->reasons, name_or_missing(report, reason->type), 1);
	}
	if (!ip_is_none(&record->source_ip))
		g_hash_table_add(sums->ips, &record->source_ip);
	if (record->header_from != 0)
		g_hash_table_add(sums->names, GUINT_TO_POINTER(record->header_from));
}

static void
set_sums(json_t *object, const struct sums *sums)
{
	json_object_set_new(object, "messages", json_integer(sums->messages));
	json_object_set_new(object, "messages_pass", json_integer(sums->pass));
	json_object_set_new(object, "messages_fail", json_integer(sums->messages - sums->pass));
	json_object_set(object, "dispositions", sums->dispositions);
	json_object_set_new(object, "auth_dkim", json_integer(sums->auth_dkim));
	json_object_set_new(object, "auth_spf", json_integer(sums->auth_spf));
	json_object_set_new(object, "distinct_source_ips",
			    json_integer(g_hash_table_size(sums->ips)));
	json_object_set_new(object, "distinct_header_from",
			    json_integer(g_hash_table_size(sums->names)));
	json_object_set(object, "override_reasons", sums->reasons);
}

static json_t *
document_to_summary(const struct document *document)
{
	const struct report *report = &document->report;
	json_t *object = json_pack("{ss}", "kind", document_kind_name(document->kind));
	g_autoptr(GHashTable) ips = g_hash_table_new(ip_hash, ip_equal);
	g_autoptr(GHashTable) names = g_hash_table_new(NULL, NULL);
	struct sums sums = {
		.dispositions = json_object(),
		.reasons = json_object(),
		.ips = ips,
		.names = names,
	};

	set_header(object, report, TRUE);
	for (guint i = 0; i < report->records->len; i++)
		sum_record(&sums, report, &g_array_index(report->records, struct record, i));
	json_object_set_new(object, "records", json_integer(report->records->len));
	set_sums(object, &sums);
	json_decref(sums.dispositions);
	json_decref(sums.reasons);
	json_object_set_new(object, "warnings", warnings_to_json(document, FALSE));
	return object;
}

json_t *
parsed_to_summary(const char *file, const struct parsed *parsed)
{
	json_t *reports = json_array();
	g_autofree char *faults = parsed_reason(parsed);
	const char *reason = parsed->note ? parsed->note : faults;
	json_t *object = json_pack("{ssssss}", "file", file, "outcome",
				   verdict_word_name(parsed_verdict(parsed)), "reason", reason);

	for (guint i = 0; i < parsed->documents->len; i++)
		json_array_append_new(reports,
				      document_to_summary(g_ptr_array_index(parsed->documents, i)));
	json_object_set_new(object, "reports", reports);
	return object;
}
