/* SPDX-License-Identifier: MIT */
/*
 * Takedown: the addresses that are worth reporting, what is left out and why, and takedown.csv.
 */
#include "core/error.h"
#include "core/report.h"
#include "store/query_reporters.h"
#include "store/query_takedown.h"
#include "web/filter.h"
#include "web/guard_marks.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/takedown_row.h"
#include "web/tree.h"
#include "web/words.h"

#define DOMAINS_MAX   50 /* looked at for p=none ... */
#define DOMAINS_NAMED 5  /* ... and named, if they are no more */

/* What dmarcd does not find out yet is an empty cell. */
static const char *const columns[] = {
	"case_id",
	"status",
	"source_ip",
	"ip_version",
	"cidr",
	"asn",
	"as_name",
	"country",
	"network_org",
	"abuse_email",
	"abuse_source",
	"abuse_checked_utc",
	"form_url",
	"rdns",
	"rdns_confirmed",
	"domain",
	"subdomains",
	"class",
	"rule",
	"score",
	"why",
	"messages",
	"first_seen_utc",
	"last_seen_utc",
	"days_active",
	"reporters_count",
	"reporters",
	"reporters_authenticated",
	"dispositions",
	"delivered_estimate",
	"spf_results",
	"spf_domains",
	"dkim_results",
	"dkim_domains",
	"envelope_from_domains",
	"override_reasons",
	"dnsbl_spam",
	"dnsbl_policy",
	"ruf_samples",
	"source_ports",
	"guards_failed",
	"note",
	"report_ids",
	NULL,
};

/* --- The list --- */

struct takedown_filter {
	struct filter filter;
	enum guard left_out_by; /* GUARD_NONE: the list itself */
};

static gboolean
read_filter(struct takedown_filter *filter, struct page *page, GError **error)
{
	const char *left = request_param(page->request, "left");

	if (left && !guard_marks_parse(left, &filter->left_out_by)) {
		g_autofree char *sentence = say_text("takedown.no_left", word_text("left", left));
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, sentence);
		return FALSE;
	}
	return filter_read(&filter->filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) &&
	       filter_fill(&filter->filter, page, error);
}

static gboolean
fill_list(const struct takedown_filter *filter, struct page *page, GError **error)
{
	const struct takedown_question question = {
		.scope = filter->filter.scope,
		.allow_documentation = page->context->allow_documentation,
		.want_evidence = page->face != PAGE_HTML,
		.left_out_by = (guint8)filter->left_out_by,
		.after = filter->filter.after,
		.limit = page->limit,
	};
	g_autoptr(query_page_auto) rows = query_takedown(page->view, &question, error);
	if (!rows)
		return FALSE;

	json_t *data = json_array();
	for (guint i = 0; i < rows->rows->len; i++)
		json_array_append_new(data, takedown_row(page, &filter->filter, columns,
							 g_ptr_array_index(rows->rows, i)));
	page_add_list(page, data, rows->next);
	return TRUE;
}

/* --- What is left out --- */

struct left_out {
	const char *name;
	const char *guard; /* "G6" */
	gint64 n;
	char *href; /* taken */
};

static void
add_left_out(json_t *list, const struct left_out *left_out)
{
	json_t *row;
	g_autofree char *link = left_out->href;
	g_autofree char *label = g_strconcat("takedown.left_", left_out->name, NULL);
	g_autofree char *reason = g_strconcat("takedown.reason_", left_out->name, NULL);

	if (left_out->n == 0)
		return;
	row = json_object();
	tree_text(row, "name", left_out->name);
	tree_text(row, "guard", left_out->guard);
	tree_count(row, "sources", left_out->n);
	tree_text(row, "_label", words_get(label));
	tree_text(row, "_reason", words_get(reason));
	tree_text(row, "_href", link);
	json_array_append_new(list, row);
}

/* What would be reported but for a guard first, then what its class keeps off. */
static void
fill_left_out(const struct filter *filter, struct page *page,
	      const struct query_takedown_counts *counts)
{
	static const enum class left_out[] = {
		CLASS_REVIEW, CLASS_FORWARDER, CLASS_FIX, CLASS_AUTHORIZED, CLASS_IGNORED,
	};
	json_t *list = json_array();

	for (enum guard guard = GUARD_PASSED; guard < N_GUARDS; guard++) {
		char number[GUARD_NUMBER_LEN];
		const char *name = guard_marks_left(guard);
		const struct left_out row = { name, guard_marks_number(guard, number),
					      counts->guarded[guard],
					      filter_link(filter, "/takedown", "left", name) };
		add_left_out(list, &row);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(left_out); i++) {
		const char *name = class_name(left_out[i]);
		const struct left_out row = { name, "G1", counts->left_out[left_out[i]],
					      filter_link(filter, "/sources", "class", name) };
		add_left_out(list, &row);
	}
	tree_flag(page->root, "_has_left_out", json_array_size(list) > 0);
	json_object_set_new(page->root, "left_out", list);
}

