/* SPDX-License-Identifier: MIT */
/* Tables of ranges or networks: read once into a sorted array, found by halving it. */
#include <string.h>

#include "core/error.h"
#include "core/text.h"
#include "enrich/geo_source.h"
#include "enrich/table.h"

#define STRING_CHUNK_LEN 65536
#define NO_COLUMN        G_MAXUINT

/* Both ends belong to it. */
struct range {
	struct ip first;
	struct ip last;
	const char *as_name;
	guint32 asn;
	char country[3];
};

struct ranges {
	GStringChunk *strings;
	GArray *all; /* struct range, by first; of one first the narrowest last */
};

/* Which column holds which field. */
struct shape {
	guint columns[N_GEO_FIELDS];
};

struct loading {
	struct ranges *ranges;
	struct shape shape;
	gboolean is_begun; /* the first row has told the shape */
	gboolean is_usable;
	guint left_out;
};

/* Tables without a header row, by how many columns they have. */
static const struct {
	guint n;
	enum geo_field fields[5];
} bare_shapes[] = {
	{ 3, { GEO_START, GEO_END, GEO_COUNTRY } },
	{ 4, { GEO_START, GEO_END, GEO_ASN, GEO_AS_NAME } },
	{ 5, { GEO_START, GEO_END, GEO_ASN, GEO_COUNTRY, GEO_AS_NAME } }, /* iptoasn */
};

static void
close_ranges(gpointer source)
{
	struct ranges *ranges = source;

	g_array_unref(ranges->all);
	g_string_chunk_free(ranges->strings);
	g_free(ranges);
}

static void
take_bare_shape(struct shape *shape, guint n)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bare_shapes); i++)
		for (guint j = 0; bare_shapes[i].n == n && j < n; j++)
			shape->columns[bare_shapes[i].fields[j]] = j;
}

static void
take_header(struct shape *shape, const struct table *row)
{
	for (gsize i = 0; i < n_geo_names; i++) {
		const struct geo_name *name = &geo_names[i];
		if (name->member || shape->columns[name->field] != NO_COLUMN)
			continue;
		for (guint j = 0; j < row->cells->len; j++)
			if (g_ascii_strcasecmp(table_nth(row, j), name->name) == 0)
				shape->columns[name->field] = j;
	}
}

static gboolean
has(const struct shape *shape, enum geo_field field)
{
	return shape->columns[field] != NO_COLUMN;
}

/* Does the first row tell what is what? *ret_is_row: it is none of the header. */
static gboolean
find_shape(struct shape *shape, const struct table *row, gboolean *ret_is_row)
{
	struct ip ip;

	for (guint i = 0; i < N_GEO_FIELDS; i++)
		shape->columns[i] = NO_COLUMN;
	*ret_is_row = ip_parse(table_nth(row, 0), &ip);
	if (*ret_is_row)
		take_bare_shape(shape, row->cells->len);
	else
		take_header(shape, row);
	return (has(shape, GEO_NETWORK) || (has(shape, GEO_START) && has(shape, GEO_END))) &&
	       (has(shape, GEO_ASN) || has(shape, GEO_COUNTRY));
}

static gboolean
read_network(const char *text, struct range *range)
{
	struct ip ip;
	guint prefix;

	if (!ip_network_parse(text, &ip, &prefix))
		return FALSE;
	range->first = ip_network_first(&ip, prefix);
	range->last = ip_network_last(&ip, prefix);
	return TRUE;
}

