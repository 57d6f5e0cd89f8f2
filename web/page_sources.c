/* SPDX-License-Identifier: MIT */
/*
 * Sources: who sends in the name of my domains, what to do first on top.
 *
 * Without a choice the page shows the first rows of each class; one class, an address or an order
 * of one's own is one list with a cursor. JSON and CSV are always the one list.
 */
#include <string.h>

#include "core/ip.h"
#include "store/rules.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/source_row.h"
#include "web/tree.h"
#include "web/words.h"

#define TICK_ROWS 40 /* within the size of a page */

#define FIELDS \
	(FILTER_CLASS | FILTER_DOMAIN | FILTER_PERIOD | FILTER_SORT | FILTER_FIND | FILTER_GROUP)

/* The groups, what needs a person first, and how many of each are shown. */
static const struct {
	enum class class;
	guint rows;
} groups[] = {
	{ CLASS_FIX, 10 },      { CLASS_REVIEW, 8 },     { CLASS_UNAUTHORIZED, 8 },
	{ CLASS_FORWARDER, 5 }, { CLASS_AUTHORIZED, 5 }, { CLASS_IGNORED, 3 },
};

/* Rows with a reason below are long; a page stays under 45 kB. */
#define EXPLAINED_ROWS 36

/* --- Searching --- */

/* Could it be the beginning of an address? Then it is hexadecimal digits with dots or colons. */
static gboolean
is_prefix(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF.:") == strlen(text) && strpbrk(text, ".:");
}

static gboolean
go_to(struct page *page, char *location)
{
	page->location = location;
	return TRUE;
}

static gboolean
search_domain(struct page *page, const char *query, GError **error)
{
	g_autofree char *domain = g_ascii_strdown(query, -1);
	const struct scope scope = { domain, WINDOW_ALL };
	g_autoptr(query_page_auto) found = query_domains(page->view, &scope, NULL, 1, error);

	if (!found)
		return FALSE;
	if (found->rows->len > 0)
		go_to(page, tree_address("/domains/", domain));
	return TRUE;
}

static gboolean
search_report(struct page *page, const char *query, GError **error)
{
	const struct report_question question = {
		.scope = { NULL, WINDOW_ALL },
		.find = query,
		.limit = 1,
	};
	g_autoptr(query_page_auto) found = query_reports(page->view, &question, error);

	if (!found)
		return FALSE;
	if (found->rows->len > 0)
		go_to(page, tree_address("/reports?period=all&q=", query));
	return TRUE;
}

/* From the search field of every page to the page that shows it; no location: look here. */
static gboolean
search(struct page *page, const char *query, GError **error)
{
	char text[IP_TEXT_LEN];
	struct ip ip;

	if (ip_parse(query, &ip))
		return go_to(page, tree_address("/sources/", ip_format(&ip, text)));
	if (!search_domain(page, query, error))
		return FALSE;
	return page->location || is_prefix(query) || search_report(page, query, error);
}

/* --- Rows --- */

/* Rows can be ticked, to say whose they are, where that was asked for: 50 boxes are 6 kB. */
static gboolean
is_ticking(const struct page *page)
{
	return page->face == PAGE_HTML && (page->rights & RIGHT_OPERATOR) &&
	       request_param(page->request, "tick");
}

/* As many as one change of rules takes, over all groups of the page. */
static void
add_picks(struct page *page, const json_t *rows)
{
	json_int_t n = json_integer_value(json_object_get(page->root, "_picks"));

	for (gsize i = 0; is_ticking(page) && i < json_array_size(rows) && n < RULES_AT_ONCE_MAX;
	     i++)
		tree_take(json_array_get(rows, i), "_pick", g_strdup_printf("pick%d", (int)++n));
	if (n > 0)
		json_object_set_new(page->root, "_picks", json_integer(n));
}

static struct source_question
question_of(const struct filter *filter, const struct page *page)
{
	gboolean is_page = page->face == PAGE_HTML && !request_param(page->request, "print");

	return (struct source_question){
		.scope = filter->scope,
		.class = filter->class,
		.order = filter->order,
		.find = filter->find,
		.after = filter->after,
		.limit = is_page ? MIN(page->limit, EXPLAINED_ROWS) : page->limit,
	};
}

static gboolean
fill_list(const struct filter *filter, struct page *page, GError **error)
{
	const struct source_question question = question_of(filter, page);
	json_t *data = json_array();

	if (filter->find && !is_prefix(filter->find)) {
		page_add_list(page, data, NULL);
		return TRUE;
	}
	g_autoptr(query_page_auto) sources = query_sources(page->view, &question, error);
	if (!sources || !source_rows_add(data, filter, page, sources->rows, G_MAXUINT, error)) {
		json_decref(data);
		return FALSE;
	}
	add_picks(page, data);
	page_add_list(page, data, sources->next);
	return TRUE;
}

/* --- Groups --- */

static void
fill_more(const struct filter *filter, json_t *group, enum class class, gint64 n_all)
{
	g_autofree char *key = g_strconcat("sources.note_", class_name(class), NULL);

	tree_text(group, "note", words_find(key));
	tree_flag(group, "_has_end", n_all > 0 || words_find(key));
	if (n_all == 0)
		return;
	tree_take(group, "more", say_text("sources.more", word_count("n", n_all)));
	tree_take(group, "href", filter_link(filter, "/sources", "class", class_name(class)));
}

