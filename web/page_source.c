/* SPDX-License-Identifier: MIT */
/*
 * One source: what it is, why, what it did each day, who reported it, how its mail authenticated.
 */
#include "core/error.h"
#include "core/ip.h"
#include "core/report.h"
#include "store/query_documents.h"
#include "web/chart.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/source_dns.h"
#include "web/span.h"
#include "web/takedown_row.h"
#include "web/tree.h"
#include "web/verdict.h"
#include "web/words.h"

#define CHART_HEIGHT  142
#define DAYS_MIN      7 /* a source seen on one day does not get one bar over the whole width */
#define REPORTS_SHOWN 12
#define AUTHS_SHOWN   7
#define ROWS_SHOWN    8 /* of reporters and of domains; JSON has all */
/* An address may send for hundreds of domains: those with most mail are explained. */
#define EXPLAINED_MAX       20
#define EXPLAINED_MAX_SHOWN 2

/* From the bottom: what got through, what was put aside, what was refused. */
enum layer {
	LAYER_DELIVERED,
	LAYER_QUARANTINED,
	LAYER_REJECTED,
	N_LAYERS,
};

static const struct chart_series series[N_LAYERS] = {
	[LAYER_DELIVERED] = { "ink", NULL },
	[LAYER_QUARANTINED] = { NULL, "d-quar" },
	[LAYER_REJECTED] = { "pale", NULL },
};

/* --- Chart --- */

static json_t *
day_rows(const struct query_source_detail *detail)
{
	json_t *rows = json_array();

	for (guint i = 0; i < detail->days->len; i++) {
		const struct query_source_day *day =
			&g_array_index(detail->days, struct query_source_day, i);
		json_t *row = json_object();
		tree_day(row, "day", day->day);
		tree_totals(row, &day->totals);
		json_array_append_new(rows, row);
	}
	return rows;
}

static void
span_of(struct span *span, const struct filter *filter, const struct query_source_detail *detail)
{
	gint64 last = filter->bounds.last_day;
	gint64 first = g_array_index(detail->days, struct query_source_day, 0).day;

	span_init(span, MIN(first, last - DAYS_MIN + 1), last);
}

static void
sum_days(struct chart_bar *bars, const struct span *span, const struct query_source_detail *detail)
{
	for (guint i = 0; i < detail->days->len; i++) {
		const struct query_source_day *day =
			&g_array_index(detail->days, struct query_source_day, i);
		int bar = span_index(span, day->day);
		if (bar < 0)
			continue;
		gint64 *values = bars[bar].values;
		values[LAYER_DELIVERED] =
			count_add(values[LAYER_DELIVERED], totals_delivered(&day->totals));
		values[LAYER_QUARANTINED] =
			count_add(values[LAYER_QUARANTINED], day->totals.quarantined);
		values[LAYER_REJECTED] = count_add(values[LAYER_REJECTED], day->totals.rejected);
	}
}

static char *
bar_title(const gint64 *values, const char *label)
{
	return say_text("source.bar", word_text("day", label),
			word_count("delivered", values[LAYER_DELIVERED]),
			word_count("quarantined", values[LAYER_QUARANTINED]),
			word_count("rejected", values[LAYER_REJECTED]));
}

/* The bars as rows of the table beside the chart, youngest first. */
static void
fill_bars(struct page *page, const struct span *span, const struct chart_bar *bars)
{
	json_t *rows = json_array();

	for (guint i = span->n; i-- > 0;) {
		const gint64 *values = bars[i].values;
		json_t *row = json_object();
		tree_take(row, "label", span_full_label(span, i));
		tree_count(row, "delivered", values[LAYER_DELIVERED]);
		tree_count(row, "quarantined", values[LAYER_QUARANTINED]);
		tree_count(row, "rejected", values[LAYER_REJECTED]);
		json_array_append_new(rows, row);
	}
	json_object_set_new(page->root, "_bars", rows);
}

