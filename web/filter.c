/* SPDX-License-Identifier: MIT */
#include "web/filter.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define DOMAINS_MAX 50 /* more of them are typed, not chosen */

/* --- Reading --- */

static gboolean
fail_param(const char *name, const char *value, GError **error)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s=%s is none of the choices", name,
		    value);
	return FALSE;
}

static char *
fold_domain(const char *text)
{
	GString *domain = g_string_new(text);

	text_fold_domain(domain);
	return g_string_free(domain, FALSE);
}

/* By what sources are taken together, and the page that does. */
static const struct {
	const char *name;
	const char *path;
	const char *by; /* one page groups by several things */
} groupings[] = {
	{ "source", "/sources", NULL },
	{ "sender", "/senders", NULL },
	{ "network", "/networks", NULL },
	{ "as", "/networks", "as" },
};

static const char *const face_suffixes[] = {
	[PAGE_HTML] = "",
	[PAGE_JSON] = ".json",
	[PAGE_CSV] = ".csv",
	[PAGE_XML] = ".xml",
};

static gboolean
is_grouping(const struct request *request, gsize i)
{
	return g_str_equal(request_path(request), groupings[i].path) &&
	       g_strcmp0(request_param(request, "by"), groupings[i].by) == 0;
}

static void
append_param(GString *query, const char *name, const char *value)
{
	g_autofree char *escaped = g_uri_escape_string(value, NULL, FALSE);

	g_string_append_printf(query, "%c%s=%s", strchr(query->str, '?') ? '&' : '?', name,
			       escaped);
}

/* The request's query with what grouping i is asked for by, in place of what it asked for. */
static char *
grouped_query(const struct request *request, gsize i)
{
	GString *query = g_string_new(NULL);
	g_autofree char *kept = request_query_with(request, "group", NULL);
	g_auto(GStrv) params = g_strsplit_set(kept, "?&", -1);

	for (char **param = params; *param; param++)
		if (**param && !g_str_has_prefix(*param, "by="))
			g_string_append_printf(query, "%c%s", query->len == 0 ? '?' : '&', *param);
	if (groupings[i].by)
		append_param(query, "by", groupings[i].by);
	return g_string_free(query, FALSE);
}

gboolean
filter_regroup(struct page *page)
{
	const char *group = request_param(page->request, "group");
	gsize i = 0;

	while (i < G_N_ELEMENTS(groupings) && g_strcmp0(group, groupings[i].name) != 0)
		i++;
	if (i == G_N_ELEMENTS(groupings) || is_grouping(page->request, i))
		return FALSE;
	g_autofree char *query = grouped_query(page->request, i);
	page->location = g_strconcat(groupings[i].path, face_suffixes[page->face], query, NULL);
	return TRUE;
}

static gboolean
check_group(const struct filter *filter, const struct request *request, GError **error)
{
	const char *group = filter->fields & FILTER_GROUP ? request_param(request, "group") : NULL;

	for (gsize i = 0; group && i < G_N_ELEMENTS(groupings); i++)
		if (g_str_equal(group, groupings[i].name))
			return TRUE;
	return !group || fail_param("group", group, error);
}

static gboolean
read_choices(struct filter *filter, const struct request *request, GError **error)
{
	const char *period = request_param(request, "period");
	const char *class = request_param(request, "class");
	const char *sort = request_param(request, "sort");

	filter->scope.window = WINDOW_30D;
	if (filter->fields & FILTER_PERIOD && period &&
	    !window_parse(period, &filter->scope.window))
		return fail_param("period", period, error);
	if (filter->fields & FILTER_CLASS && class && !g_str_equal(class, "all") &&
	    !class_parse(class, &filter->class))
		return fail_param("class", class, error);
	if (!(filter->fields & FILTER_SORT) || !sort)
		return TRUE;
	if (g_str_equal(sort, "messages"))
		filter->order = SOURCE_ORDER_MESSAGES;
	else if (!g_str_equal(sort, "class"))
		return fail_param("sort", sort, error);
	return TRUE;
}

