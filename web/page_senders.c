/* SPDX-License-Identifier: MIT */
/* Senders: sources by the service that they belong to, and one of these services. */
#include "store/query_groups.h"
#include "web/days.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/source_row.h"
#include "web/tree.h"
#include "web/why.h"
#include "web/words.h"

#define GROUP_ROWS    10 /* of each class, where all are shown */
#define DOMAINS_SHOWN 15
#define SOURCES_SHOWN 15 /* addresses of one sender at a time, beside all else its page has */

/* --- The list --- */

static void
fill_name(json_t *row, const struct page *page, const char *id)
{
	const struct sender *sender = why_sender(page, id);

	tree_text(row, "sender", id);
	tree_text(row, "sender_name", sender ? sender->name : NULL);
	tree_text(row, "sender_kind", sender ? sender_kind_name(sender->kind) : NULL);
	tree_text(row, "_name", sender ? sender->name : *id ? id : words_get("senders.unknown"));
	tree_text(row, "_id", sender ? id : NULL);
}

static json_t *
make_row(const struct filter *filter, const struct page *page, const struct query_sender *sender)
{
	json_t *row = json_object();
	const struct sender *known = why_sender(page, sender->sender);

	fill_name(row, page, sender->sender);
	tree_group(row, &sender->group);
	tree_text(row, "fix",
		  known && sender->group.class == CLASS_FIX && *known->fix ? known->fix : NULL);
	if (page->face != PAGE_HTML)
		return row;
	g_autofree char *path = tree_address("/senders/", sender->sender);
	tree_take(row, "_href",
		  *sender->sender ? filter_link(filter, path, NULL, NULL)
				  : filter_link(filter, "/sources", "class",
						class_name(sender->group.class)));
	return row;
}

static json_t *
make_rows(const struct filter *filter, const struct page *page, const struct query_page *senders)
{
	json_t *rows = json_array();

	for (guint i = 0; i < senders->rows->len; i++)
		json_array_append_new(rows,
				      make_row(filter, page, g_ptr_array_index(senders->rows, i)));
	return rows;
}

static gboolean
add_group(const struct filter *filter, struct page *page, enum class class, GError **error)
{
	const struct senders_question question = { filter->scope, class, NULL, GROUP_ROWS };
	g_autoptr(query_page_auto) senders = query_senders(page->view, &question, error);

	if (!senders)
		return FALSE;
	if (senders->rows->len == 0)
		return TRUE;
	json_t *group = json_object();
	tree_class(group, class);
	json_object_set_new(group, "rows", make_rows(filter, page, senders));
	if (senders->next)
		tree_take(group, "_rest",
			  filter_link(filter, "/senders", "class", class_name(class)));
	json_array_append_new(json_object_get(page->root, "_groups"), group);
	return TRUE;
}

static gboolean
fill_groups(const struct filter *filter, struct page *page, GError **error)
{
	json_object_set_new(page->root, "_groups", json_array());
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++)
		if (!add_group(filter, page, c, error))
			return FALSE;
	return TRUE;
}

static gboolean
fill_list(const struct filter *filter, struct page *page, GError **error)
{
	const struct senders_question question = { filter->scope, filter->class, filter->after,
						   page->limit };
	g_autoptr(query_page_auto) senders = query_senders(page->view, &question, error);

	if (!senders)
		return FALSE;
	page_add_list(page, make_rows(filter, page, senders), senders->next);
	return TRUE;
}

static gboolean
get_senders(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	if (filter_regroup(page))
		return TRUE;
	page_begin(page, words_get("senders.title"));
	if (!filter_read(&filter, page, FILTER_CLASS | FILTER_DOMAIN | FILTER_PERIOD | FILTER_GROUP,
			 error) ||
	    !filter_fill(&filter, page, error))
		return FALSE;
	if (page->face == PAGE_HTML && filter.class == CLASS_NONE && !filter.after)
		return fill_groups(&filter, page, error);
	return fill_list(&filter, page, error);
}

/* --- One sender --- */

static gint64
count_addresses(const struct query_sender_detail *detail)
{
	gint64 n = 0;

	for (enum class c = CLASS_NONE; c < N_CLASSES; c++)
		n += detail->groups[c].addresses;
	return n;
}

static void
fill_classes(const struct query_sender_detail *detail, struct page *page)
{
	json_t *list = json_array();

	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		if (detail->groups[c].totals.messages == 0)
			continue;
		json_t *row = json_object();
		tree_group(row, &detail->groups[c]);
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "classes", list);
}

static void
fill_domains(const struct filter *filter, const struct query_sender_detail *detail,
	     struct page *page)
{
	json_t *list = json_array();

