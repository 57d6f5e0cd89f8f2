/* SPDX-License-Identifier: MIT */
#include "enrich/catalogue.h"

#include <string.h>

#include <gio/gio.h>

#include "enrich/suffix.h"
#include "enrich/table.h"

#define BUILTIN          "/dmarcd/schema/known_senders.tsv"
#define STRING_CHUNK_LEN 4096
#define SELECTORS_MAX    4096 /* patterns that are walked for each look-up */

/* A selector, with one "*" for any text; several senders may have the same. */
struct pattern {
	const char *text;
	const struct sender *sender;
};

struct catalogue {
	GStringChunk *strings;
	GPtrArray *senders;  /* struct sender *, owned */
	GHashTable *by_id;   /* id to sender */
	GHashTable *by_rdns; /* suffix to sender */
	GHashTable *by_dkim;
	GHashTable *by_spf;
	GHashTable *by_asn; /* number to sender */
	GArray *selectors;  /* struct pattern */
};

/* What one table adds, counted. */
struct addition {
	struct catalogue *to;
	guint left_out;
};

static const char *const kind_names[N_SENDER_KINDS] = {
	[SENDER_ESP] = "esp",         [SENDER_MAILBOX] = "mailbox",
	[SENDER_SAAS] = "saas",       [SENDER_GATEWAY] = "gateway",
	[SENDER_HOSTING] = "hosting", [SENDER_FORWARDER] = "forwarder",
};

/* Types of parsedmarc's map that tell how an address is to be judged. */
static const char *const type_names[N_SENDER_KINDS] = {
	[SENDER_ESP] = "Marketing",
	[SENDER_MAILBOX] = "Email Provider",
	[SENDER_GATEWAY] = "Email Security",
};

static const char *const confidence_names[N_CONFIDENCES] = {
	[CONFIDENCE_LOW] = "low",
	[CONFIDENCE_MEDIUM] = "medium",
	[CONFIDENCE_HIGH] = "high",
};

static const char *const can_align_names[N_CAN_ALIGN] = {
	[CAN_ALIGN_UNKNOWN] = "unknown",
	[CAN_ALIGN_NO] = "no",
	[CAN_ALIGN_PAID] = "paid",
	[CAN_ALIGN_YES] = "yes",
};

struct catalogue *
catalogue_new(void)
{
	struct catalogue *catalogue = g_new0(struct catalogue, 1);

	catalogue->strings = g_string_chunk_new(STRING_CHUNK_LEN);
	catalogue->senders = g_ptr_array_new_with_free_func(g_free);
	catalogue->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	catalogue->by_rdns = g_hash_table_new(g_str_hash, g_str_equal);
	catalogue->by_dkim = g_hash_table_new(g_str_hash, g_str_equal);
	catalogue->by_spf = g_hash_table_new(g_str_hash, g_str_equal);
	catalogue->by_asn = g_hash_table_new(NULL, NULL);
	catalogue->selectors = g_array_new(FALSE, FALSE, sizeof(struct pattern));
	return catalogue;
}

struct catalogue *
catalogue_new_builtin(void)
{
	struct catalogue *catalogue = catalogue_new();
	g_autoptr(GBytes) bytes =
		g_resources_lookup_data(BUILTIN, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);

	if (!catalogue_add_senders(catalogue, start, len, NULL, NULL))
		g_assert_not_reached();
	return catalogue;
}

void
catalogue_free(struct catalogue *catalogue)
{
	if (!catalogue)
		return;
	g_hash_table_unref(catalogue->by_id);
	g_hash_table_unref(catalogue->by_rdns);
	g_hash_table_unref(catalogue->by_dkim);
	g_hash_table_unref(catalogue->by_spf);
	g_hash_table_unref(catalogue->by_asn);
	g_array_unref(catalogue->selectors);
	g_ptr_array_unref(catalogue->senders);
	g_string_chunk_free(catalogue->strings);
	g_free(catalogue);
}

static const char *
keep(struct catalogue *catalogue, const char *text)
{
	return g_string_chunk_insert_const(catalogue->strings, text);
}