static const char *
read_text(const struct filter *filter, const struct request *request, enum filter_field field,
	  const char *name)
{
	return filter->fields & field ? request_param(request, name) : NULL;
}

/* The youngest day that all usual reporters have reported for, as far as that can be known. */
static gboolean
read_completeness(struct filter *filter, struct store_view *view, GError **error)
{
	g_autoptr(GArray) days = query_completeness(view, &filter->scope, error);
	if (!days)
		return FALSE;

	for (guint i = 0; i < days->len && !filter->has_complete; i++) {
		const struct query_reporter_days *day =
			&g_array_index(days, struct query_reporter_days, i);
		if (day->usual == 0)
			continue;
		if (day->day == filter->bounds.last_day) {
			filter->newest_reporters = day->reporters;
			filter->newest_usual = day->usual;
		}
		filter->has_complete = day->reporters >= day->usual;
		filter->complete_through = day->day;
	}
	return TRUE;
}

static gboolean
read_source(struct filter *filter, const struct request *request, GError **error)
{
	const char *text = read_text(filter, request, FILTER_SOURCE, "source");

	if (!text)
		return TRUE;
	filter->has_source = ip_parse(text, &filter->source);
	filter->source_text = text;
	return filter->has_source || fail_param("source", text, error);
}

gboolean
filter_read(struct filter *filter, const struct page *page, guint fields, GError **error)
{
	const struct request *request = page->request;
	g_auto(filter_auto) read = { .fields = fields };

	const char *domain = read_text(&read, request, FILTER_DOMAIN, "domain");
	if (domain && !g_str_equal(domain, "all"))
		read.domain = fold_domain(domain);
	read.scope.domain = read.domain;
	read.find = read_text(&read, request, FILTER_FIND, "find");
	read.reporter = read_text(&read, request, FILTER_REPORTER, "reporter");
	read.query = read_text(&read, request, FILTER_QUERY, "q");
	read.after = request_param(request, "after");
	if (!read_choices(&read, request, error) || !check_group(&read, request, error) ||
	    !read_source(&read, request, error) ||
	    !query_bounds(page->view, &read.scope, &read.bounds, error) ||
	    !read_completeness(&read, page->view, error))
		return FALSE;

	*filter = read;
	read.domain = NULL;
	return TRUE;
}

void
filter_set_domain(struct filter *filter, const char *domain)
{
	g_free(filter->domain);
	filter->domain = fold_domain(domain);
	filter->scope.domain = filter->domain;
}

void
filter_clear(struct filter *filter)
{
	g_clear_pointer(&filter->domain, g_free);
}

gboolean
filter_is_late(const struct filter *filter, gint64 day)
{
	return filter->has_complete && day > filter->complete_through;
}

char *
filter_link(const struct filter *filter, const char *path, const char *name, const char *value)
{
	GString *link = g_string_new(path);

	if (filter->domain)
		append_param(link, "domain", filter->domain);
	if (filter->scope.window != WINDOW_30D)
		append_param(link, "period", window_name(filter->scope.window));
	if (value)
		append_param(link, name, value);
	return g_string_free(link, FALSE);
}

/* --- The form --- */

static void
add_option(json_t *options, const char *value, const char *label, gboolean is_selected)
{
	json_t *option = json_object();

	tree_text(option, "value", value);
	tree_text(option, "label", label);
	tree_flag(option, "is_selected", is_selected);
	json_array_append_new(options, option);
}

/* options: taken; NULL makes a text field that holds value. */
static void
add_field(json_t *form, const char *name, json_t *options, const char *value)
{
	json_t *field = json_object();
	g_autofree char *key = g_strconcat("filter.", name, NULL);

	tree_text(field, "name", name);
	tree_text(field, "label", words_get(key));
	tree_text(field, "value", value);
	if (options)
		json_object_set_new(field, "options", options);
	else
		tree_flag(field, "is_text", TRUE);
	json_array_append_new(json_object_get(form, "fields"), field);
}