static int
compare_ips(const struct ip *a, const struct ip *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static const char *
cell(const struct loading *loading, const struct table *row, enum geo_field field)
{
	return table_nth(row, loading->shape.columns[field]);
}

static gboolean
read_ends(const struct loading *loading, const struct table *row, struct range *range)
{
	if (has(&loading->shape, GEO_NETWORK))
		return read_network(cell(loading, row, GEO_NETWORK), range);
	return ip_parse(cell(loading, row, GEO_START), &range->first) &&
	       ip_parse(cell(loading, row, GEO_END), &range->last) &&
	       ip_is_v4(&range->first) == ip_is_v4(&range->last) &&
	       compare_ips(&range->first, &range->last) <= 0;
}

static const char *
keep_name(struct ranges *ranges, const char *name)
{
	g_autoptr(GString) text = g_string_new(name);

	text_cut(text, AS_NAME_LEN_MAX);
	return g_string_chunk_insert_const(ranges->strings, text->str);
}

static void
take_row(gpointer data, const struct table *row)
{
	struct loading *loading = data;
	struct range range = { .as_name = "" };
	gboolean is_row = TRUE;

	if (!loading->is_begun) {
		loading->is_begun = TRUE;
		loading->is_usable = find_shape(&loading->shape, row, &is_row);
	}
	if (!loading->is_usable || !is_row)
		return;
	if (!read_ends(loading, row, &range)) {
		loading->left_out++;
		return;
	}
	range.asn = geo_read_asn(cell(loading, row, GEO_ASN));
	geo_read_country(cell(loading, row, GEO_COUNTRY), range.country);
	if (range.asn != 0)
		range.as_name = keep_name(loading->ranges, cell(loading, row, GEO_AS_NAME));
	/* Networks that are not routed are listed too, and tell nothing. */
	if (range.asn != 0 || *range.country)
		g_array_append_val(loading->ranges->all, range);
}

static int
compare_ranges(gconstpointer a, gconstpointer b)
{
	const struct range *one = a;
	const struct range *other = b;
	int order = compare_ips(&one->first, &other->first);

	return order ? order : compare_ips(&other->last, &one->last);
}

static gboolean
is_useful(const struct loading *loading, GError **error)
{
	if (!loading->is_usable) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "line 1: neither names of columns (network, or range_start and "
				    "range_end, with asn or country_code) nor a range with 3, 4 or "
				    "5 columns");
		return FALSE;
	}
	if (loading->ranges->all->len > 0)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "no row says a network and its AS number or country; %u could not be read",
		    loading->left_out);
	return FALSE;
}

static gpointer
open_table(GBytes *bytes, char separator, struct ip_geo_file *about, GError **error)
{
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);
	const struct table_input input = {
		.bytes = start,
		.len = len,
		.separator = separator,
		.bytes_max = GEO_BYTES_MAX,
		.rows_max = GEO_ROWS_MAX,
	};
	struct ranges *ranges = g_new0(struct ranges, 1);
	struct loading loading = { .ranges = ranges };

	ranges->strings = g_string_chunk_new(STRING_CHUNK_LEN);
	ranges->all = g_array_new(FALSE, FALSE, sizeof(struct range));
	if (!table_read(&input, take_row, &loading, error) || !is_useful(&loading, error)) {
		close_ranges(ranges);
		return NULL;
	}
	g_array_sort(ranges->all, compare_ranges);
	about->kind = g_strdup("table");
	about->rows = ranges->all->len;
	about->left_out = loading.left_out;
	return ranges;
}

static gpointer
open_csv(GBytes *bytes, struct ip_geo_file *about, GError **error)
{
	return open_table(bytes, ',', about, error);
}

static gpointer
open_tsv(GBytes *bytes, struct ip_geo_file *about, GError **error)
{
	return open_table(bytes, '\t', about, error);
}

/* The last range that begins at ip or before it. Where ranges overlap, no other is looked for. */
static void
find_range(gconstpointer source, const struct ip *ip, struct ip_place *place)
{
	const struct ranges *ranges = source;
	const struct range *all = (const struct range *)(gpointer)ranges->all->data;
	guint low = 0;
	guint high = ranges->all->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (compare_ips(&all[middle].first, ip) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || compare_ips(ip, &all[low - 1].last) > 0)
		return;
	place->asn = all[low - 1].asn;
	g_strlcpy(place->as_name, all[low - 1].as_name, sizeof place->as_name);
	memcpy(place->country, all[low - 1].country, sizeof place->country);
}

const struct geo_type geo_csv = {
	.suffix = ".csv",
	.open = open_csv,
	.close = close_ranges,
	.find = find_range,
};

const struct geo_type geo_tsv = {
	.suffix = ".tsv",
	.open = open_tsv,
	.close = close_ranges,
	.find = find_range,
};
