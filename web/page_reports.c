/* SPDX-License-Identifier: MIT */
/*
 * The reports themselves, newest day first.
 */
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/page_upload.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define FIELDS (FILTER_DOMAIN | FILTER_PERIOD | FILTER_REPORTER | FILTER_QUERY)

static json_t *
make_row(const struct query_report *report)
{
	json_t *row = json_object();

	tree_report(row, report);
	if (report->revision_of)
		tree_take(row, "_revision",
			  say_text("reports.revision", word_count("n", report->revision_of)));
	return row;
}

static gboolean
get_reports(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	page_begin(page, words_get("reports.title"));
	if (!filter_read(&filter, page, FIELDS, error) || !filter_fill(&filter, page, error))
		return FALSE;
	const struct report_question question = {
		.scope = filter.scope,
		.reporter = filter.reporter,
		.find = filter.query,
		.after = filter.after,
		.limit = page->limit,
	};
	g_autoptr(query_page_auto) reports = query_reports(page->view, &question, error);
	if (!reports)
		return FALSE;

	json_t *data = json_array();
	for (guint i = 0; i < reports->rows->len; i++)
		json_array_append_new(data, make_row(g_ptr_array_index(reports->rows, i)));
	page_add_list(page, data, reports->next);
	tree_take(page->root, "_heading",
		  filter.bounds.reports > 0
			  ? say_text("reports.heading", word_count("n", filter.bounds.reports))
			  : g_strdup(words_get("empty.heading")));
	return TRUE;
}

static const char *const columns[] = {
	"id",    "day",       "reporter", "org_name",    "org_email", "report_id", "domain",
	"begin", "end",       "received", "revision_of", "warnings",  "messages",  "pass",
	"fail",  "dkim_pass", "spf_pass", "quarantined", "rejected",  "delivered", NULL,
};

const struct page_route page_reports = {
	.path = "/reports",
	.menu = "reports",
	.template = "reports",
	.get = get_reports,
	.post = page_upload_post,
	.post_right = RIGHT_UPLOAD,
	.takes_files = TRUE,
	.csv = columns,
	.file_name = "reports",
};
