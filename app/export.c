/* SPDX-License-Identifier: MIT */
#include "app/export.h"

#include "web/export.h"
#include "web/tree.h"
#include "web/why.h"

#define ROWS_AT_ONCE    1000
#define REPORTS_AT_ONCE 10

static const char *const aligned_names[N_ALIGNED] = {
	[ALIGNED_MISSING] = "",
	[ALIGNED_PASS] = "pass",
	[ALIGNED_FAIL] = "fail",
};

static json_t *
new_answer(const struct query_page *page, json_t *rows)
{
	json_t *root = json_object();

	json_object_set_new(root, "data", rows);
	if (page->next)
		json_object_set_new(root, "next", json_string(page->next));
	return root;
}

static void
add_totals(json_t *row, const struct totals *totals)
{
	json_object_set_new(row, "records", json_integer(totals->records));
	json_object_set_new(row, "messages", json_integer(totals->messages));
	json_object_set_new(row, "pass", json_integer(totals->pass));
	json_object_set_new(row, "fail", json_integer(totals_fail(totals)));
	json_object_set_new(row, "dkim_pass", json_integer(totals->dkim_pass));
	json_object_set_new(row, "spf_pass", json_integer(totals->spf_pass));
	json_object_set_new(row, "quarantined", json_integer(totals->quarantined));
	json_object_set_new(row, "rejected", json_integer(totals->rejected));
}

static char *
why_of(const struct export *export, const struct query_address *address)
{
	struct query_source source = {
		.ip = address->ip,
		.domain = address->domain,
		.class = address->verdict.class,
		.rule = address->verdict.rule,
		.verdict = address->verdict,
		.sender = address->sender,
	};
	struct explained explained;

	why_judge(&explained, &source, &address->facts, export->weights);
	const struct why why = why_because(&explained.facts, &explained.judgement, export->weights);
	return why_text(&explained, &why, WHY_LINES_MAX);
}

/* A class that a user has hidden is called so; it counts in nothing that alarms. */
static void
add_verdict(json_t *row, const struct export *export, const struct query_address *address)
{
	const struct verdict *verdict = &address->verdict;

	tree_list(row, "domain", address->domains);
	tree_text(row, "class", verdict->is_ignored ? "ignored" : class_name(verdict->class));
	tree_rule(row, verdict->class, verdict->rule);
	tree_score(row, verdict);
	tree_text(row, "sender", address->sender);
	tree_place(row, &address->place);
	tree_take(row, "why", verdict->class == CLASS_NONE ? NULL : why_of(export, address));
}

static json_t *
source_rows(struct export *export, const char *after, GError **error)
{
	g_autoptr(query_page_auto) page = query_addresses(export->view, after, ROWS_AT_ONCE, error);
	if (!page)
		return NULL;
	json_t *rows = json_array();
	for (guint i = 0; i < page->rows->len; i++) {
		const struct query_address *address = g_ptr_array_index(page->rows, i);
		json_t *row = json_object();
		char ip[IP_TEXT_LEN];
		json_object_set_new(row, "source_ip", json_string(ip_format(&address->ip, ip)));
		add_totals(row, &address->totals);
		add_verdict(row, export, address);
		json_array_append_new(rows, row);
	}
	return new_answer(page, rows);
}

static const char *const source_columns[] = {
	"source_ip", "records",     "messages", "pass",    "fail",  "dkim_pass",
	"spf_pass",  "quarantined", "rejected", "domain",  "class", "rule",
	"score",     "sender",      "asn",      "country", "why",   NULL,
};

static json_t *
json_of_record(const struct query_report *report, const struct query_record *record)
{
	char ip[IP_TEXT_LEN];
	json_t *row = json_pack("{s:I,s:s,s:s,s:s,s:I,s:I}", "report", (json_int_t)report->id,
				"reporter", report->reporter, "report_id", report->report_id,
				"domain", report->domain, "begin", (json_int_t)report->begin_at,
				"end", (json_int_t)report->end_at);

	json_object_set_new(row, "source_ip",
			    json_string(*record->source_text ? record->source_text
							     : ip_format(&record->source_ip, ip)));
	json_object_set_new(row, "messages", json_integer(record->count));
	json_object_set_new(row, "disposition", json_string(record->disposition_name));
	json_object_set_new(row, "dkim_aligned", json_string(aligned_names[record->dkim]));
	json_object_set_new(row, "spf_aligned", json_string(aligned_names[record->spf]));
	json_object_set_new(row, "header_from", json_string(record->header_from));
	json_object_set_new(row, "envelope_from", json_string(record->envelope_from));
	json_object_set_new(row, "envelope_to", json_string(record->envelope_to));
	json_object_set_new(row, "spf", json_string(record->spf_results));
	json_object_set_new(row, "dkim", json_string(record->dkim_results));
	json_object_set_new(row, "reasons", json_string(record->reasons));
	return row;
}

