/* SPDX-License-Identifier: MIT */
/*
 * Changes: what is not as it was, with where to look, and what nobody wants to hear again.
 */
#include "analysis/change_days.h"
#include "core/error.h"
#include "store/change_store.h"
#include "store/query_history.h"
#include "web/changed.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/request_private.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define DAY_S         86400
#define DAYS_SHOWN    30
#define NAMED_MISSING 3

static const char *const columns[] = {
	"day",    "rule",  "kind", "domain",     "class",    "object", "part",
	"before", "after", "text", "first_told", "evidence", NULL,
};

/* What is asked for beside the domain. */
struct asked {
	enum change_rule rule; /* 0 = all */
	gint64 since;
	gboolean has_since;
	gint64 seen_at; /* the user's last visit, 0 = none */
};

/* --- Where to look --- */

/* {o} is the object, {d} the domain, {c} the class; escaped for an address. */
static const char *const evidence[N_CHANGE_KINDS] = {
	[CHANGE_SOURCE_NEW] = "/sources/{o}?domain={d}",
	[CHANGE_NETWORK_NEW] = "/sources?domain={d}&class={c}",
	[CHANGE_SENDER_SILENT] = "/sources?domain={d}&class=authorized",
	[CHANGE_PASS_RATE_FELL] = "/sources?domain={d}&class=fix",
	[CHANGE_SPOOFING_ROSE] = "/sources?domain={d}&class=unauthorized",
	[CHANGE_SELECTOR_NEW] = "/sources?domain={d}&class=authorized",
	[CHANGE_SELECTOR_GONE] = "/sources?domain={d}&class=authorized",
	[CHANGE_SUBDOMAIN_NEW] = "/sources?domain={d}",
	[CHANGE_POLICY_CHANGED] = "/reports?domain={d}",
	[CHANGE_POLICY_NOT_DNS] = "/domains/{d}",
	[CHANGE_REPORTER_NEW] = "/reporters/{o}",
	[CHANGE_REPORTER_SILENT] = "/reporters/{o}",
	[CHANGE_REPORTS_STOPPED] = "/status",
	[CHANGE_FAULTS_BEGAN] = "/status",
	[CHANGE_OWN_LISTED] = "/sources/{o}",
	[CHANGE_OWN_DELISTED] = "/sources/{o}",
	[CHANGE_INCIDENT_QUIET] = "/takedown",
	[CHANGE_INCIDENT_RESUMED] = "/takedown",
	[CHANGE_RECORD_BROKEN] = "/domains/{d}",
};

static char *
evidence_of(const struct change *change)
{
	const struct {
		char mark;
		const char *text;
	} marks[] = {
		{ 'o', change->object },
		{ 'd', change->domain },
		{ 'c', class_name(change->class) },
	};
	GString *path = g_string_new(NULL);
	const char *pattern = evidence[change->kind];

	/* A reporter with a slash in its name has its page under its number alone. */
	if (g_str_has_prefix(pattern, "/reporters/") && strchr(change->object, '/'))
		pattern = "/reports?reporter={o}";
	for (const char *at = pattern; *at; at++) {
		if (*at != '{') {
			g_string_append_c(path, *at);
			continue;
		}
		for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
			if (marks[i].mark == at[1])
				g_string_append_uri_escaped(path, marks[i].text, NULL, FALSE);
		at += 2;
	}
	return g_string_free(path, FALSE);
}

/* --- Rows --- */

static json_t *
json_of_number(enum change_unit unit, const struct change_number *number)
{
	g_autofree char *day = unit == CHANGE_UNIT_DAY ? figures_day(number->n) : NULL;

	if (day)
		return json_string(day);
	if (unit == CHANGE_UNIT_SHARE)
		return json_pack("{s:I,s:I}", "n", (json_int_t)number->n, "of",
				 (json_int_t)number->whole);
	return json_integer(number->n);
}

static void
fill_numbers(json_t *row, const struct change *change)
{
	const struct change_kind_row *kind = &change_kinds[change->kind];
	json_t *numbers = json_object();

	for (gsize i = 0; kind->numbers[i].name; i++)
		json_object_set_new(numbers, kind->numbers[i].name,
				    json_of_number(kind->numbers[i].unit, &change->numbers[i]));
	json_object_set_new(row, "numbers", numbers);
}

