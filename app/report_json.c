/* SPDX-License-Identifier: MIT */
#include "app/report_json.h"

#include "ingest/parse.h"

static const char *const aligned_names[N_ALIGNED] = {
	[ALIGNED_PASS] = "pass",
	[ALIGNED_FAIL] = "fail",
};

struct text_member {
	const char *name;
	gsize offset; /* in struct report */
};

#define AT(member) G_STRUCT_OFFSET(struct report, member)

static const struct text_member text_members[] = {
	{ "ns", AT(xmlns) },
	{ "version", AT(version) },
	{ "org_name", AT(org_name) },
	{ "org_email", AT(org_email) },
	{ "extra_contact_info", AT(extra_contact_info) },
	{ "report_id", AT(report_id) },
	{ "generator", AT(generator) },
	{ "domain", AT(policy.domain) },
	{ "p", AT(policy.p) },
	{ "sp", AT(policy.sp) },
	{ "np", AT(policy.np) },
	{ "adkim", AT(policy.adkim) },
	{ "aspf", AT(policy.aspf) },
	{ "fo", AT(policy.fo) },
	{ "pct", AT(policy.pct) },
	{ "testing", AT(policy.testing) },
	{ "discovery_method", AT(policy.discovery_method) },
};

/* Absent is null. */
static json_t *
json_text(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static void
add_to_member(json_t *object, const char *name, gint64 more)
{
	gint64 sum = json_integer_value(json_object_get(object, name));

	json_object_set_new(object, name, json_integer(count_add(sum, more)));
}

static json_t *
json_of_warnings(const struct document *document)
{
	json_t *list = json_array();

	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *warning =
			&g_array_index(document->warnings, struct warning, i);
		json_array_append_new(
			list, *warning->text ? json_sprintf("%s:%s", warning->code, warning->text)
					     : json_string(warning->code));
	}
	return list;
}

static json_t *
json_of_header(const struct document *document)
{
	const struct report *report = &document->report;
	json_t *object = json_object();
	json_t *errors = json_array();

	json_object_set_new(object, "kind", json_string("aggregate"));
	json_object_set_new(object, "part", json_text(document->part));
	for (gsize i = 0; i < G_N_ELEMENTS(text_members); i++) {
		const char *const *text = G_STRUCT_MEMBER_P(report, text_members[i].offset);
		json_object_set_new(object, text_members[i].name, json_text(*text));
	}
	json_object_set_new(object, "begin", json_integer(report->begin_at));
	json_object_set_new(object, "end", json_integer(report->end_at));
	for (guint i = 0; i < report->errors->len; i++)
		json_array_append_new(errors, json_string(g_ptr_array_index(report->errors, i)));
	json_object_set_new(object, "errors", errors);
	json_object_set_new(object, "warnings", json_of_warnings(document));
	return object;
}

struct sums {
	gint64 messages;
	gint64 pass;
	gint64 auth[2]; /* by enum auth_kind */
	json_t *dispositions;
	json_t *reasons;
	GHashTable *sources;
	GHashTable *header_froms;
};

static void
add_auths(struct sums *sums, const struct report *report, const struct record *record)
{
	const struct run *set = &g_array_index(report->auth_sets, struct run, record->auth_set);

	for (guint i = set->first; i < set->first + set->n; i++)
		sums->auth[g_array_index(report->auth_results, struct auth_result, i).kind]++;
	set = &g_array_index(report->reason_sets, struct run, record->reason_set);
	for (guint i = set->first; i < set->first + set->n; i++) {
		guint32 type = g_array_index(report->reasons, struct reason, i).type;
		add_to_member(sums->reasons, type ? report_name(report, type) : "missing", 1);
	}
}

static void
add_record(struct sums *sums, const struct report *report, struct record *record)
{
	const char *disposition = report_name(report, record->disposition_name);

	sums->messages = count_add(sums->messages, record->count);
	if (record_is_pass(record))
		sums->pass = count_add(sums->pass, record->count);
	add_to_member(sums->dispositions, *disposition ? disposition : "missing", record->count);
	add_auths(sums, report, record);
	if (!ip_is_none(&record->source_ip))
		g_hash_table_add(sums->sources, &record->source_ip);
	if (record->header_from)
		g_hash_table_add(sums->header_froms, GUINT_TO_POINTER(record->header_from));
}

static json_t *
json_of_sums(const struct document *document)
{
	const struct report *report = &document->report;
	struct sums sums = {
		.dispositions = json_object(),
		.reasons = json_object(),
		.sources = g_hash_table_new(ip_hash, ip_equal),
		.header_froms = g_hash_table_new(NULL, NULL),
	};
	json_t *object = json_of_header(document);

	for (guint i = 0; i < report->records->len; i++)
		add_record(&sums, report, &g_array_index(report->records, struct record, i));
	json_object_set_new(object, "records", json_integer(report->records->len));
	json_object_set_new(object, "messages", json_integer(sums.messages));
	json_object_set_new(object, "messages_pass", json_integer(sums.pass));
	json_object_set_new(object, "messages_fail", json_integer(sums.messages - sums.pass));
	json_object_set_new(object, "dispositions", sums.dispositions);
	json_object_set_new(object, "auth_dkim", json_integer(sums.auth[AUTH_DKIM]));
	json_object_set_new(object, "auth_spf", json_integer(sums.auth[AUTH_SPF]));
	json_object_set_new(object, "distinct_source_ips",
			    json_integer(g_hash_table_size(sums.sources)));
	json_object_set_new(object, "distinct_header_from",
			    json_integer(g_hash_table_size(sums.header_froms)));
	json_object_set_new(object, "override_reasons", sums.reasons);
	g_hash_table_unref(sums.sources);
	g_hash_table_unref(sums.header_froms);
	return object;
}

