/* SPDX-License-Identifier: MIT */
#include "web/source_dns.h"

#include "core/list_word.h"
#include "store/dns_facts.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* --- The reverse name --- */

struct rdns_words {
	const char *state; /* NULL = not looked up */
	const char *key;
};

static const struct rdns_words rdns_off = { NULL, "source.rdns_off" };
static const struct rdns_words rdns_failed = { "failed", "source.rdns_failed" };
static const struct rdns_words rdns_unconfirmed = { "unconfirmed", "source.rdns_unconfirmed" };

static const struct rdns_words rdns_states[] = {
	[RDNS_CONFIRMED] = { "confirmed", "source.rdns_confirmed" },
	[RDNS_GENERIC] = { "generic", "source.rdns_generic" },
	[RDNS_NONE] = { "none", "source.rdns_none" },
};

static const struct rdns_words *
words_for_rdns(const struct query_dns *dns)
{
	if (!dns->is_rdns_known)
		return dns->was_rdns_asked ? &rdns_failed : &rdns_off;
	if (dns->rdns != RDNS_UNKNOWN && dns->rdns < G_N_ELEMENTS(rdns_states))
		return &rdns_states[dns->rdns];
	/* Nobody asks for a private address. */
	return *dns->name ? &rdns_unconfirmed : &rdns_off;
}

static void
fill_rdns(struct page *page, const struct query_dns *dns)
{
	const struct rdns_words *words = words_for_rdns(dns);
	json_t *object = json_object();

	tree_text(object, "state", words->state);
	tree_text(object, "name", dns->name);
	tree_instant(object, "looked_up", dns->rdns_at);
	json_object_set_new(page->root, "rdns", object);
	tree_take(page->root, "_rdns", say_text(words->key, word_text("name", dns->name)));
}

/* --- Block lists --- */

enum list_effect {
	LIST_UNKNOWN,
	LIST_CLEAN,  /* summed up */
	LIST_BESIDE, /* it says nothing against the address itself */
	LIST_AGAINST,
	N_LIST_EFFECTS,
};

/* What stands in core/list_word.h; another word is unknown. */
static const struct list_words {
	const char *what;
	const char *key; /* NULL = summed up */
	enum list_effect effect;
} list_words[] = {
	{ "unknown", "source.list_unknown", LIST_UNKNOWN },
	{ "clean", NULL, LIST_CLEAN },
	{ "spam", "source.list_spam", LIST_AGAINST },
	{ "exploit", "source.list_exploit", LIST_AGAINST },
	{ "policy", "source.list_policy", LIST_AGAINST },
	{ "neighbourhood", "source.list_neighbourhood", LIST_BESIDE },
	{ "welcome", "source.list_welcome", LIST_BESIDE },
};

static const struct list_words *
words_for_list(const struct list_word *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(list_words); i++)
		if (g_str_equal(list_words[i].what, word->what))
			return &list_words[i];
	return &list_words[0];
}

static void
add_sentence(json_t *sentences, char *taken)
{
	json_array_append_new(sentences, json_string(taken));
	g_free(taken);
}

/* Listings one by one; lists without one are summed up. */
static void
add_list(json_t *sentences, const struct list_word *word, gint64 n_by_effect[N_LIST_EFFECTS])
{
	const struct list_words *words = words_for_list(word);

	n_by_effect[words->effect]++;
	if (words->key)
		add_sentence(sentences, say_text(words->key, word_text("zone", word->zone),
						 word_text("operator", word->operator),
						 word_text("meaning", word->meaning)));
}

static json_t *
list_row(const struct list_word *word)
{
	json_t *row = json_object();

	tree_text(row, "zone", word->zone);
	tree_text(row, "operator", word->operator);
	tree_text(row, "what", word->what);
	tree_text(row, "meaning", word->meaning);
	return row;
}

static const char *
lists_state(const gint64 n_by_effect[N_LIST_EFFECTS])
{
	if (n_by_effect[LIST_AGAINST] > 0)
		return "listed";
	if (n_by_effect[LIST_UNKNOWN] > 0)
		return "unknown";
	return n_by_effect[LIST_CLEAN] + n_by_effect[LIST_BESIDE] > 0 ? "not_listed" : NULL;
}

static void
fill_lists(struct page *page, const struct query_dns *dns)
{
	g_autoptr(GPtrArray) words = list_words_read(dns->said);
	json_t *object = json_object();
	json_t *rows = json_array();
	json_t *sentences = json_array();
	gint64 n_by_effect[N_LIST_EFFECTS] = { 0 };

	for (guint i = 0; i < words->len; i++) {
		const struct list_word *word = g_ptr_array_index(words, i);
		add_list(sentences, word, n_by_effect);
		json_array_append_new(rows, list_row(word));
	}
	if (n_by_effect[LIST_CLEAN] > 0)
		add_sentence(sentences, say_text("source.list_clean",
						 word_count("n", n_by_effect[LIST_CLEAN])));
	if (words->len == 0)
		add_sentence(sentences, g_strdup(words_get("source.list_off")));
	tree_text(object, "state", lists_state(n_by_effect));
	if (dns->dnsbl_spam != FACT_N_UNKNOWN)
		tree_count(object, "spam", dns->dnsbl_spam);
	else
		json_object_set_new(object, "spam", json_null());
	json_object_set_new(object, "lists", rows);
	tree_instant(object, "looked_up", dns->dnsbl_at);
	json_object_set_new(page->root, "blocklists", object);
	json_object_set_new(page->root, "_lists", sentences);
}

gboolean
source_dns_fill(struct page *page, const struct ip *ip, GError **error)
{
	g_auto(query_dns_auto) dns = { 0 };

	if (!query_dns(page->view, ip, &dns, error))
		return FALSE;
	fill_rdns(page, &dns);
	fill_lists(page, &dns);
	return TRUE;
}