static const char *
text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static json_t *
make_row(const struct query_change *line, const struct asked *asked, gint64 today)
{
	const struct change *change = line->change;
	const struct change_kind_row *kind = &change_kinds[change->kind];
	json_t *row = json_object();
	g_autofree char *path = evidence_of(change);

	tree_day(row, "day", change->day);
	tree_text(row, "rule", change_rule_name(kind->rule));
	tree_text(row, "kind", kind->name);
	tree_text(row, "domain", text_or_null(change->domain));
	tree_class(row, change->class);
	tree_text(row, "object", text_or_null(change->object));
	tree_text(row, "part", text_or_null(change->part));
	tree_text(row, "before", text_or_null(change->was));
	tree_text(row, "after", text_or_null(change->is));
	fill_numbers(row, change);
	tree_take(row, "text", changed_say(change, FALSE));
	tree_instant(row, "first_told", line->first_told_at);
	tree_text(row, "evidence", path);
	tree_flag(row, "_has_class", change->class != CLASS_NONE);
	tree_flag(row, "_is_new", asked->seen_at > 0 && line->first_told_at > asked->seen_at);
	tree_flag(row, "_is_network", change->kind == CHANGE_NETWORK_NEW);
	tree_text(row, "_rule_name", changed_rule(kind->rule));
	tree_take(row, "_short_day", figures_short_day(change->day, today));
	tree_text(row, "_key", line->key);
	if (change->class == CLASS_UNAUTHORIZED) {
		g_autofree char *domain = g_uri_escape_string(change->domain, NULL, FALSE);
		tree_take(row, "_takedown", g_strconcat("/takedown?domain=", domain, NULL));
	}
	return row;
}

static gboolean
fill_list(struct page *page, const struct change_question *question, const struct asked *asked,
	  GError **error)
{
	g_autoptr(query_page_auto) lines = query_changes(page->view, question, error);

	if (!lines)
		return FALSE;
	json_t *data = json_array();
	for (guint i = 0; i < lines->rows->len; i++)
		json_array_append_new(data, make_row(g_ptr_array_index(lines->rows, i), asked,
						     page->context->now / DAY_S));
	page_add_list(page, data, lines->next);
	return TRUE;
}

static gboolean
fill_mutes(struct page *page, GError **error)
{
	g_autoptr(GPtrArray) mutes = query_change_mutes(page->view, error);
	json_t *list = json_array();

	if (!mutes) {
		json_decref(list);
		return FALSE;
	}
	const guint n = page->face == PAGE_HTML ? MIN(mutes->len, page->limit / 2) : mutes->len;
	for (guint i = 0; i < n; i++) {
		const struct query_change_mute *mute = g_ptr_array_index(mutes, i);
		json_t *row = json_object();
		tree_text(row, "rule", change_rule_name(change_kinds[mute->change->kind].rule));
		tree_text(row, "kind", change_kinds[mute->change->kind].name);
		tree_text(row, "domain", text_or_null(mute->change->domain));
		tree_text(row, "object", text_or_null(mute->change->object));
		tree_text(row, "part", text_or_null(mute->change->part));
		tree_text(row, "author", mute->author);
		tree_instant(row, "muted_at", mute->made_at);
		tree_text(row, "_rule_name", changed_rule(change_kinds[mute->change->kind].rule));
		tree_take(row, "_short_day",
			  figures_short_day(mute->made_at / DAY_S, page->context->now / DAY_S));
		tree_text(row, "_key", mute->key);
		json_array_append_new(list, row);
	}
	tree_flag(page->root, "_has_mutes", mutes->len > 0);
	tree_flag(page->root, "_has_more_mutes", mutes->len > n);
	json_object_set_new(page->root, "muted", list);
	return TRUE;
}

/* --- What was asked --- */

static gboolean
fail_param(const char *name, const char *value, GError **error)
{
	g_autofree char *text =
		say_text("changes.no_sense", word_text("value", value), word_text("name", name));

	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, text);
	return FALSE;
}

static gboolean
read_rule(const struct request *request, struct asked *asked, GError **error)
{
	const char *text = request_param(request, "rule");

	if (!text || g_str_equal(text, "all"))
		return TRUE;
	for (guint rule = 1; rule < N_CHANGE_RULES; rule++)
		if (g_ascii_strcasecmp(text, change_rule_name((enum change_rule)rule)) == 0) {
			asked->rule = (enum change_rule)rule;
			return TRUE;
		}
	return fail_param("rule", text, error);
}