static json_t *
json_of_auth(const struct report *report, const struct auth_result *auth)
{
	json_t *object = json_object();

	json_object_set_new(object, "domain", json_text(report_name(report, auth->domain)));
	if (auth->kind == AUTH_DKIM)
		json_object_set_new(object, "selector",
				    json_text(report_name(report, auth->selector)));
	else
		json_object_set_new(object, "scope", json_text(report_name(report, auth->scope)));
	json_object_set_new(object, "result", json_text(report_name(report, auth->result)));
	if (auth->human_result)
		json_object_set_new(object, "human_result",
				    json_text(report_name(report, auth->human_result)));
	return object;
}

static void
add_results(json_t *object, const struct report *report, const struct record *record)
{
	json_t *lists[] = { [AUTH_DKIM] = json_array(), [AUTH_SPF] = json_array() };
	json_t *reasons = json_array();
	const struct run *set = &g_array_index(report->auth_sets, struct run, record->auth_set);

	for (guint i = set->first; i < set->first + set->n; i++) {
		const struct auth_result *auth =
			&g_array_index(report->auth_results, struct auth_result, i);
		json_array_append_new(lists[auth->kind], json_of_auth(report, auth));
	}
	set = &g_array_index(report->reason_sets, struct run, record->reason_set);
	for (guint i = set->first; i < set->first + set->n; i++) {
		const struct reason *reason = &g_array_index(report->reasons, struct reason, i);
		json_array_append_new(
			reasons,
			json_pack("{s:o,s:o}", "type", json_text(report_name(report, reason->type)),
				  "comment", json_text(report_name(report, reason->comment))));
	}
	json_object_set_new(object, "dkim", lists[AUTH_DKIM]);
	json_object_set_new(object, "spf", lists[AUTH_SPF]);
	json_object_set_new(object, "reasons", reasons);
}

static json_t *
json_of_record(const struct report *report, const struct record *record)
{
	char ip[IP_TEXT_LEN];
	json_t *object = json_object();

	json_object_set_new(object, "source_ip", json_text(ip_format(&record->source_ip, ip)));
	if (record->source_text)
		json_object_set_new(object, "source_text",
				    json_text(report_name(report, record->source_text)));
	json_object_set_new(object, "count", json_integer(record->count));
	json_object_set_new(object, "disposition",
			    json_text(report_name(report, record->disposition_name)));
	json_object_set_new(object, "dkim_aligned", json_text(aligned_names[record->dkim]));
	json_object_set_new(object, "spf_aligned", json_text(aligned_names[record->spf]));
	json_object_set_new(object, "header_from",
			    json_text(report_name(report, record->header_from)));
	json_object_set_new(object, "envelope_from",
			    json_text(report_name(report, record->envelope_from)));
	json_object_set_new(object, "envelope_to",
			    json_text(report_name(report, record->envelope_to)));
	add_results(object, report, record);
	return object;
}

static json_t *
json_of_document(const struct document *document)
{
	const struct report *report = &document->report;
	json_t *object = json_of_header(document);
	json_t *records = json_array();

	for (guint i = 0; i < report->records->len; i++)
		json_array_append_new(
			records,
			json_of_record(report, &g_array_index(report->records, struct record, i)));
	json_object_set_new(object, "records", records);
	return object;
}

static json_t *
json_of_parsed(const char *file, const struct parsed *parsed,
	       json_t *(*json_of_one)(const struct document *document))
{
	g_autofree char *reason = parsed_reason(parsed);
	enum verdict_word verdict = parsed_verdict(parsed);
	json_t *reports = json_array();

	if (verdict == PARSED_IGNORED) {
		g_free(reason);
		reason = g_strdup(parsed->note ? parsed->note : "no report");
	}
	for (guint i = 0; i < parsed->documents->len; i++)
		json_array_append_new(reports,
				      json_of_one(g_ptr_array_index(parsed->documents, i)));
	return json_pack("{s:s,s:s,s:s,s:o}", "file", file, "outcome", verdict_word_name(verdict),
			 "reason", reason, "reports", reports);
}

json_t *
report_json_summary(const char *file, const struct parsed *parsed)
{
	return json_of_parsed(file, parsed, json_of_sums);
}

json_t *
report_json_whole(const char *file, const struct parsed *parsed)
{
	return json_of_parsed(file, parsed, json_of_document);
}
