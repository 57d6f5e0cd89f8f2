/* SPDX-License-Identifier: MIT */
/*
 * My domains: the list, and one of them.
 */
#include "web/days.h"
#include "web/domain_org.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/readiness.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* In the order of the table: yours first. */
static const enum class class_order[] = {
	CLASS_AUTHORIZED, CLASS_FIX, CLASS_FORWARDER, CLASS_REVIEW, CLASS_UNAUTHORIZED,
};

static gboolean
get_domains(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	page_begin(page, words_get("domains.title"));
	if (!filter_read(&filter, page, FILTER_PERIOD, error) || !filter_fill(&filter, page, error))
		return FALSE;
	g_autoptr(query_page_auto) domains =
		query_domains(page->view, &filter.scope, filter.after, page->limit, error);
	if (!domains)
		return FALSE;

	json_t *data = readiness_domains(page->view, domains->rows, error);
	if (!data)
		return FALSE;
	page_add_list(page, data, domains->next);
	tree_take(page->root, "_heading",
		  say_text("domains.heading", word_count("n", filter.bounds.domains)));
	return TRUE;
}

/* --- One domain --- */

static void
fill_classes(const struct query_domain *domain, const struct filter *filter,
	     const struct day_sums *sums, struct page *page)
{
	json_t *list = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(class_order); i++) {
		enum class c = class_order[i];
		json_t *row = json_object();
		tree_class(row, c);
		tree_count(row, "sources", domain->sources[c]);
		tree_take(row, "_sources",
			  say_text("count.sources", word_count("n", domain->sources[c])));
		tree_totals(row, &domain->by_class[c]);
		tree_take(row, "_href", filter_link(filter, "/sources", "class", class_name(c)));
		if (page->face == PAGE_HTML && filter->bounds.has_mail)
			tree_take(row, "_spark", days_spark(sums, c));
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "classes", list);
}

static void
fill_heading(const struct query_domain *domain, struct page *page)
{
	struct totals own = tree_own(domain->by_class);

	tree_text(page->root, "domain", domain->domain);
	if (own.messages > 0)
		tree_take(page->root, "_heading",
			  say_text("domain.heading", word_text("domain", domain->domain),
				   word_share("share", own.pass, own.messages)));
	else
		tree_take(page->root, "_heading",
			  say_text("domain.heading_none", word_text("domain", domain->domain)));
	tree_text(page->root, "policy", domain->policy);
	tree_instant(page->root, "policy_seen", domain->policy_seen_at);
	if (*domain->policy) {
		g_autofree char *at = figures_minute(domain->policy_seen_at);
		tree_take(page->root, "_policy",
			  say_html("domain.policy", word_text("policy", domain->policy),
				   word_text("at", at)));
	}
	tree_count(page->root, "reports", domain->reports);
	tree_take(page->root, "_reports",
		  say_text("count.reports", word_count("n", domain->reports)));
	tree_totals(page->root, &domain->totals);
}

static gboolean
fill_domain(struct filter *filter, const struct query_domain *domain, struct page *page,
	    GError **error)
{
	struct day_sums sums = { 0 };
	g_autoptr(GArray) days = query_days(page->view, &filter->scope, error);

	if (!days || !filter_fill(filter, page, error))
		return FALSE;
	fill_heading(domain, page);
	if (filter->bounds.has_mail) {
		days_sum(&sums, filter, days);
		days_fill(&sums, filter, days, page);
	}
	fill_classes(domain, filter, &sums, page);
	page_add_list(page, days_list(days), NULL);
	tree_text(page->root, "_clear", NULL);
	tree_take(page->root, "_sources_href", filter_link(filter, "/sources", NULL, NULL));
	tree_take(page->root, "_reports_href", filter_link(filter, "/reports", NULL, NULL));
	return TRUE;
}

static gboolean
get_domain(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	page_begin(page, page->tail);
	if (!filter_read(&filter, page, FILTER_PERIOD, error))
		return FALSE;
	filter_set_domain(&filter, page->tail);
	if (!query_bounds(page->view, &filter.scope, &filter.bounds, error))
		return FALSE;
	g_autoptr(query_page_auto) found = query_domains(page->view, &filter.scope, NULL, 1, error);
	if (!found)
		return FALSE;
	if (found->rows->len == 0) {
		g_autofree char *sentence =
			say_text("domain.absent", word_text("domain", filter.domain));
		return page_absent(page, sentence);
	}
	return readiness_add(page->root, page->view, filter.domain, error) &&
	       domain_org_fill(page, filter.domain, error) &&
	       fill_domain(&filter, g_ptr_array_index(found->rows, 0), page, error);
}

static const char *const domains_columns[] = {
	"domain",
	"policy",
	"policy_seen",
	"readiness",
	"messages",
	"pass",
	"fail",
	"dkim_pass",
	"spf_pass",
	"quarantined",
	"rejected",
	"delivered",
	"own_messages",
	"own_pass",
	"sources_fix",
	"sources_review",
	"sources_unauthorized",
	"sources_forwarder",
	"sources_authorized",
	"sources_ignored",
	"reports",
	"last_day",
	NULL,
};

static const char *const domain_columns[] = {
	"day", "authorized", "fix", "forwarder", "review", "unauthorized", NULL,
};

const struct page_route page_domains = {
	.path = "/domains",
	.menu = "domains",
	.template = "domains",
	.get = get_domains,
	.csv = domains_columns,
	.file_name = "domains",
};

const struct page_route page_domain = {
	.path = "/domains/*",
	.menu = "domains",
	.template = "domain",
	.get = get_domain,
	.csv = domain_columns,
	.file_name = "domain",
};