static gboolean
read_since(const struct request *request, struct asked *asked, GError **error)
{
	const char *text = request_param(request, "since");
	g_autofree char *instant = text ? g_strconcat(text, "T00:00:00Z", NULL) : NULL;
	g_autoptr(GDateTime) at =
		instant && strlen(text) == 10 ? g_date_time_new_from_iso8601(instant, NULL) : NULL;

	if (text && !at)
		return fail_param("since", text, error);
	if (at)
		asked->since = g_date_time_to_unix(at) / DAY_S;
	asked->has_since = at != NULL;
	return TRUE;
}

static gboolean
read_asked(struct page *page, struct asked *asked, GError **error)
{
	*asked = (struct asked){ .since = page->context->now / DAY_S - DAYS_SHOWN };
	if (!read_rule(page->request, asked, error) || !read_since(page->request, asked, error))
		return FALSE;
	return !page->user || query_change_visit(page->view, page->user, &asked->seen_at, error);
}

/* --- The form --- */

static json_t *
add_field(struct page *page, const char *name)
{
	json_t *field = json_object();
	g_autofree char *key = g_strconcat("filter.", name, NULL);

	tree_text(field, "name", name);
	tree_text(field, "label", words_get(key));
	json_array_append_new(json_object_get(json_object_get(page->root, "_filter"), "fields"),
			      field);
	return field;
}

static void
add_option(json_t *options, const char *value, const char *label, gboolean is_selected)
{
	json_t *option = json_object();

	tree_text(option, "value", value);
	tree_text(option, "label", label);
	tree_flag(option, "is_selected", is_selected);
	json_array_append_new(options, option);
}

static void
fill_form(struct page *page, const struct asked *asked)
{
	json_t *options = json_array();

	add_option(options, "all", words_get("filter.all"), asked->rule == 0);
	for (guint rule = 1; rule < N_CHANGE_RULES; rule++) {
		const char *name = change_rule_name((enum change_rule)rule);
		g_autofree char *label =
			g_strdup_printf("%s %s", name, changed_rule((enum change_rule)rule));
		add_option(options, name, label, rule == asked->rule);
	}
	json_object_set_new(add_field(page, "rule"), "options", options);
	json_t *since = add_field(page, "since");
	tree_flag(since, "is_text", TRUE);
	tree_take(since, "value", figures_day(asked->since));
}

static void
fill_terms(struct page *page, const struct asked *asked)
{
	g_autoptr(GString) terms =
		g_string_new(json_string_value(json_object_get(page->root, "_terms")));
	g_autofree char *since = say_html("terms.since", word_day("day", asked->since));

	say_append(terms, since);
	if (asked->rule > 0) {
		g_autofree char *rule =
			say_html("terms.rule", word_text("rule", changed_rule(asked->rule)));
		say_append(terms, rule);
	}
	tree_text(page->root, "_terms", terms->str);
	tree_text(page->root, "_completeness", NULL);
	if (asked->rule > 0 || asked->has_since)
		tree_text(page->root, "_clear", "/changes");
}

/* --- The heading --- */

static gboolean
fill_heading(struct page *page, const struct change_question *question, const struct asked *asked,
	     GError **error)
{
	gboolean by_visit = page->face == PAGE_HTML && asked->seen_at > 0 && !asked->has_since;
	gint64 day = by_visit ? asked->seen_at / DAY_S : asked->since;
	gint64 n;

	if (!query_change_count(page->view, question, by_visit ? asked->seen_at : 0, &n, error))
		return FALSE;
	gboolean is_many = n >= CHANGE_COUNT_MAX;
	const char *since = is_many ? "changes.many_since" : "changes.heading_since";
	const char *visit = is_many ? "changes.many_visit" : "changes.heading_visit";
	const char *key = n == 0 ? "changes.heading_none" : by_visit ? visit : since;
	tree_count(page->root, "changes", n);
	tree_take(page->root, "_heading", say_text(key, word_count("n", n), word_day("day", day)));
	return TRUE;
}

static char *
join_missing(const GPtrArray *missing)
{
	GString *names = g_string_new(NULL);

	for (guint i = 0; i < MIN(missing->len, NAMED_MISSING); i++)
		g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
				       (const char *)g_ptr_array_index(missing, i));
	return g_string_free(names, FALSE);
}

