/* SPDX-License-Identifier: MIT */
#include "web/source_dns.h"

#include "core/list_word.h"
#include "store/dns_facts.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* --- The reverse name --- */

/* A word of ours, which is the end of a key, too; NULL = not looked up. */
static const char *
rdns_state(const struct query_dns *dns)
{
	static const char *const words[] = {
		[RDNS_CONFIRMED] = "confirmed",
		[RDNS_GENERIC] = "generic",
		[RDNS_NONE] = "none",
	};

	if (!dns->is_rdns_known)
		return dns->was_rdns_asked ? "failed" : NULL;
	if (dns->rdns != RDNS_UNKNOWN)
		return words[dns->rdns];
	/* Nobody asks for a private address. */
	return *dns->name ? "unconfirmed" : NULL;
}

static void
fill_rdns(struct page *page, const struct query_dns *dns)
{
	const char *state = rdns_state(dns);
	g_autofree char *key = g_strconcat("source.rdns_", state ? state : "off", NULL);
	json_t *object = json_object();

	tree_text(object, "state", state);
	tree_text(object, "name", dns->name);
	tree_instant(object, "looked_up", dns->rdns_at);
	json_object_set_new(page->root, "rdns", object);
	tree_take(page->root, "_rdns", say_text(key, word_text("name", dns->name)));
}

/* --- Block lists --- */

struct list_sums {
	gint64 n_listed;
	gint64 n_beside; /* what no list says of the address itself, or says well of it */
	gint64 n_clean;
	gint64 n_unknown;
};

static void
add_sentence(json_t *sentences, char *taken)
{
	json_array_append_new(sentences, json_string(taken));
	g_free(taken);
}

/* Listings one by one; lists without one are summed up. */
static void
add_list(json_t *sentences, const struct list_word *word, struct list_sums *sums)
{
	if (list_word_is_listed(word)) {
		g_autofree char *key = g_strconcat("source.list_", word->what, NULL);
		if (g_str_equal(word->what, "neighbourhood") || g_str_equal(word->what, "welcome"))
			sums->n_beside++;
		else
			sums->n_listed++;
		add_sentence(sentences, say_text(key, word_text("operator", word->operator),
						 word_text("meaning", word->meaning)));
	} else if (g_str_equal(word->what, "clean")) {
		sums->n_clean++;
	} else {
		sums->n_unknown++;
		add_sentence(sentences,
			     say_text("source.list_unknown", word_text("zone", word->zone)));
	}
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
lists_state(const struct list_sums *sums)
{
	if (sums->n_listed > 0)
		return "listed";
	if (sums->n_unknown > 0)
		return "unknown";
	return sums->n_clean + sums->n_beside > 0 ? "not_listed" : NULL;
}

static void
fill_lists(struct page *page, const struct query_dns *dns)
{
	g_autoptr(GPtrArray) words = list_words_read(dns->said);
	json_t *object = json_object();
	json_t *rows = json_array();
	json_t *sentences = json_array();
	struct list_sums sums = { 0 };

	for (guint i = 0; i < words->len; i++) {
		const struct list_word *word = g_ptr_array_index(words, i);
		add_list(sentences, word, &sums);
		json_array_append_new(rows, list_row(word));
	}
	if (sums.n_clean > 0)
		add_sentence(sentences,
			     say_text("source.list_clean", word_count("n", sums.n_clean)));
	if (words->len == 0)
		add_sentence(sentences, g_strdup(words_get("source.list_off")));
	tree_text(object, "state", lists_state(&sums));
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