static gboolean
add_group(const struct filter *filter, struct page *page, gsize g,
	  const struct query_class_totals *totals, GError **error)
{
	enum class class = groups[g].class;
	struct source_question question = question_of(filter, page);

	question.class = class;
	question.order = SOURCE_ORDER_CLASS;
	question.limit = groups[g].rows;
	g_autoptr(query_page_auto) sources = query_sources(page->view, &question, error);
	if (!sources)
		return FALSE;
	if (sources->rows->len == 0)
		return TRUE;

	json_t *group = json_object();
	json_t *rows = json_array();
	json_array_append_new(json_object_get(page->root, "_groups"), group);
	tree_class(group, class);
	tree_take(group, "sources",
		  say_text("count.sources", word_count("n", totals->sources[class])));
	tree_take(group, "messages",
		  say_text("count.messages", word_count("n", totals->totals[class].messages)));
	json_object_set_new(group, "rows", rows);
	if (!source_rows_add(rows, filter, page, sources->rows, G_MAXUINT, error))
		return FALSE;
	add_picks(page, rows);
	fill_more(filter, group, class, sources->next ? totals->sources[class] : 0);
	return TRUE;
}

static gboolean
fill_groups(const struct filter *filter, struct page *page, const struct query_class_totals *totals,
	    GError **error)
{
	json_object_set_new(page->root, "_groups", json_array());
	for (gsize g = 0; g < G_N_ELEMENTS(groups); g++)
		if (!add_group(filter, page, g, totals, error))
			return FALSE;
	tree_flag(page->root, "_has_groups",
		  json_array_size(json_object_get(page->root, "_groups")) > 0);
	return TRUE;
}

/* --- The heading --- */

static char *
heading_of_all(const struct query_class_totals *totals)
{
	static const struct {
		enum class class;
		const char *key;
	} parts[] = {
		{ CLASS_UNAUTHORIZED, "sources.spoof" },
		{ CLASS_REVIEW, "sources.review" },
		{ CLASS_FIX, "sources.fix" },
	};
	g_autoptr(GString) list = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		gint64 n = totals->sources[parts[i].class];
		if (n == 0)
			continue;
		g_autofree char *part = say_text(parts[i].key, word_count("n", n));
		g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", part);
	}
	if (list->len == 0)
		return g_strdup(words_get("sources.all_good"));
	return say_text("sources.heading", word_text("parts", list->str));
}

static void
fill_heading(const struct filter *filter, struct page *page,
	     const struct query_class_totals *totals)
{
	g_autofree char *key = g_strconcat("sources.heading_", class_name(filter->class), NULL);
	char *heading;

	if (filter->bounds.reports == 0)
		heading = g_strdup(words_get("empty.heading"));
	else if (filter->find)
		heading = say_text("sources.heading_find", word_text("find", filter->find));
	else if (filter->class != CLASS_NONE)
		heading = say_text(key, word_count("n", totals->sources[filter->class]));
	else if (!filter->bounds.has_mail)
		heading = g_strdup(words_get("sources.none"));
	else
		heading = heading_of_all(totals);
	tree_take(page->root, "_heading", heading);
}

/* Links that keep the filter and change one thing. */
static void
fill_links(const struct filter *filter, struct page *page)
{
	gboolean is_by_messages = filter->order == SOURCE_ORDER_MESSAGES;

	tree_flag(page->root, "_by_messages",
		  is_by_messages || (filter->class != CLASS_NONE && filter->class != CLASS_REVIEW));
	tree_take(page->root, "_sort_messages",
		  request_query_with(page->request, "sort", "messages"));
	tree_take(page->root, "_print", request_query_with(page->request, "print", "1"));
	tree_flag(page->root, "_is_ticking", is_ticking(page));
	tree_take(page->root, "_tick", request_query_with(page->request, "tick", "1"));
}

static gboolean
wants_groups(const struct filter *filter, const struct page *page)
{
	return page->face == PAGE_HTML && filter->class == CLASS_NONE && !filter->find &&
	       !filter->after && filter->order == SOURCE_ORDER_CLASS &&
	       !request_param(page->request, "print");
}

static void
limit_ticks(struct page *page)
{
	if (is_ticking(page))
		page->limit = MIN(page->limit, TICK_ROWS);
}

static gboolean
show_sources(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	struct query_class_totals totals;
	const char *query = request_param(page->request, "q");

	limit_ticks(page);
	if (query && page->face == PAGE_HTML && !search(page, query, error))
		return FALSE;
	page_begin(page, words_get("sources.title"));
	if (page->location)
		return TRUE;
	if (!filter_read(&filter, page, FIELDS, error))
		return FALSE;
	if (query && !filter.find)
		filter.find = query;
	if (!filter_fill(&filter, page, error) ||
	    !query_class_totals(page->view, &filter.scope, &totals, error))
		return FALSE;
	if (page->face == PAGE_HTML) {
		fill_heading(&filter, page, &totals);
		fill_links(&filter, page);
	}
	return wants_groups(&filter, page) ? fill_groups(&filter, page, &totals, error)
					   : fill_list(&filter, page, error);
}

static gboolean
get_sources(struct page *page, GError **error)
{
	return filter_regroup(page) || show_sources(page, error);
}

const struct page_route page_sources = {
	.path = "/sources",
	.menu = "sources",
	.template = "sources",
	.get = get_sources,
	.csv = source_columns,
	.file_name = "sources",
};