static void
insert(GHashTable *table, const char *key, struct sender *sender)
{
	union {
		const char *in;
		gpointer out;
	} pointer = { .in = key };

	g_hash_table_replace(table, pointer.out, sender);
}

/* A later row of the same id says it anew; what the earlier one is recognised by stays. */
static struct sender *
make_sender(struct catalogue *catalogue, const char *id, const char *name)
{
	struct sender *sender = g_hash_table_lookup(catalogue->by_id, id);

	if (!sender) {
		sender = g_new0(struct sender, 1);
		sender->id = keep(catalogue, id);
		g_ptr_array_add(catalogue->senders, sender);
		insert(catalogue->by_id, sender->id, sender);
	}
	sender->name = keep(catalogue, *name ? name : id);
	sender->fix = "";
	sender->doc_url = "";
	return sender;
}

static void
add_domains(struct addition *addition, GHashTable *to, GStrv items, struct sender *sender)
{
	for (gsize i = 0; items[i]; i++) {
		if (table_is_domain(items[i]))
			insert(to, keep(addition->to, items[i]), sender);
		else if (*items[i])
			addition->left_out++;
	}
}

static void
add_numbers(struct addition *addition, GStrv items, struct sender *sender)
{
	for (gsize i = 0; items[i]; i++) {
		guint64 asn;
		if (g_ascii_string_to_unsigned(items[i], 10, 1, G_MAXUINT32, &asn, NULL))
			g_hash_table_replace(addition->to->by_asn, GUINT_TO_POINTER((guint)asn),
					     sender);
		else if (*items[i])
			addition->left_out++;
	}
}

/* One "*" at most, and something beside it. */
static gboolean
is_pattern(const char *text)
{
	const char *star = strchr(text, '*');

	return *text && (!star || (!strchr(star + 1, '*') && text[1]));
}

static gboolean
is_like(const char *selector, const char *pattern)
{
	const char *star = strchr(pattern, '*');

	if (!star)
		return g_str_equal(selector, pattern);
	gsize before = (gsize)(star - pattern);
	return strlen(selector) >= strlen(pattern) - 1 && strncmp(selector, pattern, before) == 0 &&
	       g_str_has_suffix(selector, star + 1);
}

static void
add_selectors(struct addition *addition, GStrv items, const struct sender *sender)
{
	for (gsize i = 0; items[i]; i++) {
		struct pattern pattern = { NULL, sender };
		gboolean is_usable =
			is_pattern(items[i]) && addition->to->selectors->len < SELECTORS_MAX;
		if (is_usable) {
			pattern.text = keep(addition->to, items[i]);
			g_array_append_val(addition->to->selectors, pattern);
		} else if (*items[i]) {
			addition->left_out++;
		}
	}
}

