/* SPDX-License-Identifier: MIT */
/* Networks: sources by the leading bits of their address or by its AS, and one of these networks.
 */
#include "core/error.h"
#include "store/query_groups.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/source_row.h"
#include "web/tree.h"
#include "web/words.h"

#define GROUP_ROWS 10 /* of each class, where all are shown */
/* So many sources of a class are looked at: all classes together, or one. */
#define SOURCES_OF_EACH 150
#define SOURCES_OF_ONE  500
/* So many sources of one network are summed up, and so many of them shown. */
#define NETWORK_SOURCES 1000
#define NETWORK_SHOWN   36
/* An AS is larger: so many sources of it are summed up for its page, as many as above in files. */
#define AS_SOURCES 200

/* "203.0.113.0/24" */
static char *
network_name(const struct ip *first, guint prefix)
{
	char text[IP_TEXT_LEN];

	return g_strdup_printf("%s/%u", ip_format(first, text),
			       ip_is_v4(first) ? prefix - 96 : prefix);
}

/* "AS64500 Example Net" */
static char *
as_label(guint32 asn, const char *as_name)
{
	return g_strdup_printf("AS%u%s%s", asn, *as_name ? " " : "", as_name);
}

/* --- The list --- */

static const char *const list_paths[] = {
	[NETWORK_BY_PREFIX] = "/networks",
	[NETWORK_BY_AS] = "/networks?by=as",
};

static gboolean
fail_text(const char *key, const char *text, GError **error)
{
	g_autofree char *sentence = say_text(key, word_text("text", text));

	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, sentence);
	return FALSE;
}

static void
name_network(json_t *row, const struct filter *filter, const struct query_network *network)
{
	char text[IP_TEXT_LEN];
	g_autofree char *path = tree_address("/networks/", ip_format(&network->first, text));
	g_autofree char *name = network_name(&network->first, network->prefix);

	tree_text(row, "network", name);
	tree_text(row, "_label", name);
	tree_take(row, "_href", filter_link(filter, path, NULL, NULL));
}

static void
name_as(json_t *row, const struct filter *filter, const struct query_network *network)
{
	if (network->asn == 0) {
		json_object_set_new(row, "asn", json_null());
		tree_text(row, "_label", words_get("networks.as_unknown"));
	} else {
		g_autofree char *path = g_strdup_printf("/networks/AS%u", network->asn);
		tree_count(row, "asn", network->asn);
		tree_take(row, "_label", as_label(network->asn, network->as_name));
		tree_take(row, "_href", filter_link(filter, path, NULL, NULL));
	}
	tree_text(row, "as_name", network->as_name);
}

static json_t *
make_row(const struct filter *filter, enum network_by by, const struct query_network *network)
{
	json_t *row = json_object();

	if (by == NETWORK_BY_AS)
		name_as(row, filter, network);
	else
		name_network(row, filter, network);
	tree_class(row, network->class);
	tree_count(row, "addresses", network->addresses);
	tree_count(row, "sources", network->sources);
	tree_count(row, "messages", network->messages);
	json_object_set_new(row, "highest_score",
			    network->score ? json_integer(network->score) : json_null());
	return row;
}

static gboolean
add_group(const struct filter *filter, struct page *page, enum network_by by, enum class class,
	  GError **error)
{
	gboolean is_one = filter->class != CLASS_NONE;
	gboolean is_html = page->face == PAGE_HTML;
	json_t *data = json_object_get(page->root, "data");
	g_autoptr(query_networks_auto) networks =
		query_networks(page->view, &filter->scope, by, class,
			       is_one || !is_html ? SOURCES_OF_ONE : SOURCES_OF_EACH, error);

	if (!networks)
		return FALSE;
	if (networks->rows->len == 0)
		return TRUE;
	json_t *group = json_object();
	json_t *rows = json_array();
	guint n_rows = is_one || !is_html ? page->limit : GROUP_ROWS;
	for (guint i = 0; i < MIN(networks->rows->len, n_rows); i++) {
		json_t *row = make_row(filter, by,
				       &g_array_index(networks->rows, struct query_network, i));
		json_array_append(data, row);
		json_array_append_new(rows, row);
	}
	tree_class(group, class);
	json_object_set_new(group, "rows", rows);
	if (networks->is_cut)
		tree_take(group, "_cut",
			  say_text("networks.cut", word_count("n", networks->sources_read)));
	if (!is_one && networks->rows->len > n_rows)
		tree_take(group, "_rest",
			  filter_link(filter, list_paths[by], "class", class_name(class)));
	json_array_append_new(json_object_get(page->root, "_groups"), group);
	return TRUE;
}

static gboolean
read_by(const struct page *page, enum network_by *ret_by, GError **error)
{
	const char *by = request_param(page->request, "by");

	*ret_by = NETWORK_BY_PREFIX;
	if (!by)
		return TRUE;
	*ret_by = NETWORK_BY_AS;
	return g_str_equal(by, "as") || fail_text("networks.no_grouping", by, error);
}

/* What is said of the grouping, and where the filter's link to all leads. */
static gboolean
fill_by(struct page *page, enum network_by by, GError **error)
{
	gboolean is_known = TRUE;

	if (by == NETWORK_BY_AS && !query_knows_as(page->view, &is_known, error))
		return FALSE;
	tree_text(page->root, "by", by == NETWORK_BY_AS ? "as" : "network");
	tree_text(page->root, "_note",
		  words_get(!is_known             ? "networks.no_as"
			    : by == NETWORK_BY_AS ? "networks.as_note"
						  : "networks.note"));
	if (json_object_get(page->root, "_clear"))
		tree_text(page->root, "_clear", list_paths[by]);
	return TRUE;
}

