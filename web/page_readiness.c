/* SPDX-License-Identifier: MIT */
/*
 * Is it safe to move a domain to its next policy, and what would another one do?
 */
#include "core/error.h"
#include "core/report.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/readiness.h"
#include "web/readiness_tree.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* So many senders are told apart; the others are one line. */
#define SENDERS_MAX 500
#define COUNT_MAX   10000

static const char *const policy_tags[] = { "p", "sp", "np", "adkim", "aspf", "t" };

/* The tags of the query, and whether there is one. */
static gboolean
read_what_if(struct simulate_policy *what_if, const struct page *page, gboolean *ret_is_asked,
	     GError **error)
{
	*ret_is_asked = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(policy_tags); i++) {
		const char *value = request_param(page->request, policy_tags[i]);
		g_autoptr(GError) fault = NULL;
		if (!value)
			continue;
		*ret_is_asked = TRUE;
		if (!simulate_policy_set(what_if, policy_tags[i], value, &fault)) {
			g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
					    fault->message);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
fill_reviews(const struct readiness_case *c, const struct filter *filter, struct page *page,
	     GError **error)
{
	const struct source_question question = {
		.scope = filter->scope,
		.class = CLASS_REVIEW,
		.order = SOURCE_ORDER_MESSAGES,
		.limit = MIN(page->limit, READINESS_REVIEWS_MAX),
	};
	json_t *list = json_array();

	json_object_set_new(page->root, "review", list);
	g_autoptr(query_page_auto) sources = query_sources(page->view, &question, error);
	if (!sources)
		return FALSE;
	for (guint i = 0; i < sources->rows->len; i++) {
		const struct query_source *source = g_ptr_array_index(sources->rows, i);
		char text[IP_TEXT_LEN];
		if (source->totals.messages < c->limits.review_messages)
			break;
		json_t *row = json_object();
		tree_text(row, "source_ip", ip_format(&source->ip, text));
		tree_count(row, "messages", source->totals.messages);
		tree_take(row, "_messages",
			  say_text("count.messages", word_count("n", source->totals.messages)));
		g_autofree char *path = tree_address("/sources/", text);
		tree_take(row, "_href", filter_link(filter, path, NULL, NULL));
		json_array_append_new(list, row);
	}
	tree_flag(page->root, "_has_reviews", json_array_size(list) > 0);
	return TRUE;
}

static gboolean
fill(const struct readiness_case *c, const struct filter *filter, gboolean is_what_if,
     struct page *page, GError **error)
{
	const struct simulate_policy *published = &c->published;

	readiness_tree_heading(c, is_what_if, page);
	readiness_tree_checks(c, page);
	readiness_tree_senders(c, filter, page);
	readiness_tree_outcome(c, page);
	readiness_tree_steps(c, page);
	json_object_set_new(page->root, "published",
			    c->found->policy ? readiness_tree_policy(published) : json_null());
	json_object_set_new(page->root, "asked", readiness_tree_policy(&c->asked));
	tree_flag(page->root, "what_if", is_what_if);
	if (page->face == PAGE_HTML)
		readiness_tree_form(page);
	return fill_reviews(c, filter, page, error);
}

static gboolean
get_readiness(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	g_auto(readiness_case_auto) c = { 0 };
	struct simulate_policy what_if = { 0 };
	gboolean is_what_if;
	GError *fault = NULL;

	page_begin(page, page->tail);
	if (!read_what_if(&what_if, page, &is_what_if, error) ||
	    !filter_read(&filter, page, 0, error))
		return FALSE;
	filter_set_domain(&filter, page->tail);
	const struct readiness_ask ask = {
		.domain = filter.domain,
		.what_if = is_what_if ? &what_if : NULL,
		.senders = SENDERS_MAX,
		.count_max = COUNT_MAX,
	};
	if (!readiness_case_read(&c, page->view, &ask, &fault)) {
		if (fault) {
			g_propagate_error(error, fault);
			return FALSE;
		}
		g_autofree char *sentence =
			say_text("domain.absent", word_text("domain", filter.domain));
		return page_absent(page, sentence);
	}
	return query_bounds(page->view, &filter.scope, &filter.bounds, error) &&
	       filter_fill(&filter, page, error) && fill(&c, &filter, is_what_if, page, error);
}

static const char *const columns[] = {
	"sender", "sender_name", "source_ip", "class", "messages", "lost", "fix", NULL,
};

const struct page_route page_readiness = {
	.path = "/domains/*/readiness",
	.menu = "domains",
	.template = "readiness",
	.get = get_readiness,
	.csv = columns,
	.file_name = "readiness",
};
