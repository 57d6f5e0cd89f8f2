/* SPDX-License-Identifier: MIT */
#include "web/words.h"

#include <string.h>

#include <gio/gio.h>

#define TABLE_PATH    "/dmarcd/web/i18n/en.msg"
#define KEY_PARTS_MAX 8

struct table {
	GHashTable *texts; /* key to text */
	json_t *tree;
};

static void
read_line(GHashTable *texts, char *line)
{
	char *equals = strstr(line, " = ");

	if (*line == '#' || !equals)
		return;
	*equals = '\0';
	g_hash_table_insert(texts, g_strdup(g_strstrip(line)),
			    g_strdup(g_strstrip(equals + strlen(" = "))));
}

GHashTable *
words_read(const char *text)
{
	GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (gsize i = 0; lines[i]; i++)
		read_line(texts, lines[i]);
	return texts;
}

/* The object for all but the last part of a key, made where it is missing. */
static json_t *
branch_of(json_t *tree, char **parts, guint n_parts)
{
	json_t *branch = tree;

	for (guint i = 0; i + 1 < n_parts; i++) {
		json_t *next = json_object_get(branch, parts[i]);
		if (!json_is_object(next)) {
			next = json_object();
			json_object_set_new(branch, parts[i], next);
		}
		branch = next;
	}
	return branch;
}

static json_t *
grow_tree(GHashTable *texts)
{
	json_t *tree = json_object();
	GHashTableIter iter;
	gpointer key, text;

	g_hash_table_iter_init(&iter, texts);
	while (g_hash_table_iter_next(&iter, &key, &text)) {
		g_auto(GStrv) parts = g_strsplit(key, ".", KEY_PARTS_MAX);
		guint n_parts = g_strv_length(parts);
		json_t *branch = branch_of(tree, parts, n_parts);
		json_object_set_new(branch, parts[n_parts - 1], json_string(text));
	}
	return tree;
}

static gpointer
load_table(gpointer data)
{
	(void)data;
	g_autoptr(GBytes) bytes =
		g_resources_lookup_data(TABLE_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	g_assert(bytes); /* embedded by the build */

	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);
	g_autofree char *text = g_strndup(start, len);
	struct table *table = g_new0(struct table, 1);
	table->texts = words_read(text);
	table->tree = grow_tree(table->texts);
	return table;
}

static const struct table *
table_get(void)
{
	static GOnce once = G_ONCE_INIT;

	return g_once(&once, load_table, NULL);
}

const char *
words_find(const char *key)
{
	return g_hash_table_lookup(table_get()->texts, key);
}

const char *
words_get(const char *key)
{
	const char *text = words_find(key);

	return text ? text : g_intern_string(key);
}

const char *
words_number(const char *key, gint64 n)
{
	g_autofree char *one = g_strconcat(key, n == 1 ? ".one" : ".other", NULL);
	const char *text = words_find(one);

	return text ? text : words_get(key);
}

json_t *
words_tree(void)
{
	return json_incref(table_get()->tree);
}