static gboolean
get_networks(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	enum network_by by;

	if (filter_regroup(page))
		return TRUE;
	page_begin(page, words_get("networks.title"));
	if (!read_by(page, &by, error) ||
	    !filter_read(&filter, page, FILTER_CLASS | FILTER_DOMAIN | FILTER_PERIOD | FILTER_GROUP,
			 error) ||
	    !filter_fill(&filter, page, error) || !fill_by(page, by, error))
		return FALSE;
	json_object_set_new(page->root, "_groups", json_array());
	json_object_set_new(page->root, "data", json_array());
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++)
		if ((filter.class == CLASS_NONE || filter.class == c) &&
		    !add_group(&filter, page, by, c, error))
			return FALSE;
	page_add_list(page, json_incref(json_object_get(page->root, "data")), NULL);
	return TRUE;
}

/* --- One network --- */

static void
fill_classes(const struct query_network_detail *detail, struct page *page)
{
	json_t *list = json_array();

	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		struct query_group group = detail->groups[c];
		if (group.totals.messages == 0)
			continue;
		json_t *row = json_object();
		group.class = c;
		tree_group(row, &group);
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "classes", list);
}

static gint64
count_addresses(const struct query_network_detail *detail)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(ip_hash, ip_equal);

	for (guint i = 0; i < detail->sources->len; i++) {
		struct query_source *source = g_ptr_array_index(detail->sources, i);
		g_hash_table_add(seen, &source->ip);
	}
	return g_hash_table_size(seen);
}

static gboolean
fill_network(const struct filter *filter, const struct query_network_detail *detail,
	     struct page *page, GError **error)
{
	gboolean is_as = detail->asn != 0;
	g_autofree char *name = is_as ? as_label(detail->asn, detail->as_name)
				      : network_name(&detail->first, detail->prefix);
	gint64 addresses = count_addresses(detail);
	json_t *rows = json_array();
	guint n_rows = page->face == PAGE_HTML ? NETWORK_SHOWN : NETWORK_SOURCES;

	if (is_as) {
		tree_count(page->root, "asn", detail->asn);
		tree_text(page->root, "as_name", detail->as_name);
	} else {
		tree_text(page->root, "network", name);
	}
	tree_text(page->root, "_name", name);
	tree_take(page->root, "_list",
		  filter_link(filter, list_paths[is_as ? NETWORK_BY_AS : NETWORK_BY_PREFIX], NULL,
			      NULL));
	tree_count(page->root, "addresses", addresses);
	tree_flag(page->root, "is_cut", detail->is_cut);
	tree_take(page->root, "_heading",
		  say_text(addresses > 0 ? "network.heading" : "network.none",
			   word_count("n", addresses), word_text("network", name)));
	if (detail->is_cut)
		tree_take(page->root, "_cut",
			  say_text(is_as ? "network.as_cut" : "network.cut",
				   word_count("n", detail->sources->len)));
	fill_classes(detail, page);
	gboolean is_good = source_rows_add(rows, filter, page, detail->sources, n_rows, error);
	page_add_list(page, rows, NULL);
	return is_good;
}

/* "AS64500" */
static gboolean
parse_as(const char *text, guint32 *ret_asn)
{
	guint64 asn;

	if (g_ascii_strncasecmp(text, "AS", 2) != 0 ||
	    !g_ascii_string_to_unsigned(text + 2, 10, 1, G_MAXUINT32, &asn, NULL))
		return FALSE;
	*ret_asn = (guint32)asn;
	return TRUE;
}

/* The tail is an AS, or any address of a network. */
static gboolean
get_network(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	GError *question_error = NULL;
	struct ip ip = { 0 };
	guint32 asn = 0;

	page_begin(page, page->tail);
	if (!parse_as(page->tail, &asn) && !ip_parse(page->tail, &ip))
		return fail_text("networks.no_address", page->tail, error);
	if (!filter_read(&filter, page, FILTER_DOMAIN | FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error))
		return FALSE;
	g_autoptr(query_network_detail_auto) detail =
		asn != 0 ? query_as(page->view, &filter.scope, asn,
				    page->face == PAGE_HTML ? AS_SOURCES : NETWORK_SOURCES,
				    &question_error)
			 : query_network(page->view, &filter.scope, &ip, NETWORK_SOURCES,
					 &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!detail) {
		g_autofree char *sentence =
			say_text("network.as_absent", word_text("as", page->tail));
		return page_absent(page, sentence);
	}
	return fill_network(&filter, detail, page, error);
}

static const char *const networks_columns[] = {
	"network",       "class", "addresses", "sources", "messages",
	"highest_score", "asn",   "as_name",   NULL,
};

const struct page_route page_networks = {
	.path = "/networks",
	.menu = "sources",
	.template = "networks",
	.get = get_networks,
	.csv = networks_columns,
	.file_name = "networks",
};

const struct page_route page_network = {
	.path = "/networks/*",
	.menu = "sources",
	.template = "network",
	.get = get_network,
	.csv = source_columns,
	.file_name = "network",
};