/* Appends what is to be said of a report's records to rows, a page of them at a time. */
typedef gboolean (*add_fn)(struct export *export, const struct query_report *report,
			   const struct query_page *page, json_t *rows, GError **error);

static gboolean
add_own(struct export *export, const struct query_report *report, const struct query_page *page,
	json_t *rows, GError **error)
{
	(void)export;
	(void)error;
	for (guint i = 0; i < page->rows->len; i++)
		json_array_append_new(rows,
				      json_of_record(report, g_ptr_array_index(page->rows, i)));
	return TRUE;
}

static gboolean
add_parsedmarc(struct export *export, const struct query_report *report,
	       const struct query_page *page, json_t *rows, GError **error)
{
	struct query_report_detail *detail = query_report(export->view, report->id, error);

	if (!detail)
		return FALSE;
	for (guint i = 0; i < page->rows->len; i++)
		json_array_append_new(
			rows, parsedmarc_of_record(detail, g_ptr_array_index(page->rows, i)));
	query_report_detail_free(detail);
	return TRUE;
}

static gboolean
add_records(struct export *export, const struct query_report *report, add_fn add, json_t *rows,
	    GError **error)
{
	g_autofree char *after = NULL;

	do {
		const struct record_question question = {
			.report = report->id,
			.want_columns = add == add_parsedmarc,
			.after = after,
			.limit = ROWS_AT_ONCE,
		};
		g_autoptr(query_page_auto) page = query_records(export->view, &question, error);
		if (!page || !add(export, report, page, rows, error))
			return FALSE;
		g_free(after);
		after = g_steal_pointer(&page->next);
	} while (after);
	return TRUE;
}

/* All records of a few reports at a time. Revisions contradict a report and are left out. */
static json_t *
add_reports(struct export *export, add_fn add, const char *after, GError **error)
{
	const struct report_question question = {
		.scope = { NULL, WINDOW_ALL },
		.after = after,
		.limit = REPORTS_AT_ONCE,
	};
	g_autoptr(query_page_auto) page = query_reports(export->view, &question, error);
	if (!page)
		return NULL;
	json_t *rows = json_array();
	for (guint i = 0; i < page->rows->len; i++) {
		const struct query_report *report = g_ptr_array_index(page->rows, i);
		if (report->revision_of == 0 && !add_records(export, report, add, rows, error)) {
			json_decref(rows);
			return NULL;
		}
	}
	return new_answer(page, rows);
}

static json_t *
record_rows(struct export *export, const char *after, GError **error)
{
	return add_reports(export, add_own, after, error);
}

static json_t *
parsedmarc_rows(struct export *export, const char *after, GError **error)
{
	return add_reports(export, add_parsedmarc, after, error);
}

static const char *const record_columns[] = {
	"report",        "reporter",    "report_id",   "domain",       "begin",       "end",
	"source_ip",     "messages",    "disposition", "dkim_aligned", "spf_aligned", "header_from",
	"envelope_from", "envelope_to", "spf",         "dkim",         "reasons",     NULL,
};

/* What a list page shows. */
static json_t *
page_rows(struct export *export, const char *target, const char *after, GError **error)
{
	const struct web_export page = {
		.store = export->store,
		.view = export->view,
		.allow_documentation = export->allow_documentation,
		.weights = export->weights,
		.target = target,
	};

	return web_export_rows(&page, after, error);
}

const struct export_kind export_kinds[] = {
	{ "sources", NULL, NULL, source_columns, source_rows },
	{ "domains", NULL, "/domains?period=all", NULL, NULL },
	{ "records", NULL, NULL, record_columns, record_rows },
	{ "records", "parsedmarc", NULL, parsedmarc_columns, parsedmarc_rows },
	{ "takedown", NULL, "/takedown", NULL, NULL },
	{ "changes", NULL, "/changes?since=1970-01-01", NULL, NULL },
	{ "failures", NULL, "/failures?period=all", NULL, NULL },
	{ "complaints", NULL, "/complaints?period=all", NULL, NULL },
	{ "bounces", NULL, "/bounces?period=all", NULL, NULL },
	{ "tls", NULL, "/tls?period=all", NULL, NULL },
};
const gsize n_export_kinds = G_N_ELEMENTS(export_kinds);

const char *const *
export_columns(const struct export_kind *kind)
{
	return kind->page ? web_export_columns(kind->page) : kind->columns;
}

json_t *
export_rows(struct export *export, const struct export_kind *kind, const char *after,
	    GError **error)
{
	return kind->page ? page_rows(export, kind->page, after, error)
			  : kind->rows(export, after, error);
}
