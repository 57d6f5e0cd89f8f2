/* SPDX-License-Identifier: MIT */
#include "web/source_row.h"

#include "core/ip.h"
#include "web/chart.h"
#include "web/tree.h"
#include "web/why.h"

const char *const source_columns[] = {
	"source_ip",  "domain",    "class",    "rule",        "score",    "messages",  "pass",
	"fail",       "dkim_pass", "spf_pass", "quarantined", "rejected", "delivered", "reporters",
	"first_seen", "last_seen", "asn",      "as_name",     "country",  NULL,
};

/* What needs a person has a line below the row; what is in order a mark where it is not wholly. */
static gboolean
explain(struct page *page, const struct query_source *source, json_t *row, GError **error)
{
	static const gboolean wants_line[N_CLASSES] = {
		[CLASS_FIX] = TRUE,
		[CLASS_REVIEW] = TRUE,
		[CLASS_UNAUTHORIZED] = TRUE,
	};
	struct explained explained;

	if (!wants_line[source->class] && source->class != CLASS_AUTHORIZED)
		return TRUE;
	if (!why_read(&explained, page, source, error))
		return FALSE;
	tree_take(row, "_badge", why_badge(&explained));
	if (wants_line[source->class]) {
		tree_take(row, "_lead", why_lead(&explained));
		tree_take(row, "_why", why_row(&explained, page));
	}
	return TRUE;
}

static json_t *
make_row(const struct filter *filter, struct page *page, const struct query_source *source,
	 GError **error)
{
	json_t *row = tree_source(source, filter->bounds.last_day);
	char text[IP_TEXT_LEN];

	if (page->face != PAGE_HTML)
		return row;
	g_autofree char *path = tree_address("/sources/", ip_format(&source->ip, text));
	tree_take(row, "_href", filter_link(filter, path, NULL, NULL));
	g_autofree char *senders = tree_address("/senders/", source->sender);
	tree_take(row, "_spark",
		  chart_spark(source->spark, QUERY_SPARK_DAYS, class_name(source->class)));
	if (!g_str_equal(source->sender, source->domain))
		tree_text(row, "_sender", source->sender);
	tree_take(row, "_sender_href", filter_link(filter, senders, NULL, NULL));
	if (explain(page, source, row, error))
		return row;
	json_decref(row);
	return NULL;
}

gboolean
source_rows_add(json_t *rows, const struct filter *filter, struct page *page,
		const GPtrArray *sources, guint n_max, GError **error)
{
	for (guint i = 0; i < MIN(sources->len, n_max); i++) {
		json_t *row = make_row(filter, page, g_ptr_array_index(sources, i), error);
		if (!row)
			return FALSE;
		json_array_append_new(rows, row);
	}
	return TRUE;
}
