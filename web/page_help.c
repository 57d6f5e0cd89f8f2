/* SPDX-License-Identifier: MIT */
/*
 * Help: what the classes and numbers mean and what gets an address onto the takedown list. The text
 * is in the table of words, "help.TOPIC.1" and so on.
 */
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/tree.h"
#include "web/words.h"

static const char *const topics[] = { "classes", "rules", "numbers", "takedown", "reports" };

/* The paragraphs of a topic, as far as the table has them. */
static json_t *
paragraphs(const char *topic)
{
	json_t *list = json_array();

	for (guint i = 1;; i++) {
		g_autofree char *key = g_strdup_printf("help.%s.%u", topic, i);
		const char *text = words_find(key);
		if (!text)
			return list;
		json_array_append_new(list, json_string(text));
	}
}

static void
add_topic(json_t *list, const char *name)
{
	json_t *topic = json_object();
	g_autofree char *key = g_strdup_printf("help.%s.title", name);

	tree_text(topic, "name", name);
	tree_text(topic, "title", words_get(key));
	json_object_set_new(topic, "paragraphs", paragraphs(name));
	json_array_append_new(list, topic);
}

static gboolean
get_help(struct page *page, GError **error)
{
	json_t *list = json_array();
	gboolean is_all = *page->tail == '\0';

	(void)error;
	page_begin(page, words_get("help.title"));
	for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
		if (is_all || g_str_equal(page->tail, topics[i]))
			add_topic(list, topics[i]);
	if (json_array_size(list) == 0) {
		json_decref(list);
		return page_absent(page, words_get("help.absent"));
	}
	json_object_set_new(page->root, "topics", list);
	tree_flag(page->root, "_is_part", !is_all);
	return TRUE;
}

const struct page_route page_help = {
	.path = "/help",
	.template = "help",
	.get = get_help,
};

const struct page_route page_help_topic = {
	.path = "/help/*",
	.template = "help",
	.get = get_help,
};