/* --- The heading and the banner --- */

/* Domains that ask receivers for nothing, while somebody uses their names. */
static gboolean
fill_banner(const struct filter *filter, struct page *page, GError **error)
{
	g_autoptr(query_page_auto) domains =
		query_domains(page->view, &filter->scope, NULL, DOMAINS_MAX, error);
	if (!domains)
		return FALSE;

	g_autoptr(GString) names = g_string_new(NULL);
	gint64 n = 0, delivered = 0;
	for (guint i = 0; i < domains->rows->len; i++) {
		const struct query_domain *domain = g_ptr_array_index(domains->rows, i);
		const struct totals *spoofed = &domain->by_class[CLASS_UNAUTHORIZED];
		if (g_strcmp0(domain->policy, "none") != 0 || totals_delivered(spoofed) <= 0)
			continue;
		g_string_append_printf(names, "%s%s", n++ > 0 ? ", " : "", domain->domain);
		delivered = count_add(delivered, totals_delivered(spoofed));
	}
	if (n > 0) {
		g_autofree char *messages = say_text("count.messages", word_count("n", delivered));
		g_autofree char *in_brackets = g_strdup_printf(" (%s)", names->str);
		tree_take(page->root, "_banner",
			  say_html("takedown.banner", word_count("n", n),
				   word_text("domains", names->str),
				   word_text("names", n <= DOMAINS_NAMED ? in_brackets : ""),
				   word_text("messages", messages)));
	}
	return TRUE;
}

/* The heading of a list of what is left out says why. */
static void
fill_left_heading(const struct takedown_filter *filter, struct page *page)
{
	const char *name = guard_marks_left(filter->left_out_by);
	g_autofree char *label = g_strconcat("takedown.left_", name, NULL);
	g_autofree char *reason = g_strconcat("takedown.reason_", name, NULL);

	tree_text(page->root, "left", name);
	tree_take(page->root, "_heading",
		  say_text("takedown.heading_left", word_text("what", words_get(label))));
	tree_take(page->root, "_left",
		  say_text("takedown.sub_left", word_text("why", words_get(reason))));
	tree_take(page->root, "_list_link", filter_link(&filter->filter, "/takedown", NULL, NULL));
}

static void
fill_heading(const struct filter *filter, struct page *page,
	     const struct query_takedown_counts *counts)
{
	g_autofree char *messages = say_text("count.messages", word_count("n", counts->messages));

	tree_count(page->root, "addresses", counts->addresses);
	tree_count(page->root, "messages", counts->messages);
	tree_take(page->root, "_heading",
		  filter->bounds.reports == 0 ? g_strdup(words_get("empty.heading"))
		  : counts->addresses == 0
			  ? g_strdup(words_get("takedown.heading_none"))
			  : say_text("takedown.heading", word_count("n", counts->addresses),
				     word_text("messages", messages)));
}

/* An empty list means little while nobody's reports count. */
static gboolean
fill_unheard(const struct filter *filter, struct page *page,
	     const struct query_takedown_counts *counts, GError **error)
{
	struct query_reporter_counts reporters;

	if (counts->addresses > 0)
		return TRUE;
	if (!query_reporter_counts(page->view, filter->scope.window, &reporters, error))
		return FALSE;
	tree_flag(page->root, "_is_unheard", !reporters.is_any_counted);
	return TRUE;
}

static gboolean
get_takedown(struct page *page, GError **error)
{
	struct takedown_filter filter = { 0 };
	struct query_takedown_counts counts;

	page_begin(page, words_get("takedown.title"));
	if (!read_filter(&filter, page, error))
		return FALSE;
	gboolean is_good =
		query_takedown_counts(page->view, &filter.filter.scope,
				      page->context->allow_documentation, &counts, error);
	if (is_good) {
		fill_heading(&filter.filter, page, &counts);
		fill_left_out(&filter.filter, page, &counts);
		if (filter.left_out_by != GUARD_NONE)
			fill_left_heading(&filter, page);
		is_good = fill_unheard(&filter.filter, page, &counts, error) &&
			  fill_banner(&filter.filter, page, error) &&
			  fill_list(&filter, page, error);
	}
	filter_clear(&filter.filter);
	return is_good;
}

const struct page_route page_takedown = {
	.path = "/takedown",
	.menu = "takedown",
	.template = "takedown",
	.get = get_takedown,
	.csv = columns,
	.file_name = "takedown",
};