static void
fill_chart(const struct filter *filter, struct page *page, const struct query_source_detail *detail)
{
	struct chart_bar bars[SPAN_BARS_MAX] = { 0 };
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	struct span span;

	span_of(&span, filter, detail);
	sum_days(bars, &span, detail);
	for (guint i = 0; i < span.n; i++) {
		char *label = span_label(&span, i);
		char *title = bar_title(bars[i].values, label);
		g_ptr_array_add(texts, label);
		g_ptr_array_add(texts, title);
		bars[i].label = label;
		bars[i].title = title;
		bars[i].is_late = filter_is_late(filter, span_end(&span, i));
	}
	g_autofree char *desc =
		say_text("source.chart_desc", word_count("n", span.n),
			 word_day("first", span.starts[0]), word_day("last", span.last_day));
	const struct chart chart = {
		.id = "days",
		.title = words_get(span_unit_key(&span)),
		.desc = desc,
		.height = CHART_HEIGHT,
		.series = series,
		.n_series = N_LAYERS,
		.bars = bars,
		.n_bars = span.n,
		.late = words_get("chart.late"),
	};
	tree_take(page->root, "_chart", chart_stacked(&chart));
	tree_text(page->root, "_chart_title", chart.title);
	fill_bars(page, &span, bars);
}

/* --- Lists --- */

/* How many of n rows the face shows; says under name where these are not all. */
static guint
rows_shown(struct page *page, guint n, const char *name)
{
	if (page->face != PAGE_HTML || n <= ROWS_SHOWN)
		return n;
	tree_take(page->root, name,
		  say_text("source.rows_shown", word_count("n", ROWS_SHOWN), word_count("all", n)));
	return ROWS_SHOWN;
}

static gboolean
explain(struct page *page, const struct query_source *source, json_t *row, GError **error)
{
	struct explained explained;

	if (!why_read(&explained, page, source, error))
		return FALSE;
	verdict_fill(row, &explained, page);
	return TRUE;
}

/* The first verdict stands beside the chart, under the page's heading; the others follow. */
static void
place_verdict(struct page *page, guint i, json_t *row)
{
	if (i == 0) {
		json_object_set(page->root, "_first", row);
		return;
	}
	tree_flag(row, "_own_why", TRUE);
	json_array_append(json_object_get(page->root, "_others"), row);
}

static gboolean
fill_domains(const struct filter *filter, struct page *page,
	     const struct query_source_detail *detail, GError **error)
{
	json_t *list = json_array();
	guint n_explained = page->face == PAGE_HTML ? EXPLAINED_MAX_SHOWN : EXPLAINED_MAX;

	json_object_set_new(page->root, "domains", list);
	json_object_set_new(page->root, "_others", json_array());
	guint n_rows = rows_shown(page, detail->domains->len, "_domains_shown");
	for (guint i = 0; i < n_rows; i++) {
		const struct query_source *source = g_ptr_array_index(detail->domains, i);
		json_t *row = tree_source(source, filter->bounds.last_day);
		json_array_append_new(list, row);
		tree_take(row, "_href", tree_address("/domains/", source->domain));
		if (i >= n_explained)
			continue;
		if (!explain(page, source, row, error))
			return FALSE;
		place_verdict(page, i, row);
	}
	tree_flag(page->root, "_is_more", detail->domains->len > n_explained);
	return TRUE;
}

/* Was the mail of what a reporter said of the source authenticated? "some" where it was at times.
 */
static const char *
authenticated_word(const struct query_source_reporter *reporter)
{
	for (enum authenticated a = AUTHENTICATED_UNKNOWN; a < N_AUTHENTICATED; a++)
		if (reporter->messages_by[a] == reporter->totals.messages)
			return authenticated_name(a);
	return "some";
}

static void
fill_authenticated(json_t *row, const struct query_source_reporter *reporter)
{
	const char *word = authenticated_word(reporter);
	g_autofree char *key = g_strconcat("authenticated.short_", word, NULL);

	tree_text(row, "authenticated", word);
	tree_text(row, "_authenticated", words_get(key));
	tree_count(row, "counted_messages", reporter->counted);
	if (reporter->counted == 0)
		tree_text(row, "_not_counted", words_get("source.not_counted"));
}

