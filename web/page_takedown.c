/* SPDX-License-Identifier: MIT */
/*
 * Takedown: the addresses that are worth reporting, what is left out and why, and takedown.csv.
 */
#include "core/ip.h"
#include "core/report.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define DAY_S         86400
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

/* --- Rows --- */

/* "none=3;reject=5": what receivers did, without what none of them did. */
static char *
dispositions(const struct totals *totals)
{
	const struct {
		const char *word;
		gint64 n;
	} parts[] = {
		{ "none", totals_delivered(totals) },
		{ "quarantine", totals->quarantined },
		{ "reject", totals->rejected },
	};
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (parts[i].n > 0)
			g_string_append_printf(text, "%s%s=%" G_GINT64_FORMAT,
					       text->len > 0 ? ";" : "", parts[i].word, parts[i].n);
	return g_string_free(text, FALSE);
}

/* "a.example;b.example" as people write it. */
static char *
listed(const char *joined)
{
	g_auto(GStrv) parts = g_strsplit(joined, ";", -1);

	return g_strjoinv(", ", parts);
}

static char *
why(const struct query_takedown *row)
{
	g_autofree char *domains = listed(row->domains);
	g_autofree char *days = say_text("count.days", word_count("n", row->days_active));
	g_autofree char *reporters =
		say_text("count.reporters", word_count("n", row->reporters_count));

	return say_text("takedown.why", word_count("n", row->totals.messages),
			word_text("domains", domains), word_text("days", days),
			word_text("reporters", reporters));
}

static void
fill_evidence(json_t *object, const struct query_takedown *row)
{
	tree_list(object, "subdomains", row->header_froms);
	tree_list(object, "reporters", row->reporters);
	tree_list(object, "spf_results", row->spf_results);
	tree_list(object, "spf_domains", row->spf_domains);
	tree_list(object, "dkim_results", row->dkim_results);
	tree_list(object, "dkim_domains", row->dkim_domains);
	tree_list(object, "envelope_from_domains", row->envelope_froms);
	tree_list(object, "override_reasons", row->override_reasons);
	tree_list(object, "report_ids", row->report_ids);
}

static json_t *
make_row(const struct filter *filter, const struct query_takedown *row)
{
	json_t *object = json_object();
	char text[IP_TEXT_LEN];

	for (const char *const *column = columns; *column; column++)
		json_object_set_new(object, *column, json_null());
	tree_text(object, "status", "candidate");
	tree_text(object, "source_ip", ip_format(&row->ip, text));
	tree_count(object, "ip_version", ip_is_v4(&row->ip) ? 4 : 6);
	tree_text(object, "domain", row->domains);
	tree_class(object, row->class);
	tree_rule(object, row->class, row->rule);
	tree_take(object, "why", why(row));
	tree_totals(object, &row->totals);
	tree_seen(object, row->first_day, row->last_day, filter->bounds.last_day);
	/* Reports count by UTC days: the first one's beginning, the last one's end. */
	tree_take(object, "first_seen_utc", figures_instant(row->first_day * DAY_S));
	tree_take(object, "last_seen_utc", figures_instant(row->last_day * DAY_S + DAY_S - 1));
	tree_count(object, "days_active", row->days_active);
	tree_count(object, "reporters_count", row->reporters_count);
	tree_take(object, "dispositions", dispositions(&row->totals));
	tree_count(object, "delivered_estimate", totals_delivered(&row->totals));
	fill_evidence(object, row);
	tree_take(object, "_href", tree_address("/sources/", text));
	tree_take(object, "_domains", listed(row->domains));
	tree_long(object, json_string_value(json_object_get(object, "_domains")));
	return object;
}

static gboolean
fill_list(const struct filter *filter, struct page *page, GError **error)
{
	const struct takedown_question question = {
		.scope = filter->scope,
		.allow_documentation = page->context->allow_documentation,
		.want_evidence = page->face != PAGE_HTML,
		.after = filter->after,
		.limit = page->limit,
	};
	g_autoptr(query_page_auto) rows = query_takedown(page->view, &question, error);
	if (!rows)
		return FALSE;

	json_t *data = json_array();
	for (guint i = 0; i < rows->rows->len; i++)
		json_array_append_new(data, make_row(filter, g_ptr_array_index(rows->rows, i)));
	page_add_list(page, data, rows->next);
	return TRUE;
}

/* --- What is left out --- */

static void
add_left_out(json_t *list, const char *name, gint64 n, char *href)
{
	json_t *row;
	g_autofree char *link = href;
	g_autofree char *label = g_strconcat("takedown.left_", name, NULL);
	g_autofree char *reason = g_strconcat("takedown.reason_", name, NULL);

	if (n == 0)
		return;
	row = json_object();
	tree_text(row, "name", name);
	tree_count(row, "sources", n);
	tree_text(row, "_label", words_get(label));
	tree_text(row, "_reason", words_get(reason));
	tree_text(row, "_href", link);
	json_array_append_new(list, row);
}

static void
fill_left_out(const struct filter *filter, struct page *page,
	      const struct query_takedown_counts *counts)
{
	static const enum class left_out[] = {
		CLASS_REVIEW,
		CLASS_FORWARDER,
		CLASS_FIX,
		CLASS_AUTHORIZED,
	};
	json_t *list = json_array();

	add_left_out(list, "unreportable", counts->unreportable,
		     filter_link(filter, "/sources", "class", "unauthorized"));
	for (gsize i = 0; i < G_N_ELEMENTS(left_out); i++) {
		const char *name = class_name(left_out[i]);
		add_left_out(list, name, counts->left_out[left_out[i]],
			     filter_link(filter, "/sources", "class", name));
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

static gboolean
get_takedown(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	struct query_takedown_counts counts;

	page_begin(page, words_get("takedown.title"));
	if (!filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error) ||
	    !query_takedown_counts(page->view, &filter.scope, page->context->allow_documentation,
				   &counts, error))
		return FALSE;
	fill_heading(&filter, page, &counts);
	fill_left_out(&filter, page, &counts);
	return fill_banner(&filter, page, error) && fill_list(&filter, page, error);
}

const struct page_route page_takedown = {
	.path = "/takedown",
	.menu = "takedown",
	.template = "takedown",
	.get = get_takedown,
	.csv = columns,
	.file_name = "takedown",
};