static gboolean
add_domains(const struct filter *filter, struct page *page, json_t *form, GError **error)
{
	const struct scope all = { NULL, WINDOW_ALL };
	g_autoptr(query_page_auto) domains =
		query_domains(page->view, &all, NULL, DOMAINS_MAX, error);
	if (!domains)
		return FALSE;
	if (domains->next) {
		add_field(form, "domain", NULL, filter->domain);
		return TRUE;
	}

	json_t *options = json_array();
	gboolean is_listed = !filter->domain;
	add_option(options, "all", words_get("filter.all"), is_listed);
	for (guint i = 0; i < domains->rows->len; i++) {
		const struct query_domain *row = g_ptr_array_index(domains->rows, i);
		gboolean is_selected = g_strcmp0(filter->domain, row->domain) == 0;
		add_option(options, row->domain, row->domain, is_selected);
		is_listed = is_listed || is_selected;
	}
	if (!is_listed)
		add_option(options, filter->domain, filter->domain, TRUE);
	add_field(form, "domain", options, NULL);
	return TRUE;
}

static void
add_periods(const struct filter *filter, json_t *form)
{
	json_t *options = json_array();

	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
		g_autofree char *key = g_strconcat("period.", window_name(w), NULL);
		add_option(options, window_name(w), words_get(key), w == filter->scope.window);
	}
	add_field(form, "period", options, NULL);
}

static void
add_classes(const struct filter *filter, json_t *form)
{
	json_t *options = json_array();

	add_option(options, "all", words_get("filter.all"), filter->class == CLASS_NONE);
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++)
		add_option(options, class_name(c), tree_class_name(c), c == filter->class);
	add_field(form, "class", options, NULL);
}

static void
add_orders(const struct filter *filter, json_t *form)
{
	json_t *options = json_array();
	gboolean by_messages = filter->order == SOURCE_ORDER_MESSAGES;

	add_option(options, "class", words_get("filter.sort_class"), !by_messages);
	add_option(options, "messages", words_get("filter.sort_messages"), by_messages);
	add_field(form, "sort", options, NULL);
}

static void
add_groupings(const struct page *page, json_t *form)
{
	json_t *options = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(groupings); i++) {
		g_autofree char *key = g_strconcat("filter.group_", groupings[i].name, NULL);
		add_option(options, groupings[i].name, words_get(key),
			   is_grouping(page->request, i));
	}
	add_field(form, "group", options, NULL);
}

static gboolean
fill_form(const struct filter *filter, struct page *page, GError **error)
{
	json_t *form = json_object();

	json_object_set_new(page->root, "_filter", form);
	json_object_set_new(form, "fields", json_array());
	tree_text(form, "action", request_path(page->request));
	if (filter->fields & FILTER_CLASS)
		add_classes(filter, form);
	if (filter->fields & FILTER_DOMAIN && !add_domains(filter, page, form, error))
		return FALSE;
	if (filter->fields & FILTER_PERIOD)
		add_periods(filter, form);
	if (filter->fields & FILTER_REPORTER)
		add_field(form, "reporter", NULL, filter->reporter);
	if (filter->fields & FILTER_QUERY)
		add_field(form, "q", NULL, filter->query);
	if (filter->fields & FILTER_GROUP)
		add_groupings(page, form);
	if (filter->fields & FILTER_SORT)
		add_orders(filter, form);
	if (filter->fields & FILTER_FIND)
		add_field(form, "find", NULL, filter->find);
	if (filter->fields & FILTER_SOURCE)
		add_field(form, "source", NULL, filter->source_text);
	return TRUE;
}

/* --- The sentence --- */

static void
add_term(GString *terms, char *term)
{
	say_append(terms, term);
	g_free(term);
}

static char *
scope_term(const struct filter *filter)
{
	if (filter->domain)
		return say_html("terms.domain", word_text("domain", filter->domain));
	return say_html("terms.domains", word_count("n", filter->bounds.domains));
}

static char *
period_term(const struct filter *filter)
{
	g_autofree char *key =
		g_strconcat("terms.period_", window_name(filter->scope.window), NULL);

	return say_html(key, word_day("first", filter->bounds.from_day),
			word_day("last", filter->bounds.last_day));
}