static void
fill_reporters(const struct filter *filter, struct page *page,
	       const struct query_source_detail *detail)
{
	json_t *list = json_array();

	guint n_rows = rows_shown(page, detail->reporters->len, "_reporters_shown");
	for (guint i = 0; i < n_rows; i++) {
		const struct query_source_reporter *reporter =
			g_ptr_array_index(detail->reporters, i);
		json_t *row = json_object();
		tree_text(row, "reporter", reporter->reporter);
		tree_long(row, reporter->reporter);
		tree_totals(row, &reporter->totals);
		fill_authenticated(row, reporter);
		tree_seen(row, reporter->first_day, reporter->last_day, filter->bounds.last_day);
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "reporters", list);
}

static void
fill_auths(struct page *page, const struct query_source_detail *detail)
{
	json_t *list = json_array();
	guint n_shown =
		page->face == PAGE_HTML ? MIN(detail->auths->len, AUTHS_SHOWN) : detail->auths->len;

	for (guint i = 0; i < n_shown; i++) {
		const struct query_source_auth *auth = g_ptr_array_index(detail->auths, i);
		json_t *row = json_object();
		tree_text(row, "domain", auth->domain);
		tree_text(row, "header_from", auth->header_from);
		tree_long(row, auth->header_from);
		tree_long(row, auth->envelope_from);
		tree_long(row, auth->spf);
		tree_long(row, auth->dkim);
		tree_long(row, auth->reasons);
		tree_text(row, "envelope_from", auth->envelope_from);
		tree_text(row, "spf", auth->spf);
		tree_text(row, "dkim", auth->dkim);
		tree_text(row, "overrides", auth->reasons);
		tree_disposition(row, auth->disposition, NULL);
		tree_aligned(row, "spf_aligned", auth->aligned_spf);
		tree_aligned(row, "dkim_aligned", auth->aligned_dkim);
		tree_count(row, "messages", auth->messages);
		tree_count(row, "report", auth->report);
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "authentication", list);
	tree_count(page->root, "reports_read", detail->reports_read);
	tree_count(page->root, "reports", detail->reports);
	tree_take(page->root, "_read",
		  say_text("source.read", word_count("n", detail->reports_read)));
	if (n_shown < detail->auths->len)
		tree_take(page->root, "_shown",
			  say_text("source.shown", word_count("n", n_shown),
				   word_count("all", detail->auths->len)));
}

static void
fill_reports(struct page *page, const struct query_source_detail *detail)
{
	json_t *list = json_array();

	for (guint i = 0; i < MIN(detail->report_ids->len, REPORTS_SHOWN); i++)
		json_array_append_new(list, json_string(g_ptr_array_index(detail->report_ids, i)));
	tree_flag(page->root, "_has_reports", json_array_size(list) > 0);
	json_object_set_new(page->root, "_reports", list);
}

/* --- Heading --- */

static struct totals
sum_domains(const struct query_source_detail *detail)
{
	struct totals sum = { 0 };

	for (guint i = 0; i < detail->domains->len; i++) {
		const struct query_source *source = g_ptr_array_index(detail->domains, i);
		totals_add(&sum, &source->totals);
	}
	return sum;
}

static void
fill_seen(const struct filter *filter, struct page *page, const struct query_source_detail *detail)
{
	gint64 first = G_MAXINT64, last = G_MININT64;

	for (guint i = 0; i < detail->domains->len; i++) {
		const struct query_source *source = g_ptr_array_index(detail->domains, i);
		first = MIN(first, source->first_day);
		last = MAX(last, source->last_day);
	}
	tree_seen(page->root, first, last, filter->bounds.last_day);
}

static void
fill_heading(const struct filter *filter, struct page *page,
	     const struct query_source_detail *detail)
{
	const struct query_source *main = g_ptr_array_index(detail->domains, 0);
	const struct totals sum = sum_domains(detail);
	char text[IP_TEXT_LEN];

	tree_text(page->root, "source_ip", ip_format(&detail->ip, text));
	tree_class(page->root, main->class);
	tree_take(page->root, "_heading", why_heading(main));
	if (main->totals.messages == 0)
		tree_take(page->root, "_quiet",
			  say_text("why.quiet", word_text("domain", main->domain),
				   word_day("day", main->last_day)));
	tree_totals(page->root, &sum);
	fill_seen(filter, page, detail);
	g_autofree char *messages = say_text("count.messages", word_count("n", sum.messages));
	g_autofree char *days = say_text("count.days", word_count("n", detail->days->len));
	tree_take(page->root, "_volume",
		  say_text("source.volume", word_text("messages", messages),
			   word_text("days", days)));
}

