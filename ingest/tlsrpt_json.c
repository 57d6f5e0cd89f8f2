/* SPDX-License-Identifier: MIT */
#include "ingest/tlsrpt_json.h"

#include <string.h>

#include <jansson.h>

#include "core/error.h"
#include "core/text.h"

#define LIST_MAX  64 /* lines of a policy, names of hosts */
#define COUNT_MAX (G_GINT64_CONSTANT(1) << 53)

/* ---- values ---- */

static char *
text_of(struct document *document, const json_t *value)
{
	g_autoptr(GString) clean = g_string_new(NULL);

	if (json_is_string(value))
		text_clean(json_string_value(value), json_string_length(value), clean);
	return document_string(document, clean->str);
}

static const char *
text_at(struct document *document, const json_t *object, const char *key)
{
	return text_of(document, json_object_get(object, key));
}

static const char *
domain_at(struct document *document, const json_t *object, const char *key)
{
	g_autoptr(GString) domain = g_string_new(text_at(document, object, key));

	text_fold_domain(domain);
	return document_string(document, domain->str);
}

/* A count as JSON writes it, or, as some do, in quotes. */
static gboolean
read_count(const json_t *value, gint64 *ret_count)
{
	guint64 count;

	if (json_is_string(value)) {
		if (!g_ascii_string_to_unsigned(json_string_value(value), 10, 0, COUNT_MAX, &count,
						NULL))
			return FALSE;
		*ret_count = (gint64)count;
		return TRUE;
	}
	*ret_count = json_integer_value(value);
	return json_is_integer(value) && *ret_count >= 0 && *ret_count <= COUNT_MAX;
}

static struct number
count_at(struct document *document, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	struct number number = { 0, FALSE };

	if (!value || json_is_null(value))
		return number;
	number.is_known = read_count(value, &number.value);
	if (!number.is_known)
		document_warn(document, "number-unreadable", key);
	else if (json_is_string(value))
		document_warn(document, "number-in-quotes", key);
	return number;
}

/* A list of texts, or the one text that the example of RFC 8460 has in its place. */
static void
add_texts(struct document *document, GPtrArray *texts, const json_t *value)
{
	gsize n = json_array_size(value);

	if (json_is_string(value))
		g_ptr_array_add(texts, text_of(document, value));
	if (n > LIST_MAX)
		document_warn(document, "list-cut", "a policy's lines or hosts");
	for (gsize i = 0; i < MIN(n, LIST_MAX); i++) {
		const json_t *item = json_array_get(value, i);
		if (json_is_string(item))
			g_ptr_array_add(texts, text_of(document, item));
	}
}

static struct number
instant_of(struct document *document, const char *text)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) at = *text ? g_date_time_new_from_iso8601(text, utc) : NULL;

	if (at)
		return (struct number){ g_date_time_to_unix(at), TRUE };
	document_warn(document, "date-unreadable", text);
	return (struct number){ 0, FALSE };
}

/* ---- the tree ---- */

static void
read_failure(struct document *document, const json_t *object, struct tlsrpt_failure *f)
{
	f->result_type = text_at(document, object, "result-type");
	f->sending_mta_ip = text_at(document, object, "sending-mta-ip");
	f->receiving_mx_hostname = text_at(document, object, "receiving-mx-hostname");
	f->receiving_mx_helo = text_at(document, object, "receiving-mx-helo");
	f->receiving_ip = text_at(document, object, "receiving-ip");
	f->failed_sessions = count_at(document, object, "failed-session-count");
	f->additional_information = text_at(document, object, "additional-information");
	f->failure_reason_code = text_at(document, object, "failure-reason-code");
}

static void
read_policy(struct document *document, const json_t *object, struct tlsrpt_policy *policy)
{
	const json_t *inner = json_object_get(object, "policy");
	const json_t *summary = json_object_get(object, "summary");

	policy->type = text_at(document, inner, "policy-type");
	policy->domain = domain_at(document, inner, "policy-domain");
	add_texts(document, policy->policy_string, json_object_get(inner, "policy-string"));
	add_texts(document, policy->mx_hosts, json_object_get(inner, "mx-host"));
	policy->success = count_at(document, summary, "total-successful-session-count");
	policy->failure = count_at(document, summary, "total-failure-session-count");
	if (!policy->success.is_known)
		document_warn(document, "success-count-missing", policy->domain);
}