	guint n_rows = page->face == PAGE_HTML ? MIN(detail->domains->len, DOMAINS_SHOWN)
					       : detail->domains->len;
	for (guint i = 0; i < n_rows; i++) {
		const struct query_sender_domain *domain = g_ptr_array_index(detail->domains, i);
		json_t *row = json_object();
		g_autofree char *path = tree_address("/domains/", domain->domain);
		tree_text(row, "domain", domain->domain);
		tree_long(row, domain->domain);
		tree_take(row, "_href", filter_link(filter, path, NULL, NULL));
		tree_group(row, &domain->group);
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "domains", list);
	if (n_rows < detail->domains->len)
		tree_take(page->root, "_domains_shown",
			  say_text("source.rows_shown", word_count("n", n_rows),
				   word_count("all", detail->domains->len)));
}

static void
fill_selectors(const struct query_sender_detail *detail, struct page *page)
{
	json_t *list = json_array();

	for (guint i = 0; i < detail->selectors->len; i++)
		json_array_append_new(list, json_string(g_ptr_array_index(detail->selectors, i)));
	json_object_set_new(page->root, "selectors", list);
	tree_flag(page->root, "_has_selectors", json_array_size(list) > 0);
}

/* Sources keep their newest days only, whatever the page's period is. */
static void
fill_days(const struct filter *filter, const struct query_sender_detail *detail, struct page *page)
{
	struct filter recent = *filter;
	struct day_sums sums = { 0 };

	if (!filter->bounds.has_mail)
		return;
	recent.scope.window = WINDOW_30D;
	recent.bounds.from_day = filter->bounds.last_day - QUERY_SPARK_DAYS + 1;
	days_sum(&sums, &recent, detail->days);
	days_fill(&sums, &recent, detail->days, page);
	if (detail->days_is_cut)
		tree_take(page->root, "_days_cut",
			  say_text("sender.days_cut", word_count("n", detail->days_sources)));
}

static void
fill_known(const struct sender *sender, struct page *page)
{
	tree_text(page->root, "fix", sender ? sender->fix : NULL);
	tree_text(page->root, "fix_url", sender ? sender->doc_url : NULL);
	if (!sender)
		return;
	g_autofree char *key = g_strconcat("sender.kind_", sender_kind_name(sender->kind), NULL);
	tree_take(page->root, "_known",
		  say_text("sender.known", word_text("name", sender->name),
			   word_text("kind", words_get(key))));
}

static void
fill_heading(const struct query_sender_detail *detail, struct page *page)
{
	const char *id = page->tail;
	const struct sender *sender = why_sender(page, id);
	gint64 addresses = count_addresses(detail);

	fill_name(page->root, page, id);
	tree_count(page->root, "addresses", addresses);
	tree_take(page->root, "_heading",
		  say_text(addresses > 0 ? "sender.heading" : "sender.quiet",
			   word_text("sender", sender ? sender->name : id),
			   word_count("n", addresses)));
	fill_known(sender, page);
}

static gboolean
fill_sources(const struct filter *filter, struct page *page, GError **error)
{
	json_t *rows = json_array();
	g_autoptr(query_page_auto) sources = query_sender_sources(
		page->view, &filter->scope, page->tail, filter->after,
		page->face == PAGE_HTML ? MIN(page->limit, SOURCES_SHOWN) : page->limit, error);

	gboolean is_good =
		sources && source_rows_add(rows, filter, page, sources->rows, G_MAXUINT, error);
	page_add_list(page, rows, sources ? sources->next : NULL);
	return is_good;
}

static gboolean
get_sender(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	GError *question_error = NULL;

	page_begin(page, page->tail);
	if (!filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error))
		return FALSE;
	g_autoptr(query_sender_detail_auto) detail =
		query_sender(page->view, &filter.scope, page->tail, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!detail) {
		g_autofree char *sentence =
			say_text("sender.absent", word_text("sender", page->tail));
		return page_absent(page, sentence);
	}
	fill_heading(detail, page);
	fill_classes(detail, page);
	fill_domains(&filter, detail, page);
	fill_selectors(detail, page);
	fill_days(&filter, detail, page);
	return fill_sources(&filter, page, error);
}

static const char *const senders_columns[] = {
	"sender", "sender_name", "sender_kind", "class",       "addresses", "messages",  "pass",
	"fail",   "dkim_pass",   "spf_pass",    "quarantined", "rejected",  "delivered", NULL,
};

const struct page_route page_senders = {
	.path = "/senders",
	.menu = "sources",
	.template = "senders",
	.get = get_senders,
	.csv = senders_columns,
	.file_name = "senders",
};

const struct page_route page_sender = {
	.path = "/senders/*",
	.menu = "sources",
	.template = "sender",
	.get = get_sender,
	.csv = source_columns,
	.file_name = "sender",
};
