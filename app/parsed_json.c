/* SPDX-License-Identifier: MIT */
#include "app/parsed_json.h"

#include "app/report_json.h"
#include "app/shape_json.h"
#include "app/summary_json.h"
#include "ingest/parse.h"

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

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *
carrier_to_json(const struct carrier *carrier)
{
	json_t *object = json_object();

	set_text(object, "from_domain", carrier->from_domain);
	set_text(object, "message_id", carrier->message_id);
	set_text(object, "authenticated",
		 authenticated_name((enum authenticated)carrier->authenticated));
	set_text(object, "auth_domain", carrier->auth_domain);
	return object;
}

static json_t *
document_to_json(const struct document *document)
{
	json_t *object = json_pack("{ss}", "kind", document_kind_name(document->kind));
	const struct shape *shape = document_shape(document->kind);

	set_text(object, "part", document->part);
	if (*document->carrier.from_domain)
		json_object_set_new(object, "carrier", carrier_to_json(&document->carrier));
	if (shape) {
		shape_to_json(object, shape, document_noun_const(document));
	} else {
		report_header_to_json(object, &document->report, FALSE);
		json_object_set_new(object, "records", report_records_to_json(&document->report));
	}
	json_object_set_new(object, "warnings", warnings_to_json(document, TRUE));
	return object;
}

static json_t *
faults_to_json(const struct parsed *parsed)
{
	json_t *array = json_array();

	for (guint i = 0; i < parsed->faults->len; i++) {
		const struct fault *fault = &g_array_index(parsed->faults, struct fault, i);
		json_array_append_new(array, json_pack("{ssssss}", "code", fault->code, "part",
						       fault->part, "reason", fault->reason));
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

static json_t *
document_to_summary(const struct document *document)
{
	json_t *object = json_object();

	summary_to_json(object, document);
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
