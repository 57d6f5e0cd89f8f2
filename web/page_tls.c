/* SPDX-License-Identifier: MIT */
/*
 * TLS reports: how many sessions to our mail servers were encrypted as their policy asks, what
 * failed, and the reports themselves, a row for each policy of each report. Counts are sessions.
 */
#include "core/error.h"
#include "web/document_tree.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* --- The list --- */

static void
add_number(json_t *row, const char *name, const struct number *number)
{
	json_object_set_new(row, name,
			    number->is_known ? json_integer(number->value) : json_null());
}

static json_t *
make_row(const struct query_tls_policy *policy)
{
	json_t *row = json_object();

	tree_count(row, "id", policy->document);
	tree_day(row, "day", policy->day);
	tree_text(row, "org_name", policy->org_name);
	tree_text(row, "report_id", policy->report_id);
	tree_text(row, "domain", policy->domain);
	tree_text(row, "policy_type", policy->type);
	add_number(row, "success", &policy->success);
	add_number(row, "failure", &policy->failure);
	tree_text(row, "results", policy->results);
	tree_flag(row, "is_revision", policy->is_revision);
	if (policy->is_revision)
		tree_text(row, "_revision", words_get("documents.revision"));
	return row;
}

static gboolean
fill_policies(struct page *page, const struct filter *filter, GError **error)
{
	const struct tls_question question = {
		.scope = filter->scope,
		.after = filter->after,
		.limit = page->limit,
	};
	g_autoptr(query_page_auto) policies = query_tls_policies(page->view, &question, error);
	json_t *data = json_array();

	for (guint i = 0; policies && i < policies->rows->len; i++)
		json_array_append_new(data, make_row(g_ptr_array_index(policies->rows, i)));
	page_add_list(page, data, policies ? policies->next : NULL);
	return policies != NULL;
}

static gboolean
fill_results(struct page *page, const struct filter *filter, GError **error)
{
	g_autoptr(GPtrArray) results = query_tls_results(page->view, &filter->scope, error);
	json_t *list = json_array();

	for (guint i = 0; results && i < results->len; i++) {
		const struct query_tls_result *result = g_ptr_array_index(results, i);
		gboolean is_known = result->without_counts < result->details;
		json_t *row = json_object();
		tree_text(row, "result", result->result);
		tree_text(row, "mx", result->mx);
		json_object_set_new(row, "sessions",
				    is_known ? json_integer(result->sessions) : json_null());
		tree_count(row, "details", result->details);
		tree_day(row, "last_day", result->last_day);
		json_array_append_new(list, row);
	}
	tree_flag(page->root, "_has_results", json_array_size(list) > 0);
	json_object_set_new(page->root, "results", list);
	return results != NULL;
}

static gboolean
fill_totals(struct page *page, const struct filter *filter, GError **error)
{
	json_t *root = page->root;
	struct query_tls_totals totals;
	struct query_status status;

	if (!query_tls_totals(page->view, &filter->scope, &totals, error) ||
	    !query_status(page->view, &status, error))
		return FALSE;
	/* Nothing that is known is not the same as none that failed. */
	gboolean is_known = totals.without_counts < totals.policies;
	json_object_set_new(root, "success", is_known ? json_integer(totals.success) : json_null());
	json_object_set_new(root, "failure", is_known ? json_integer(totals.failure) : json_null());
	tree_count(root, "without_counts", totals.without_counts);
	tree_take(root, "_heading",
		  is_known ? say_text("tls.heading", word_count("n", totals.failure),
				      word_count("all", count_add(totals.success, totals.failure)))
			   : g_strdup(words_get("tls.heading_none")));
	if (totals.without_counts > 0)
		tree_take(root, "_without",
			  say_text("tls.without", word_count("n", totals.without_counts)));
	tree_text(root, "_none",
		  words_get(status.documents[DOCUMENT_TLS].counted > 0 ? "documents.none"
								       : "tls.none"));
	return TRUE;
}

static gboolean
get_tls(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	page_begin(page, words_get("tls.title"));
	return filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) &&
	       filter_fill(&filter, page, error) && fill_totals(page, &filter, error) &&
	       fill_results(page, &filter, error) && fill_policies(page, &filter, error);
}

/* --- One report --- */

static gboolean
answer_raw(struct page *page, gint64 id, GError **error)
{
	GError *question_error = NULL;

	page->body = query_document_raw(page->view, id, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!page->body)
		return page_absent(page, words_get("tls.no_raw"));
	page->body_type = "application/json";
	page->body_name = g_strdup_printf("tls-report-%" G_GINT64_FORMAT ".json", id);
	return TRUE;
}

/* The failure details of all policies in one list, each with the domain of its policy. */
static void
fill_details(struct page *page)
{
	json_t *policies = json_object_get(page->root, "policies");
	json_t *details = json_array();
	size_t i;
	json_t *policy;

	json_array_foreach(policies, i, policy)
	{
		size_t k;
		json_t *failure;
		tree_take(policy, "_mx", document_tree_cell(json_object_get(policy, "mx_hosts")));
		json_array_foreach(json_object_get(policy, "failures"), k, failure)
		{
			json_t *row = json_copy(failure);
			json_object_set(row, "domain", json_object_get(policy, "domain"));
			json_array_append_new(details, row);
		}
	}
	tree_flag(page->root, "_has_details", json_array_size(details) > 0);
	json_object_set_new(page->root, "_details", details);
}

static void
fill_report(struct page *page, const struct query_document *document)
{
	const struct tlsrpt *tlsrpt = &document->document->tlsrpt;
	const struct carrier *carrier = &document->document->carrier;
	json_t *root = page->root;
	json_t *tree = document_tree(document, TRUE);

	json_object_update(root, tree);
	json_decref(tree);
	tree_flag(root, "has_raw", document->has_raw);
	json_object_set_new(root, "_pairs", document_tree_pairs(&tlsrpt_shape, root));
	tree_take(
		root, "_heading",
		say_text("tls.said",
			 word_text("reporter", *tlsrpt->org_name ? tlsrpt->org_name
								 : words_get("document.somebody")),
			 word_text("domain", document->domain), word_day("day", document->day)));
	tree_take(root, "_authenticated",
		  document_tree_authenticated(carrier->authenticated, carrier->auth_domain));
	tree_take(root, "_received", figures_minute(document->received_at));
	tree_text(root, "_locator", document->locator);
	if (document->is_revision)
		tree_text(root, "_revision", words_get("documents.revision"));
	fill_details(page);
}

static gboolean
get_tls_report(struct page *page, GError **error)
{
	GError *question_error = NULL;
	guint64 id;

	if (!g_ascii_string_to_unsigned(page->tail, 10, 1, G_MAXINT64, &id, NULL)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is not the number of a report", page->tail);
		return FALSE;
	}
	page_begin(page, page->tail);
	g_autoptr(query_document_auto) document =
		query_document(page->view, DOCUMENT_TLS, (gint64)id, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!document)
		return page_absent(page, words_get("document.absent"));
	if (request_param(page->request, "raw"))
		return answer_raw(page, (gint64)id, error);
	fill_report(page, document);
	return TRUE;
}

static const char *const columns[] = {
	"id",      "day",     "org_name", "report_id",   "domain", "policy_type",
	"success", "failure", "results",  "is_revision", NULL,
};

const struct page_route page_tls = {
	.path = "/tls",
	.menu = "tls",
	.template = "tls",
	.get = get_tls,
	.csv = columns,
	.file_name = "tls",
};

const struct page_route page_tls_report = {
	.path = "/tls/*",
	.menu = "tls",
	.template = "tls_report",
	.get = get_tls_report,
};