static void
read_failures(struct document *document, const json_t *list, struct tlsrpt_policy *policy)
{
	gsize n = json_array_size(list);

	for (gsize i = 0; i < n; i++)
		read_failure(document, json_array_get(list, i),
			     shape_add_item(&tlsrpt_failure_shape, policy->failures));
}

static gboolean
check_limits(const json_t *policies, const struct parse_limits *limits, GError **error)
{
	gsize n = json_array_size(policies);
	gsize failures = 0;

	for (gsize i = 0; i < n; i++)
		failures += json_array_size(
			json_object_get(json_array_get(policies, i), "failure-details"));
	if (n > limits->tls_policies)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "policies of a TLS report are over max_tls_policies (%u)",
			    limits->tls_policies);
	else if (failures > limits->tls_failures)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "failures of a TLS report are over max_tls_failures (%u)",
			    limits->tls_failures);
	else
		return TRUE;
	return FALSE;
}

static void
read_policies(struct document *document, const json_t *list)
{
	gsize n = json_array_size(list);

	if (n == 0)
		document_warn(document, "no-policies", "report without a policy");
	for (gsize i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		struct tlsrpt_policy *policy =
			shape_add_item(&tlsrpt_policy_shape, document->tlsrpt.policies);
		read_policy(document, item, policy);
		read_failures(document, json_object_get(item, "failure-details"), policy);
	}
}

static struct document *
read_root(const json_t *root, const struct parse_limits *limits, GError **error)
{
	g_autoptr(document_auto) document = document_new(DOCUMENT_TLS);
	struct tlsrpt *tlsrpt = &document->tlsrpt;
	const json_t *policies = json_object_get(root, "policies");
	const json_t *range = json_object_get(root, "date-range");

	if (!json_is_array(policies) || !json_is_object(range)) {
		g_set_error(
			error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			"JSON, but no TLS report (RFC 8460): it has no policies and date-range");
		return NULL;
	}
	if (!check_limits(policies, limits, error))
		return NULL;
	tlsrpt->org_name = text_at(document, root, "organization-name");
	tlsrpt->contact = text_at(document, root, "contact-info");
	tlsrpt->report_id = text_at(document, root, "report-id");
	tlsrpt->begin = text_at(document, range, "start-datetime");
	tlsrpt->end = text_at(document, range, "end-datetime");
	tlsrpt->begin_at = instant_of(document, tlsrpt->begin);
	tlsrpt->end_at = instant_of(document, tlsrpt->end);
	if (!*tlsrpt->org_name)
		document_warn(document, "org-name-missing", "report without organization-name");
	if (!*tlsrpt->contact)
		document_warn(document, "contact-missing", "report without contact-info");
	if (!*tlsrpt->report_id)
		document_warn(document, "report-id-missing", "report without report-id");
	read_policies(document, policies);
	return g_steal_pointer(&document);
}

/* ---- bytes ---- */

static json_t *
load(const char *text, gsize len, json_error_t *fault)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0) {
		text += strlen(mark);
		len -= strlen(mark);
	}
	return json_loadb(text, len, JSON_ALLOW_NUL, fault);
}

/* Bad UTF-8 and halves of surrogate pairs, which jansson refuses, become U+FFFD. */
static json_t *
load_repaired(const char *text, gsize len)
{
	g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);
	g_autoptr(GRegex) halves =
		g_regex_new("\\\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\\\u[dD][c-fC-F])", 0, 0, NULL);
	g_autofree char *whole =
		g_regex_replace_literal(halves, valid, -1, 0, "\\\\ufffd", 0, NULL);
	json_error_t fault;

	return whole ? load(whole, strlen(whole), &fault) : NULL;
}

struct document *
tlsrpt_json_read(const guint8 *bytes, gsize len, const struct parse_limits *limits, GError **error)
{
	json_error_t fault;
	json_t *root = load((const char *)bytes, len, &fault);
	gboolean is_repaired = !root;

	if (!root)
		root = load_repaired((const char *)bytes, len);
	if (!root) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "line %d: not JSON: %s",
			    fault.line, fault.text);
		return NULL;
	}
	struct document *document = read_root(root, limits, error);
	if (document && is_repaired)
		document_warn(document, "json-repaired", fault.text);
	json_decref(root);
	return document;
}
