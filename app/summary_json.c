/* SPDX-License-Identifier: MIT */
#include "app/summary_json.h"

#include "app/report_json.h"

static void
set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, *text ? json_string(text) : json_null());
}

static void
set_number(json_t *object, const char *key, const struct number *number)
{
	json_object_set_new(object, key,
			    number->is_known ? json_integer(number->value) : json_null());
}

static json_t *
texts_to_json(const GPtrArray *texts)
{
	json_t *array = json_array();

	for (guint i = 0; i < texts->len; i++)
		json_array_append_new(array, json_string(g_ptr_array_index(texts, i)));
	return array;
}

/* ---- aggregate reports ---- */

/* What the input says in words that are not there. */
static const char *
name_or_missing(const struct report *report, guint32 index)
{
	return index == 0 ? "missing" : report_name(report, index);
}

static void
add_count(json_t *object, const char *key, gint64 n)
{
	gint64 sum = count_add(json_integer_value(json_object_get(object, key)), n);

	json_object_set_new(object, key, json_integer(sum));
}

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

static void
set_aggregate(json_t *object, const struct document *document)
{
	const struct report *report = &document->report;
	g_autoptr(GHashTable) ips = g_hash_table_new(ip_hash, ip_equal);
	g_autoptr(GHashTable) names = g_hash_table_new(NULL, NULL);
	struct sums sums = {
		.dispositions = json_object(),
		.reasons = json_object(),
		.ips = ips,
		.names = names,
	};

	report_header_to_json(object, report, TRUE);
	for (guint i = 0; i < report->records->len; i++)
		sum_record(&sums, report, &g_array_index(report->records, struct record, i));
	json_object_set_new(object, "records", json_integer(report->records->len));
	set_sums(object, &sums);
	json_decref(sums.dispositions);
	json_decref(sums.reasons);
}

/* ---- failure reports and complaints ---- */

static void
set_feedback(json_t *object, const struct document *document)
{
	const struct feedback *f = &document->feedback;
	char ip[IP_TEXT_LEN];
	const struct {
		const char *key;
		const char *text;
	} rows[] = {
		{ "feedback_type", f->feedback_type },
		{ "user_agent", f->user_agent },
		{ "version", f->version },
		{ "source_ip", ip_is_none(&f->source_ip) ? "" : ip_format(&f->source_ip, ip) },
		{ "auth_failure", f->auth_failure },
		{ "delivery_result", f->delivery_result },
		{ "identity_alignment", f->identity_alignment },
		{ "original_mail_from", f->original_mail_from },
		{ "arrival_date", f->arrival_date },
		{ "original_envelope_id", f->original_envelope_id },
		{ "reporting_mta", f->reporting_mta },
		{ "dkim_domain", f->dkim_domain },
		{ "dkim_selector", f->dkim_selector },
		{ "original_from", f->original_from },
		{ "original_subject", f->original_subject },
		{ "original_message_id", f->original_message_id },
		{ "original_date", f->original_date },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		set_text(object, rows[i].key, rows[i].text);
	json_object_set_new(object, "reported_domain", texts_to_json(f->reported_domain));
	json_object_set_new(object, "original_rcpt_to", texts_to_json(f->original_rcpt_to));
	json_object_set_new(object, "reported_uri", json_integer(f->reported_uri->len));
	json_object_set_new(object, "authentication_results",
			    json_integer(f->authentication_results->len));
	set_text(object, "spf_dns", f->spf_dns->len > 0 ? g_ptr_array_index(f->spf_dns, 0) : "");
	set_number(object, "incidents", &f->incidents);
	json_object_set_new(object, "original_present", json_boolean(f->original_present));
}

/* ---- bounces ---- */

static json_t *
recipient_to_json(const struct bounce_recipient *r)
{
	json_t *object = json_object();

	set_text(object, "final_recipient", r->final_recipient);
	set_text(object, "original_recipient", r->original_recipient);
	set_text(object, "action", r->action);
	set_text(object, "status", r->status);
	set_text(object, "remote_mta", r->remote_mta);
	json_object_set_new(object, "diagnostic", json_boolean(*r->diagnostic != '\0'));
	return object;
}

static void
set_bounce(json_t *object, const struct document *document)
{
	const struct bounce *bounce = &document->bounce;
	json_t *recipients = json_array();

	for (guint i = 0; i < bounce->recipients->len; i++)
		json_array_append_new(
			recipients, recipient_to_json(&g_array_index(bounce->recipients,
								     struct bounce_recipient, i)));
	json_object_set_new(object, "structured", json_boolean(bounce->structured));
	set_text(object, "reporting_mta", bounce->reporting_mta);
	json_object_set_new(object, "recipients", recipients);
	set_text(object, "subject", bounce->subject);
	json_object_set_new(object, "original_present", json_boolean(bounce->original_present));
	set_text(object, "original_message_id", bounce->original_message_id);
	json_object_set_new(object, "hint_recipients", texts_to_json(bounce->hint_recipients));
	json_object_set_new(object, "hint_status", texts_to_json(bounce->hint_status));
}

/* ---- TLS reports ---- */

static json_t *
result_types_to_json(const struct tlsrpt_policy *policy)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *array = json_array();

	for (guint i = 0; i < policy->failures->len; i++) {
		const struct tlsrpt_failure *failure =
			&g_array_index(policy->failures, struct tlsrpt_failure, i);
		if (g_hash_table_add(seen, (gpointer)(guintptr)failure->result_type))
			json_array_append_new(array, json_string(failure->result_type));
	}
	return array;
}

