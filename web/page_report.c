/* SPDX-License-Identifier: MIT */
/*
 * One report: who sent it about what, the policy it saw, what is odd about it, its records; and its
 * raw XML.
 */
#include "core/error.h"
#include "core/ip.h"
#include "web/document_tree.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define DAY_S 86400

/* The tags of the policy that the reporter saw, as they stand in the record. */
static const struct {
	const char *name;
	size_t at;
} policy_tags[] = {
	{ "p", G_STRUCT_OFFSET(struct query_report_detail, p) },
	{ "sp", G_STRUCT_OFFSET(struct query_report_detail, sp) },
	{ "np", G_STRUCT_OFFSET(struct query_report_detail, np) },
	{ "adkim", G_STRUCT_OFFSET(struct query_report_detail, adkim) },
	{ "aspf", G_STRUCT_OFFSET(struct query_report_detail, aspf) },
	{ "fo", G_STRUCT_OFFSET(struct query_report_detail, fo) },
	{ "pct", G_STRUCT_OFFSET(struct query_report_detail, pct) },
	{ "testing", G_STRUCT_OFFSET(struct query_report_detail, testing) },
	{ "discovery_method", G_STRUCT_OFFSET(struct query_report_detail, discovery_method) },
};

/* What else the report says of itself. */
static const struct {
	const char *name; /* member, and "report.NAME" in the table of words */
	size_t at;
} facts[] = {
	{ "version", G_STRUCT_OFFSET(struct query_report_detail, version) },
	{ "namespace", G_STRUCT_OFFSET(struct query_report_detail, xmlns) },
	{ "generator", G_STRUCT_OFFSET(struct query_report_detail, generator) },
	{ "contact", G_STRUCT_OFFSET(struct query_report_detail, extra_contact_info) },
	{ "errors", G_STRUCT_OFFSET(struct query_report_detail, errors) },
	{ "intake", G_STRUCT_OFFSET(struct query_report_detail, intake) },
	{ "locator", G_STRUCT_OFFSET(struct query_report_detail, locator) },
	{ "part", G_STRUCT_OFFSET(struct query_report_detail, part) },
};

static const char *
text_at(const struct query_report_detail *detail, size_t at)
{
	return G_STRUCT_MEMBER(char *, detail, at);
}

static void
add_pair(json_t *list, const char *label, const char *value)
{
	json_t *pair;

	if (!value || !*value)
		return;
	pair = json_object();
	tree_text(pair, "label", label);
	tree_text(pair, "value", value);
	json_array_append_new(list, pair);
}

static void
fill_policy(struct page *page, const struct query_report_detail *detail)
{
	json_t *policy = json_object();
	json_t *pairs = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(policy_tags); i++) {
		tree_text(policy, policy_tags[i].name, text_at(detail, policy_tags[i].at));
		add_pair(pairs, policy_tags[i].name, text_at(detail, policy_tags[i].at));
	}
	json_object_set_new(page->root, "policy", policy);
	json_object_set_new(page->root, "_policy", pairs);
	tree_flag(page->root, "_has_policy", json_array_size(pairs) > 0);
}

static void
fill_facts(struct page *page, const struct query_report_detail *detail)
{
	json_t *pairs = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++) {
		const char *value = text_at(detail, facts[i].at);
		g_autofree char *key = g_strconcat("report.", facts[i].name, NULL);
		tree_text(page->root, facts[i].name, value);
		add_pair(pairs, words_get(key), value);
	}
	json_object_set_new(page->root, "_facts", pairs);
}

static void
fill_warnings(struct page *page, const struct query_report_detail *detail)
{
	json_t *list = json_array();

	for (guint i = 0; i < detail->warnings->len; i++) {
		const struct query_warning *warning =
			&g_array_index(detail->warnings, struct query_warning, i);
		json_t *row = json_object();
		tree_text(row, "code", warning->code);
		tree_text(row, "text", warning->text);
		/* The text is a sentence; a code alone has to do where there is none. */
		tree_text(row, "_sentence", *warning->text ? warning->text : warning->code);
		json_array_append_new(list, row);
	}
	tree_flag(page->root, "_has_warnings", detail->warnings->len > 0);
	json_object_set_new(page->root, "warning_list", list);
}

static json_t *
make_record(const struct query_record *record)
{
	json_t *row = json_object();
	char text[IP_TEXT_LEN];
	gboolean has_ip = !ip_is_none(&record->source_ip);

	tree_count(row, "seq", record->seq);
	tree_text(row, "source_ip", has_ip ? ip_format(&record->source_ip, text) : NULL);
	tree_text(row, "source_text", record->source_text);
	if (has_ip)
		tree_take(row, "_href", tree_address("/sources/", text));
	tree_class(row, record->class);
	tree_count(row, "messages", record->count);
	tree_disposition(row, record->disposition, record->disposition_name);
	tree_aligned(row, "dkim_aligned", record->dkim);
	tree_aligned(row, "spf_aligned", record->spf);
	tree_text(row, "header_from", record->header_from);
	tree_long(row, record->header_from);
	tree_long(row, record->spf_results);
	tree_long(row, record->dkim_results);
	tree_long(row, record->reasons);
	tree_text(row, "envelope_from", record->envelope_from);
	tree_text(row, "envelope_to", record->envelope_to);
	tree_text(row, "spf", record->spf_results);
	tree_text(row, "dkim", record->dkim_results);
	tree_text(row, "overrides", record->reasons);
	return row;
}

