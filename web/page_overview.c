/* SPDX-License-Identifier: MIT */
/*
 * The overview: is my mail in order, who spoofs me, what is to do. Also the days as a list.
 */
#include "core/report.h"
#include "store/query_takedown.h"
#include "web/days.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/readiness.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define DOMAINS_SHOWN   20
#define GOOD_FAIL_SHARE 0.02

/* In the order of the table: yours first. */
static const enum class class_order[] = {
	CLASS_AUTHORIZED, CLASS_FIX, CLASS_FORWARDER, CLASS_REVIEW, CLASS_UNAUTHORIZED,
};

struct overview {
	struct filter *filter;
	struct query_class_totals classes;
	struct query_takedown_counts takedown;
	struct totals own;
	gint64 kept;
	struct day_sums sums;
};

/* --- The verdict --- */

static char *
own_sentence(const struct overview *overview)
{
	const struct totals *own = &overview->own;

	if (own->messages == 0)
		return g_strdup(words_get("overview.no_own"));
	if ((double)totals_fail(own) <= GOOD_FAIL_SHARE * (double)own->messages)
		return g_strdup(words_get("overview.good"));
	return say_text("overview.bad", word_share("share", totals_fail(own), own->messages));
}

static char *
todo_sentence(const struct overview *overview)
{
	gint64 n_fix = overview->classes.sources[CLASS_FIX];
	gint64 n_report = overview->takedown.addresses;
	g_autofree char *fix = say_text("overview.need_fix", word_count("n", n_fix));
	g_autofree char *report = say_text("overview.need_report", word_count("n", n_report));

	if (n_fix > 0 && n_report > 0)
		return say_text("overview.both", word_text("a", fix), word_text("b", report));
	if (n_fix > 0 || n_report > 0)
		return say_text("overview.single", word_text("a", n_fix > 0 ? fix : report));
	return g_strdup(words_get("overview.nothing"));
}

static void
fill_heading(const struct overview *overview, struct page *page)
{
	const struct filter *filter = overview->filter;

	if (!filter->bounds.has_mail) {
		tree_take(page->root, "_heading",
			  filter->domain ? say_text("overview.no_mail_for",
						    word_text("domain", filter->domain))
					 : g_strdup(words_get("empty.heading")));
		return;
	}
	g_autofree char *own = own_sentence(overview);
	g_autofree char *todo = todo_sentence(overview);
	tree_take(page->root, "_heading",
		  say_text("overview.heading", word_text("own", own), word_text("todo", todo)));
}

/* --- The three columns --- */

static void
add_todo(json_t *list, const char *icon, char *text, char *href)
{
	json_t *item = json_object();
	g_autofree char *key = g_strconcat("overview.link_", icon, NULL);

	tree_text(item, "icon", icon);
	tree_take(item, "text", text);
	tree_take(item, "href", href);
	tree_text(item, "link", words_get(key));
	json_array_append_new(list, item);
}

static void
fill_todo(const struct overview *overview, struct page *page)
{
	const struct filter *filter = overview->filter;
	json_t *list = json_array();
	gint64 n_fix = overview->classes.sources[CLASS_FIX];
	gint64 n_review = overview->classes.sources[CLASS_REVIEW];
	gint64 n_report = overview->takedown.addresses;

	if (n_fix > 0)
		add_todo(list, "fix", say_text("overview.todo_fix", word_count("n", n_fix)),
			 filter_link(filter, "/sources", "class", "fix"));
	if (n_review > 0)
		add_todo(list, "review",
			 say_text("overview.todo_review", word_count("n", n_review)),
			 filter_link(filter, "/sources", "class", "review"));
	if (n_report > 0)
		add_todo(list, "unauthorized",
			 say_text("overview.todo_report", word_count("n", n_report)),
			 filter_link(filter, "/takedown", NULL, NULL));
	if (overview->kept > 0)
		add_todo(list, "no",
			 say_text("overview.todo_kept", word_count("n", overview->kept)),
			 g_strdup("/status"));
	json_object_set_new(page->root, "_todo", list);
}

static void
fill_columns(const struct overview *overview, struct page *page)
{
	json_t *root = page->root;
	const struct totals *own = &overview->own;
	const struct totals *spoof = &overview->classes.totals[CLASS_UNAUTHORIZED];
	gint64 stopped = count_add(spoof->quarantined, spoof->rejected);

	tree_take(root, "_own", figures_share(own->pass, own->messages));
	tree_flag(root, "_has_own", own->messages > 0);
	tree_take(root, "_own_of",
		  say_text("overview.of", word_count("n", own->messages),
			   word_count("part", own->pass)));
	tree_take(root, "_own_spark",
		  days_spark_wide(&overview->sums, CLASS_AUTHORIZED, CLASS_FIX,
				  words_get("overview.own_spark")));
	tree_flag(root, "_has_spoof", spoof->messages > 0);
	tree_take(root, "_stopped", figures_share(stopped, spoof->messages));
	tree_take(root, "_stopped_of",
		  say_text("overview.of", word_count("n", spoof->messages),
			   word_count("part", stopped)));
	tree_take(root, "_spoof_spark",
		  days_spark_wide(&overview->sums, CLASS_UNAUTHORIZED, CLASS_UNAUTHORIZED,
				  words_get("overview.spoof_spark")));
	fill_todo(overview, page);
}