static gboolean
is_id(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static void
add_sender(gpointer data, const struct table *table)
{
	struct addition *addition = data;
	struct catalogue *catalogue = addition->to;
	const char *id = table_cell(table, "id");
	g_auto(GStrv) rdns = table_items(table, "rdns_suffixes");
	g_auto(GStrv) spf = table_items(table, "spf_domains");
	g_auto(GStrv) dkim = table_items(table, "dkim_domains");
	g_auto(GStrv) selectors = table_items(table, "dkim_selectors");
	g_auto(GStrv) asns = table_items(table, "asns");

	if (!is_id(id)) {
		addition->left_out++;
		return;
	}
	struct sender *sender = make_sender(catalogue, id, table_cell(table, "name"));
	sender->kind = table_word(table, "kind", kind_names, N_SENDER_KINDS, SENDER_OTHER);
	sender->confidence =
		table_word(table, "confidence", confidence_names, N_CONFIDENCES, CONFIDENCE_LOW);
	sender->can_align_spf =
		table_word(table, "can_align_spf", can_align_names, N_CAN_ALIGN, CAN_ALIGN_UNKNOWN);
	sender->can_align_dkim = table_word(table, "can_align_dkim", can_align_names, N_CAN_ALIGN,
					    CAN_ALIGN_UNKNOWN);
	sender->fix = keep(catalogue, table_cell(table, "fix_en"));
	if (g_str_has_prefix(table_cell(table, "doc_url"), "https://"))
		sender->doc_url = keep(catalogue, table_cell(table, "doc_url"));
	add_domains(addition, catalogue->by_rdns, rdns, sender);
	add_domains(addition, catalogue->by_spf, spf, sender);
	add_domains(addition, catalogue->by_dkim, dkim, sender);
	add_selectors(addition, selectors, sender);
	add_numbers(addition, asns, sender);
}

/* One row of the map is one reverse name; rows of one name are one sender with the first's id. */
static void
add_mapped(gpointer data, const struct table *table)
{
	struct addition *addition = data;
	g_autofree char *suffix = g_ascii_strdown(table_cell(table, "base_reverse_dns"), -1);
	const char *name = table_cell(table, "name");
	g_autofree char *id = g_strconcat("map:", name, NULL);

	if (!table_is_domain(suffix) || !*name) {
		addition->left_out++;
		return;
	}
	struct sender *sender = g_hash_table_lookup(addition->to->by_id, id);
	if (!sender) {
		sender = make_sender(addition->to, id, name);
		sender->kind = table_word(table, "type", type_names, N_SENDER_KINDS, SENDER_OTHER);
		sender->confidence = CONFIDENCE_MEDIUM;
	}
	/* Our own rows know more than a name. */
	if (!g_hash_table_contains(addition->to->by_rdns, suffix))
		insert(addition->to->by_rdns, keep(addition->to, suffix), sender);
}

/* Read once to see that all of it can be read, then once more to add it. */
static gboolean
add_table(struct catalogue *catalogue, const struct table_input *input, table_row_fn add_row,
	  guint *ret_left_out, GError **error)
{
	struct addition addition = { catalogue, 0 };

	if (!table_read(input, NULL, NULL, error) || !table_read(input, add_row, &addition, error))
		return FALSE;
	if (ret_left_out)
		*ret_left_out = addition.left_out;
	return TRUE;
}

gboolean
catalogue_add_senders(struct catalogue *catalogue, const char *bytes, gsize len,
		      guint *ret_left_out, GError **error)
{
	const struct table_input input = {
		.bytes = bytes, .len = len, .separator = '\t', .key = "id"
	};

	return add_table(catalogue, &input, add_sender, ret_left_out, error);
}

gboolean
catalogue_add_map(struct catalogue *catalogue, const char *bytes, gsize len, guint *ret_left_out,
		  GError **error)
{
	const struct table_input input = {
		.bytes = bytes, .len = len, .separator = ',', .key = "base_reverse_dns"
	};

	return add_table(catalogue, &input, add_mapped, ret_left_out, error);
}

const struct sender *
catalogue_find_rdns(const struct catalogue *catalogue, const char *name)
{
	return suffix_find(catalogue->by_rdns, name);
}

const struct sender *
catalogue_find_dkim(const struct catalogue *catalogue, const char *domain)
{
	return suffix_find(catalogue->by_dkim, domain);
}

const struct sender *
catalogue_find_spf(const struct catalogue *catalogue, const char *domain)
{
	return suffix_find(catalogue->by_spf, domain);
}

const struct sender *
catalogue_find_asn(const struct catalogue *catalogue, guint32 asn)
{
	return asn ? g_hash_table_lookup(catalogue->by_asn, GUINT_TO_POINTER(asn)) : NULL;
}

const struct sender *
catalogue_find_id(const struct catalogue *catalogue, const char *id)
{
	return g_hash_table_lookup(catalogue->by_id, id);
}

const struct sender *
catalogue_find_selector(const struct catalogue *catalogue, const char *selector)
{
	const struct sender *found = NULL;
	g_autofree char *lower = g_ascii_strdown(selector, -1);

	for (guint i = 0; i < catalogue->selectors->len; i++) {
		const struct pattern *p = &g_array_index(catalogue->selectors, struct pattern, i);
		if (!is_like(lower, p->text))
			continue;
		if (found && !g_str_equal(found->id, p->sender->id))
			return NULL;
		found = p->sender;
	}
	return found;
}

guint
catalogue_n_senders(const struct catalogue *catalogue)
{
	return g_hash_table_size(catalogue->by_id);
}
