/* SPDX-License-Identifier: MIT */
#include "core/document.h"

#define STRING_CHUNK_LEN 4096

/* A kind of document: a new one is one row. */
struct kind {
	const char *name;
	const struct shape *shape;
};

static const struct kind kinds[N_DOCUMENT_KINDS] = {
	[DOCUMENT_AGGREGATE] = { "aggregate", NULL },
	[DOCUMENT_FAILURE] = { "failure", &feedback_shape },
	[DOCUMENT_COMPLAINT] = { "complaint", &feedback_shape },
	[DOCUMENT_BOUNCE] = { "bounce", &bounce_shape },
	[DOCUMENT_TLS] = { "tls", &tlsrpt_shape },
};

static const char *const authenticated_names[N_AUTHENTICATED] = {
	[AUTHENTICATED_UNKNOWN] = "unknown",
	[AUTHENTICATED_YES] = "yes",
	[AUTHENTICATED_NO] = "no",
};

static const char *const fault_codes[] = {
	FAULT_DAMAGED,
	FAULT_LIMIT,
	FAULT_NO_REPORT,
	FAULT_KILLED,
};

const char *
document_kind_name(enum document_kind kind)
{
	return kinds[kind].name;
}

const struct shape *
document_shape(enum document_kind kind)
{
	return kinds[kind].shape;
}

gpointer
document_noun(struct document *document)
{
	/* Members of a union begin where the union does. */
	return &document->feedback;
}

gconstpointer
document_noun_const(const struct document *document)
{
	return &document->feedback;
}

void
document_hand_on(struct document *document)
{
	struct report *report = &document->report;

	if (!document->sink)
		return;
	document->sink->take_records(document->sink->cookie, document);
	for (guint i = 0; i < report->records->len; i++)
		report->taken_messages =
			count_add(report->taken_messages,
				  g_array_index(report->records, struct record, i).count);
	report->n_taken += report->records->len;
	g_array_set_size(report->records, 0);
}

const char *
document_reporter(const struct document *document)
{
	const struct feedback *feedback = &document->feedback;

	if (document->kind == DOCUMENT_AGGREGATE)
		return report_reporter(&document->report);
	if (document->kind == DOCUMENT_TLS)
		return document->tlsrpt.org_name;
	if (*document->carrier.from_domain)
		return document->carrier.from_domain;
	if (document->kind == DOCUMENT_BOUNCE)
		return document->bounce.reporting_mta;
	return *feedback->reporting_mta ? feedback->reporting_mta : feedback->user_agent;
}

const char *
authenticated_name(enum authenticated authenticated)
{
	return authenticated_names[authenticated];
}

static void
report_init(struct report *report, GStringChunk *strings)
{
	const struct run empty = { 0, 0 };

	report->xmlns = report->version = report->org_name = report->org_email = "";
	report->extra_contact_info = report->report_id = report->generator = "";
	report->policy = (struct policy){ "", "", "", "", "", "", "", "", "", "" };
	report->errors = g_ptr_array_new();
	report->names = g_ptr_array_new();
	report->records = g_array_new(FALSE, FALSE, sizeof(struct record));
	report->auth_results = g_array_new(FALSE, FALSE, sizeof(struct auth_result));
	report->auth_sets = g_array_new(FALSE, FALSE, sizeof(struct run));
	report->reasons = g_array_new(FALSE, FALSE, sizeof(struct reason));
	report->reason_sets = g_array_new(FALSE, FALSE, sizeof(struct run));
	g_ptr_array_add(report->names, g_string_chunk_insert_const(strings, ""));
	g_array_append_val(report->auth_sets, empty);
	g_array_append_val(report->reason_sets, empty);
}

static void
report_clear(struct report *report)
{
	g_ptr_array_unref(report->errors);
	g_ptr_array_unref(report->names);
	g_array_unref(report->records);
	g_array_unref(report->auth_results);
	g_array_unref(report->auth_sets);
	g_array_unref(report->reasons);
	g_array_unref(report->reason_sets);
}

struct document *
document_new(enum document_kind kind)
{
	struct document *document = g_new0(struct document, 1);

	document->kind = kind;
	document->strings = g_string_chunk_new(STRING_CHUNK_LEN);
	document->warnings = g_array_new(FALSE, FALSE, sizeof(struct warning));
	document->part = "";
	document->carrier = (struct carrier){ 0, "", "", "", AUTHENTICATED_UNKNOWN, "" };
	if (kinds[kind].shape)
		shape_init(kinds[kind].shape, document_noun(document));
	else
		report_init(&document->report, document->strings);
	return document;
}

void
document_free(struct document *document)
{
	if (!document)
		return;
	if (document->sink)
		document->sink->forget(document->sink->cookie, document);
	if (kinds[document->kind].shape)
		shape_clear(kinds[document->kind].shape, document_noun(document));
	else
		report_clear(&document->report);
	g_array_unref(document->warnings);
	g_clear_pointer(&document->raw, g_bytes_unref);
	g_string_chunk_free(document->strings);
	g_free(document);
}

char *
document_string(struct document *document, const char *text)
{
	return g_string_chunk_insert_const(document->strings, text);
}

void
document_warn(struct document *document, const char *code, const char *text)
{
	if (document->warnings->len >= DOCUMENT_WARNINGS_MAX)
		return;
	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *old = &g_array_index(document->warnings, struct warning, i);
		if (g_str_equal(old->code, code) && g_str_equal(old->text, text))
			return;
	}
	struct warning warning = { code, document_string(document, text) };
	g_array_append_val(document->warnings, warning);
}

static void
fault_clear(gpointer data)
{
	struct fault *fault = data;

	g_free(fault->part);
	g_free(fault->reason);
}

struct parsed *
parsed_new(void)
{
	struct parsed *parsed = g_new0(struct parsed, 1);

	parsed->documents = g_ptr_array_new_with_free_func((GDestroyNotify)document_free);
	parsed->faults = g_array_new(FALSE, FALSE, sizeof(struct fault));
	g_array_set_clear_func(parsed->faults, fault_clear);
	return parsed;
}

void
parsed_free(struct parsed *parsed)
{
	if (!parsed)
		return;
	g_ptr_array_unref(parsed->documents);
	g_array_unref(parsed->faults);
	g_free(parsed->note);
	g_free(parsed);
}

void
parsed_add_fault(struct parsed *parsed, const char *code, char *part, char *reason)
{
	struct fault fault = { code, part, reason };

	g_array_append_val(parsed->faults, fault);
}

const char *
fault_code_find(const char *text)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fault_codes); i++)
		if (g_str_equal(text, fault_codes[i]))
			return fault_codes[i];
	return FAULT_DAMAGED;
}

char *
parsed_reason(const struct parsed *parsed)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < parsed->faults->len; i++) {
		const struct fault *fault = &g_array_index(parsed->faults, struct fault, i);
		if (text->len > 0)
			g_string_append(text, "; ");
		if (*fault->part)
			g_string_append_printf(text, "%s: ", fault->part);
		g_string_append(text, fault->reason);
	}
	return g_string_free(text, FALSE);
}
