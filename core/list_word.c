/* SPDX-License-Identifier: MIT */
#include "core/list_word.h"

#define LIST_WORD_PARTS 4

static void
append_part(GString *out, const char *text, char end)
{
	for (; *text; text++)
		g_string_append_c(out, *text == '\t' || *text == '\n' ? ' ' : *text);
	g_string_append_c(out, end);
}

void
list_word_append(GString *out, const struct list_word *word)
{
	append_part(out, word->zone, '\t');
	append_part(out, word->operator, '\t');
	append_part(out, word->what, '\t');
	append_part(out, word->meaning, '\n');
}

static void
list_word_free(gpointer data)
{
	struct list_word *word = data;

	g_free(word->zone);
	g_free(word->operator);
	g_free(word->what);
	g_free(word->meaning);
	g_free(word);
}

static struct list_word *
read_line(const char *line)
{
	g_auto(GStrv) parts = g_strsplit(line, "\t", LIST_WORD_PARTS);

	if (g_strv_length(parts) != LIST_WORD_PARTS)
		return NULL;
	struct list_word *word = g_new(struct list_word, 1);
	*word = (struct list_word){
		.zone = g_strdup(parts[0]),
		.operator= g_strdup(parts[1]),
		.what = g_strdup(parts[2]),
		.meaning = g_strdup(parts[3]),
	};
	return word;
}

GPtrArray *
list_words_read(const char *text)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(list_word_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", LIST_WORDS_MAX + 1);

	for (guint i = 0; i < LIST_WORDS_MAX && lines[i]; i++) {
		struct list_word *word = read_line(lines[i]);
		if (word)
			g_ptr_array_add(words, word);
	}
	return words;
}