/* Of yesterday: what is later is never complete. */
static void
say_completeness(struct page *page, const struct change_days *days)
{
	gint64 day = days->base + days->n - 1;
	const struct change_day *state = &days->days[days->n - 1];
	g_autoptr(GPtrArray) missing = change_days_missing(days, day);
	g_autofree char *names = join_missing(missing);
	json_t *list = json_array();

	tree_day(page->root, "complete_through", change_days_complete_through(days));
	for (guint i = 0; i < missing->len; i++)
		json_array_append_new(list, json_string(g_ptr_array_index(missing, i)));
	json_object_set_new(page->root, "missing_reporters", list);
	if (state->usual == 0)
		return;
	const char *key = state->in == state->usual      ? "changes.complete"
			  : missing->len > NAMED_MISSING ? "changes.incomplete_more"
							 : "changes.incomplete";
	tree_take(page->root, "_complete",
		  say_text(key, word_count("n", state->in), word_near("day", day, day),
			   word_count("usual", state->usual), word_text("names", names),
			   word_count("more", (gint64)missing->len - NAMED_MISSING)));
}

static gboolean
fill_completeness(struct page *page, const char *domain, GError **error)
{
	const struct change_limits *limits = &page->context->changes;
	/* Days that tell what is usual, and those before that tell which of them were seen. */
	const struct history_question question = {
		.back_days = MIN(2 * limits->usual_days + limits->late_days, HISTORY_DAYS),
	};
	g_autoptr(query_histories_auto) histories =
		query_histories_new(page->view, &question, error);
	const struct history *history =
		histories ? query_history_reports(histories, domain ? domain : "", error) : NULL;

	if (!history)
		return FALSE;
	g_autoptr(change_days_auto) days = change_days_new(history, limits);
	say_completeness(page, days);
	return TRUE;
}

/* --- The page --- */

static gboolean
get_changes(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	struct asked asked;

	page_begin(page, words_get("changes.title"));
	if (!read_asked(page, &asked, error) || !filter_read(&filter, page, FILTER_DOMAIN, error) ||
	    !filter_fill(&filter, page, error))
		return FALSE;
	const struct change_question question = {
		.domain = filter.domain,
		.rule = asked.rule,
		.since = asked.since,
		.after = filter.after,
		.limit = page->limit,
	};
	if (!fill_list(page, &question, &asked, error))
		return FALSE;
	if (page->face == PAGE_CSV)
		return TRUE;
	if (page->face == PAGE_HTML) {
		fill_form(page, &asked);
		fill_terms(page, &asked);
	}
	tree_day(page->root, "since", asked.since);
	return fill_completeness(page, filter.domain, error) &&
	       fill_heading(page, &question, &asked, error) && fill_mutes(page, error);
}

static gboolean
mute(struct page *page, const char *key, GError **error)
{
	const struct change_mute one = { key, FALSE, page->user };

	return store_edit_change_mute(page->context->store, &one, error);
}

static gboolean
mute_network(struct page *page, const char *key, GError **error)
{
	const struct change_mute all = { key, TRUE, page->user };

	return store_edit_change_mute(page->context->store, &all, error);
}

static gboolean
unmute(struct page *page, const char *key, GError **error)
{
	return store_edit_change_unmute(page->context->store, key, error);
}

static gboolean
see_all(struct page *page, const char *key, GError **error)
{
	(void)key;
	return store_edit_change_visit(page->context->store, page->user, error);
}

/* One form, with a button of one of these names for each line. */
static const struct {
	const char *field;
	guint right; /* that it needs, 0 = none: what is muted, is so for everybody */
	gboolean (*edit)(struct page *page, const char *key, GError **error);
} buttons[] = {
	{ "mute", RIGHT_OPERATOR, mute },
	{ "mute_network", RIGHT_OPERATOR, mute_network },
	{ "unmute", RIGHT_OPERATOR, unmute },
	{ "seen", 0, see_all },
};

static gboolean
post_changes(struct page *page, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(buttons); i++) {
		const char *key = request_field(page->request, buttons[i].field);
		if (!key)
			continue;
		if ((page->rights & buttons[i].right) != buttons[i].right) {
			g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
					    words_get("error.right"));
			return FALSE;
		}
		page->location = g_strdup(request_local_path(request_field(page->request, "next")));
		return buttons[i].edit(page, key, error);
	}
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    words_get("changes.no_button"));
	return FALSE;
}

const struct page_route page_changes = {
	.path = "/changes",
	.menu = "changes",
	.template = "changes",
	.get = get_changes,
	.post = post_changes,
	.csv = columns,
	.file_name = "changes",
};