/* Is anything shown other than what the page shows by itself? */
static gboolean
is_narrowed(const struct filter *filter)
{
	return filter->domain || filter->class != CLASS_NONE || filter->find || filter->reporter ||
	       filter->query || filter->has_source || filter->scope.window != WINDOW_30D;
}

static void
fill_terms(const struct filter *filter, struct page *page)
{
	g_autoptr(GString) terms = g_string_new(NULL);

	add_term(terms, scope_term(filter));
	if (filter->fields & FILTER_PERIOD && filter->bounds.has_mail)
		add_term(terms, period_term(filter));
	if (filter->fields & FILTER_CLASS)
		add_term(terms,
			 filter->class == CLASS_NONE
				 ? g_strdup(words_get("terms.classes"))
				 : say_html("terms.class",
					    word_text("class", tree_class_name(filter->class))));
	if (filter->find)
		add_term(terms, say_html("terms.find", word_text("find", filter->find)));
	if (filter->reporter)
		add_term(terms,
			 say_html("terms.reporter", word_text("reporter", filter->reporter)));
	if (filter->query)
		add_term(terms, say_html("terms.query", word_text("query", filter->query)));
	if (filter->has_source)
		add_term(terms, say_html("terms.source", word_text("source", filter->source_text)));
	tree_text(page->root, "_terms", terms->str);
	if (is_narrowed(filter))
		tree_text(page->root, "_clear", request_path(page->request));
	if (filter->newest_usual > filter->newest_reporters)
		tree_take(
			page->root, "_completeness",
			say_text("terms.completeness",
				 word_near("day", filter->bounds.last_day, filter->bounds.last_day),
				 word_count("n", filter->newest_reporters),
				 word_count("usual", filter->newest_usual)));
}

static void
fill_values(const struct filter *filter, struct page *page)
{
	json_t *values = json_object();
	json_t *root = page->root;

	json_object_set_new(root, "filter", values);
	if (filter->fields & FILTER_DOMAIN)
		tree_text(values, "domain", filter->domain);
	if (filter->fields & FILTER_PERIOD)
		tree_text(values, "period", window_name(filter->scope.window));
	if (filter->fields & FILTER_CLASS)
		tree_text(values, "class",
			  filter->class == CLASS_NONE ? NULL : class_name(filter->class));
	if (filter->fields & FILTER_FIND)
		tree_text(values, "find", filter->find);
	if (filter->fields & FILTER_REPORTER)
		tree_text(values, "reporter", filter->reporter);
	if (filter->fields & FILTER_QUERY)
		tree_text(values, "q", filter->query);
	if (filter->fields & FILTER_SOURCE)
		tree_text(values, "source", filter->source_text);
	tree_flag(root, "_is_empty", filter->bounds.reports == 0 && filter->bounds.domains == 0);
	tree_flag(root, "_has_mail", filter->bounds.has_mail);
	tree_text(root, "last_day", NULL);
	tree_text(root, "complete_through", NULL);
	if (filter->bounds.has_mail)
		tree_day(root, "last_day", filter->bounds.last_day);
	if (filter->has_complete)
		tree_day(root, "complete_through", filter->complete_through);
}

gboolean
filter_fill(const struct filter *filter, struct page *page, GError **error)
{
	fill_values(filter, page);
	if (page->face != PAGE_HTML)
		return TRUE;
	fill_terms(filter, page);
	return fill_form(filter, page, error);
}

void
page_begin(struct page *page, const char *title)
{
	if (!page->root)
		page->root = json_object();
	json_object_set_new(page->root, "_t", words_tree());
	tree_text(page->root, "_title", title);
	tree_take(page->root, "_query", request_query_with(page->request, NULL, NULL));
}

void
page_add_list(struct page *page, json_t *data, const char *next)
{
	tree_flag(page->root, "_has_rows", json_array_size(data) > 0);
	json_object_set_new(page->root, "data", data);
	tree_text(page->root, "next", next);
	if (!next)
		return;
	g_autofree char *query = request_query_with(page->request, "after", next);
	tree_text(page->root, "_next", query);
}