/* How much spoofing is delivered, and how much of it because a domain asks for nothing. */
static void
fill_delivered(const struct overview *overview, const struct query_page *domains, struct page *page)
{
	gint64 all = totals_delivered(&overview->classes.totals[CLASS_UNAUTHORIZED]);
	const char *domain = NULL;
	gint64 n_domains = 0, at_none = 0;

	for (guint i = 0; i < domains->rows->len; i++) {
		const struct query_domain *row = g_ptr_array_index(domains->rows, i);
		gint64 delivered = totals_delivered(&row->by_class[CLASS_UNAUTHORIZED]);
		if (g_strcmp0(row->policy, "none") != 0 || delivered <= 0)
			continue;
		at_none = count_add(at_none, delivered);
		domain = row->domain;
		n_domains++;
	}
	g_autofree char *href = tree_address("/domains/", domain ? domain : "");
	if (n_domains == 0)
		tree_take(page->root, "_delivered",
			  say_html("overview.delivered", word_count("n", all)));
	else if (n_domains == 1)
		tree_take(page->root, "_delivered",
			  say_html("overview.delivered_none", word_count("n", all),
				   word_count("part", at_none), word_text("domain", domain),
				   word_text("href", href)));
	else
		tree_take(page->root, "_delivered",
			  say_html("overview.delivered_some", word_count("n", all),
				   word_count("part", at_none), word_count("domains", n_domains)));
}

/* --- The tables --- */

static void
fill_classes(const struct overview *overview, struct page *page)
{
	json_t *list = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(class_order); i++) {
		enum class class = class_order[i];
		gint64 n = overview->classes.sources[class];
		json_t *row = json_object();
		tree_class(row, class);
		tree_count(row, "sources", n);
		tree_take(row, "_sources", say_text("count.sources", word_count("n", n)));
		tree_totals(row, &overview->classes.totals[class]);
		tree_take(row, "_href",
			  filter_link(overview->filter, "/sources", "class", class_name(class)));
		if (page->face == PAGE_HTML && overview->filter->bounds.has_mail)
			tree_take(row, "_spark", days_spark(&overview->sums, class));
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "classes", list);
}

static gboolean
fill_domains(const struct overview *overview, struct page *page, GError **error)
{
	const struct filter *filter = overview->filter;
	guint limit = page->face == PAGE_HTML ? MIN(page->limit, DOMAINS_SHOWN) : page->limit;
	g_autoptr(query_page_auto) domains =
		query_domains(page->view, &filter->scope, filter->after, limit, error);
	if (!domains)
		return FALSE;

	json_t *data = readiness_domains(page->view, domains->rows, error);
	if (!data)
		return FALSE;
	page_add_list(page, data, domains->next);
	fill_delivered(overview, domains, page);
	return TRUE;
}

static gboolean
ask(struct overview *overview, struct page *page, GError **error)
{
	const struct scope *scope = &overview->filter->scope;
	struct query_status status;

	if (!query_class_totals(page->view, scope, &overview->classes, error) ||
	    !query_takedown_counts(page->view, scope, page->context->allow_documentation,
				   &overview->takedown, error) ||
	    !query_status(page->view, &status, error))
		return FALSE;
	overview->kept = status.kept;
	overview->own = tree_own(overview->classes.totals);
	return TRUE;
}

static void
fill_numbers(const struct overview *overview, struct page *page)
{
	tree_count(page->root, "domains", overview->filter->bounds.domains);
	tree_count(page->root, "reports", overview->filter->bounds.reports);
	tree_count(page->root, "unreadable_mails", overview->kept);
	tree_count(page->root, "takedown_addresses", overview->takedown.addresses);
}

static gboolean
get_overview(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	struct overview overview = { .filter = &filter };

	page_begin(page, words_get("overview.title"));
	if (!filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error) || !ask(&overview, page, error))
		return FALSE;
	g_autoptr(GArray) days = query_days(page->view, &filter.scope, error);
	if (!days)
		return FALSE;
	fill_numbers(&overview, page);
	fill_heading(&overview, page);
	if (filter.bounds.has_mail) {
		days_sum(&overview.sums, &filter, days);
		days_fill(&overview.sums, &filter, days, page);
		fill_columns(&overview, page);
	}
	fill_classes(&overview, page);
	return fill_domains(&overview, page, error);
}

static gboolean
get_days(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	page_begin(page, words_get("days.title"));
	if (!filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error))
		return FALSE;
	g_autoptr(GArray) days = query_days(page->view, &filter.scope, error);
	if (!days)
		return FALSE;
	page_add_list(page, days_list(days), NULL);
	return TRUE;
}

static const char *const summary_columns[] = {
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

static const char *const days_columns[] = {
	"day", "authorized", "fix", "forwarder", "review", "unauthorized", NULL,
};

const struct page_route page_overview = {
	.path = "/",
	.menu = "overview",
	.template = "overview",
	.get = get_overview,
	.csv = summary_columns,
	.file_name = "summary",
};

const struct page_route page_days = {
	.path = "/days",
	.menu = "overview",
	.template = "days",
	.get = get_days,
	.csv = days_columns,
	.file_name = "days",
};
