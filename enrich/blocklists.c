/* SPDX-License-Identifier: MIT */
#include "enrich/blocklists.h"

#include <string.h>

#include <gio/gio.h>

#include "enrich/table.h"

#define BUILTIN          "/dmarcd/schema/dnsbl.tsv"
#define STRING_CHUNK_LEN 4096
#define IPV4_BITS        32
#define ANY_THIRD        "127.0.*."
#define ANY_THIRD_MASK   0xffff00ffU

struct blocklists {
	GStringChunk *strings;
	GArray *rows; /* struct blocklist_row, in the order of the table */
};

static const char *const listing_names[N_LISTINGS] = {
	[LISTING_SPAM] = "spam",       [LISTING_EXPLOIT] = "exploit",
	[LISTING_POLICY] = "policy",   [LISTING_NEIGHBOURHOOD] = "neighbourhood",
	[LISTING_WELCOME] = "welcome", [LISTING_ERROR] = "error",
};

static gboolean
read_address(const char *text, guint32 *ret_address)
{
	g_auto(GStrv) parts = g_strsplit(text, ".", 5);
	guint32 address = 0;

	if (g_strv_length(parts) != 4)
		return FALSE;
	for (gsize i = 0; parts[i]; i++) {
		guint64 byte;
		if (!g_ascii_string_to_unsigned(parts[i], 10, 0, G_MAXUINT8, &byte, NULL))
			return FALSE;
		address = address << 8 | (guint32)byte;
	}
	*ret_address = address;
	return TRUE;
}

static gboolean
read_range(struct blocklist_row *row, char *text, char *dash)
{
	*dash = '\0';
	return read_address(text, &row->first) && read_address(dash + 1, &row->last) &&
	       row->first <= row->last;
}

static gboolean
read_network(struct blocklist_row *row, char *text, char *slash)
{
	guint64 bits;

	*slash = '\0';
	if (!read_address(text, &row->first) ||
	    !g_ascii_string_to_unsigned(slash + 1, 10, 1, IPV4_BITS, &bits, NULL))
		return FALSE;
	row->last = row->first | (guint32)(G_MAXUINT32 >> (bits - 1) >> 1);
	return TRUE;
}

/* One address, first-last, a network, or 127.0.*.N. */
static gboolean
read_codes(struct blocklist_row *row, const char *codes)
{
	g_autofree char *text = g_strdup(codes);
	char *dash = strchr(text, '-');
	char *slash = strchr(text, '/');

	row->mask = G_MAXUINT32;
	if (dash)
		return read_range(row, text, dash);
	if (slash)
		return read_network(row, text, slash);
	if (g_str_has_prefix(text, ANY_THIRD)) {
		row->mask = ANY_THIRD_MASK;
		text[strlen(ANY_THIRD) - 2] = '0';
	}
	if (!read_address(text, &row->first))
		return FALSE;
	row->last = row->first;
	return TRUE;
}

static const char *
keep(struct blocklists *blocklists, const struct table *table, const char *column)
{
	return g_string_chunk_insert_const(blocklists->strings, table_cell(table, column));
}

/* A row whose codes cannot be read is left out: its answers are unknown. */
static void
add_row(gpointer data, const struct table *table)
{
	struct blocklists *blocklists = data;
	struct blocklist_row row = {
		.zone = keep(blocklists, table, "zone"),
		.operator= keep(blocklists, table, "operator"),
		.meaning = keep(blocklists, table, "meaning"),
		.delist_url = keep(blocklists, table, "delist_url"),
		.note = keep(blocklists, table, "note"),
		.is_for_domains = !g_str_equal(table_cell(table, "subject"), "ip"),
		.needs_key = !g_str_equal(table_cell(table, "needs_key"), "no"),
		.is_closed = !g_str_equal(table_cell(table, "status"), "active"),
	};

	row.listing = table_word(table, "weight", listing_names, N_LISTINGS, LISTING_UNKNOWN);
	if (read_codes(&row, table_cell(table, "codes")) || row.is_closed)
		g_array_append_val(blocklists->rows, row);
}

struct blocklists *
blocklists_read(const char *bytes, gsize len, GError **error)
{
	g_autoptr(blocklists_auto) blocklists = g_new0(struct blocklists, 1);
	const struct table_input input = {
		.bytes = bytes, .len = len, .separator = '\t', .key = "zone"
	};

	blocklists->strings = g_string_chunk_new(STRING_CHUNK_LEN);
	blocklists->rows = g_array_new(FALSE, FALSE, sizeof(struct blocklist_row));
	if (!table_read(&input, add_row, blocklists, error))
		return NULL;
	return g_steal_pointer(&blocklists);
}

struct blocklists *
blocklists_new_builtin(void)
{
	g_autoptr(GBytes) bytes =
		g_resources_lookup_data(BUILTIN, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);
	struct blocklists *blocklists = blocklists_read(start, len, NULL);

	g_assert_nonnull(blocklists);
	return blocklists;
}

void
blocklists_free(struct blocklists *blocklists)
{
	if (!blocklists)
		return;
	g_array_unref(blocklists->rows);
	g_string_chunk_free(blocklists->strings);
	g_free(blocklists);
}

static gboolean
fits(const struct blocklist_row *row, guint32 answer)
{
	answer &= row->mask;
	return !row->is_closed && answer >= row->first && answer <= row->last;
}

const struct blocklist_row *
blocklists_find(const struct blocklists *blocklists, const char *zone, guint32 answer)
{
	const struct blocklist_row *found = NULL;

	for (guint i = 0; i < blocklists->rows->len; i++) {
		const struct blocklist_row *row =
			&g_array_index(blocklists->rows, struct blocklist_row, i);
		if (!g_str_equal(row->zone, zone) || !fits(row, answer))
			continue;
		if (row->first == row->last && row->mask == G_MAXUINT32)
			return row;
		if (!found)
			found = row;
	}
	return found;
}

const struct blocklist_row *
blocklists_zone(const struct blocklists *blocklists, const char *zone)
{
	for (guint i = 0; i < blocklists->rows->len; i++) {
		const struct blocklist_row *row =
			&g_array_index(blocklists->rows, struct blocklist_row, i);
		if (g_str_equal(row->zone, zone))
			return row;
	}
	return NULL;
}

guint
blocklists_may_say(const struct blocklists *blocklists, const char *zone)
{
	guint bits = 0;

	for (guint i = 0; i < blocklists->rows->len; i++) {
		const struct blocklist_row *row =
			&g_array_index(blocklists->rows, struct blocklist_row, i);
		if (g_str_equal(row->zone, zone))
			bits |= LISTING_BIT(row->listing);
	}
	return bits;
}