static json_t *
policy_to_json(const struct tlsrpt_policy *policy)
{
	json_t *object = json_object();

	set_text(object, "type", policy->type);
	set_text(object, "domain", policy->domain);
	json_object_set_new(object, "mx_hosts", texts_to_json(policy->mx_hosts));
	json_object_set_new(object, "success", json_integer(policy->success.value));
	json_object_set_new(object, "failure", json_integer(policy->failure.value));
	json_object_set_new(object, "failure_details", json_integer(policy->failures->len));
	json_object_set_new(object, "result_types", result_types_to_json(policy));
	return object;
}

static void
set_tls(json_t *object, const struct document *document)
{
	const struct tlsrpt *tlsrpt = &document->tlsrpt;
	json_t *policies = json_array();
	gint64 success = 0, failure = 0, details = 0, sessions = 0;

	for (guint i = 0; i < tlsrpt->policies->len; i++) {
		const struct tlsrpt_policy *policy =
			&g_array_index(tlsrpt->policies, struct tlsrpt_policy, i);
		success = count_add(success, policy->success.value);
		failure = count_add(failure, policy->failure.value);
		details += policy->failures->len;
		for (guint k = 0; k < policy->failures->len; k++)
			sessions = count_add(
				sessions, g_array_index(policy->failures, struct tlsrpt_failure, k)
						  .failed_sessions.value);
		json_array_append_new(policies, policy_to_json(policy));
	}
	set_text(object, "org_name", tlsrpt->org_name);
	set_text(object, "contact", tlsrpt->contact);
	set_text(object, "report_id", tlsrpt->report_id);
	set_text(object, "begin", tlsrpt->begin);
	set_text(object, "end", tlsrpt->end);
	json_object_set_new(object, "policies", policies);
	json_object_set_new(object, "success_total", json_integer(success));
	json_object_set_new(object, "failure_total", json_integer(failure));
	json_object_set_new(object, "failure_details", json_integer(details));
	json_object_set_new(object, "failure_details_sessions", json_integer(sessions));
}

/* ---- any kind ---- */

/* A kind of document: a new one is one row. name: what the corpora call it. */
struct kind {
	const char *name;
	void (*set)(json_t *object, const struct document *document);
};

static const struct kind kinds[N_DOCUMENT_KINDS] = {
	[DOCUMENT_AGGREGATE] = { "aggregate", set_aggregate },
	[DOCUMENT_FAILURE] = { "failure", set_feedback },
	[DOCUMENT_COMPLAINT] = { "feedback", set_feedback },
	[DOCUMENT_BOUNCE] = { "dsn", set_bounce },
	[DOCUMENT_TLS] = { "tlsrpt", set_tls },
};

void
summary_to_json(json_t *object, const struct document *document)
{
	json_object_set_new(object, "kind", json_string(kinds[document->kind].name));
	kinds[document->kind].set(object, document);
}