static gboolean
fill_records(struct page *page, gint64 id, GError **error)
{
	const char *result = request_param(page->request, "result");
	const struct record_question question = {
		.report = id,
		.want_failing_only = g_strcmp0(result, "failing") == 0,
		.after = request_param(page->request, "after"),
		.limit = page->limit,
	};

	if (result && !question.want_failing_only && !g_str_equal(result, "all")) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "result=%s is none of the choices", result);
		return FALSE;
	}
	g_autoptr(query_page_auto) records = query_records(page->view, &question, error);
	if (!records)
		return FALSE;

	json_t *data = json_array();
	for (guint i = 0; i < records->rows->len; i++)
		json_array_append_new(data, make_record(g_ptr_array_index(records->rows, i)));
	page_add_list(page, data, records->next);
	json_object_set_new(
		page->root, "filter",
		json_pack("{s:s}", "result", question.want_failing_only ? "failing" : "all"));
	tree_flag(page->root, "_is_failing", question.want_failing_only);
	return TRUE;
}

static void
fill_heading(struct page *page, const struct query_report_detail *detail)
{
	const struct query_report *report = &detail->report;
	g_autofree char *begin = figures_minute(report->begin_at);
	g_autofree char *end = figures_minute(report->end_at);
	g_autofree char *received = figures_minute(report->received_at);
	g_autofree char *self = g_strdup_printf("/reports/%" G_GINT64_FORMAT, report->id);

	tree_report(page->root, report);
	tree_text(page->root, "_self", self);
	tree_take(page->root, "_heading",
		  say_text("report.heading", word_count("n", report->totals.messages),
			   word_text("reporter",
				     *report->org_name ? report->org_name : report->reporter),
			   word_text("domain", report->domain),
			   word_near("day", report->day, page->context->now / DAY_S),
			   word_count("fail", totals_fail(&report->totals))));
	tree_take(page->root, "_covers",
		  say_text("report.period", word_text("begin", begin), word_text("end", end)));
	tree_take(page->root, "_received", say_text("report.at", word_text("at", received)));
	tree_text(page->root, "authenticated", authenticated_name(detail->authenticated));
	tree_text(page->root, "auth_domain", detail->auth_domain);
	tree_take(page->root, "_authenticated",
		  document_tree_authenticated(detail->authenticated, detail->auth_domain));
	tree_flag(page->root, "has_raw", detail->has_raw);
	tree_count(page->root, "records_left_out", detail->left_out);
	if (detail->left_out > 0)
		tree_take(page->root, "_rows_left_out",
			  say_text("report.rows_left_out", word_count("n", report->totals.records),
				   word_count("m", report->totals.records + detail->left_out)));
	if (report->revision_of)
		tree_take(page->root, "_revision",
			  say_text("report.revision", word_count("n", report->revision_of)));
}

static gboolean
answer_xml(struct page *page, gint64 id, GError **error)
{
	GError *question_error = NULL;

	page->body = query_report_raw(page->view, id, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!page->body)
		return page_absent(page, words_get("report.no_raw"));
	page->body_type = "application/xml";
	page->body_name = g_strdup_printf("report-%" G_GINT64_FORMAT ".xml", id);
	return TRUE;
}

static gboolean
fill(struct page *page, const struct query_report_detail *detail, GError **error)
{
	fill_heading(page, detail);
	fill_policy(page, detail);
	fill_facts(page, detail);
	fill_warnings(page, detail);
	return fill_records(page, detail->report.id, error);
}

static gboolean
get_report(struct page *page, GError **error)
{
	GError *question_error = NULL;
	guint64 id;

	if (!g_ascii_string_to_unsigned(page->tail, 10, 1, G_MAXINT64, &id, NULL)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is not the number of a report", page->tail);
		return FALSE;
	}
	page_begin(page, page->tail);
	if (page->face == PAGE_XML)
		return answer_xml(page, (gint64)id, error);

	struct query_report_detail *detail = query_report(page->view, (gint64)id, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!detail)
		return page_absent(page, words_get("report.absent"));
	gboolean is_ok = fill(page, detail, error);
	query_report_detail_free(detail);
	return is_ok;
}

static const char *const columns[] = {
	"seq",         "source_ip",    "source_text", "class",       "messages",
	"disposition", "dkim_aligned", "spf_aligned", "header_from", "envelope_from",
	"envelope_to", "spf",          "dkim",        "overrides",   NULL,
};

const struct page_route page_report = {
	.path = "/reports/*",
	.menu = "reports",
	.template = "report",
	.get = get_report,
	.csv = columns,
	.file_name = "report",
	.has_xml = TRUE,
};