/* It is that of the address, so of each of its sources. */
static void
fill_place(const struct filter *filter, struct page *page, const struct query_source_detail *detail)
{
	const struct query_source *any = g_ptr_array_index(detail->domains, 0);

	tree_place(page->root, &any->place);
	tree_take(page->root, "_place", tree_place_line(&any->place));
	if (any->place.asn == 0)
		return;
	g_autofree char *path = g_strdup_printf("/networks/AS%u", any->place.asn);
	tree_take(page->root, "_place_href", filter_link(filter, path, NULL, NULL));
}

static gboolean
fill(const struct filter *filter, struct page *page, const struct query_source_detail *detail,
     GError **error)
{
	fill_heading(filter, page, detail);
	fill_place(filter, page, detail);
	if (!fill_domains(filter, page, detail, error))
		return FALSE;
	fill_reporters(filter, page, detail);
	fill_auths(page, detail);
	page_add_list(page, day_rows(detail), NULL);
	if (page->face != PAGE_HTML || detail->days->len == 0)
		return TRUE;
	fill_chart(filter, page, detail);
	fill_reports(page, detail);
	return TRUE;
}

/* Samples of single messages, where the source has any. */
static gboolean
fill_samples(struct page *page, const struct filter *filter, const struct ip *ip, GError **error)
{
	const struct document_question question = {
		.kind = DOCUMENT_FAILURE,
		.scope = filter->scope,
		.ip = ip,
	};
	struct query_document_totals totals;
	char text[IP_TEXT_LEN];

	if (!query_document_totals(page->view, &question, &totals, error))
		return FALSE;
	tree_count(page->root, "failure_samples", totals.documents);
	if (totals.documents == 0)
		return TRUE;
	tree_take(page->root, "_samples",
		  say_text("source.failures", word_count("n", totals.documents)));
	tree_take(page->root, "_samples_link",
		  filter_link(filter, "/failures", "source", ip_format(ip, text)));
	return TRUE;
}

/* What the checks below say, for whichever domain. */
static void
fill_listed(struct page *page)
{
	gsize i;
	json_t *checks;

	json_array_foreach(json_object_get(page->root, "takedown_checks"), i, checks)
	{
		if (json_is_true(json_object_get(checks, "is_listed")))
			tree_flag(page->root, "_is_listed", TRUE);
	}
}

static gboolean
get_source(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	char text[IP_TEXT_LEN];
	struct ip ip;

	if (!ip_parse(page->tail, &ip)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "\"%s\" is no IP address",
			    page->tail);
		return FALSE;
	}
	page_begin(page, ip_format(&ip, text));
	if (!filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error))
		return FALSE;

	GError *question_error = NULL;
	struct query_source_detail *detail =
		query_source(page->view, &filter.scope, &ip, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!detail) {
		g_autofree char *sentence = say_text("source.absent", word_text("ip", text));
		return page_absent(page, sentence);
	}
	gboolean is_filled = fill(&filter, page, detail, error);
	query_source_detail_free(detail);
	if (!is_filled || !source_dns_fill(page, &ip, error) ||
	    !takedown_add_checks(page, &filter.scope, &ip, error) ||
	    !fill_samples(page, &filter, &ip, error))
		return FALSE;
	fill_listed(page);
	return TRUE;
}

static const char *const columns[] = {
	"day",      "messages",    "pass",     "fail",      "dkim_pass",
	"spf_pass", "quarantined", "rejected", "delivered", NULL,
};

const struct page_route page_source = {
	.path = "/sources/*",
	.menu = "sources",
	.template = "source",
	.get = get_source,
	.csv = columns,
	.file_name = "source",
};
