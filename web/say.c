/* SPDX-License-Identifier: MIT */
#include "web/say.h"

#include <string.h>

#include "web/figures.h"
#include "web/words.h"

static char *
word_value(const struct word *word)
{
	switch (word->kind) {
	case WORD_COUNT:
		return figures_count(word->n);
	case WORD_SHARE:
		return figures_share(word->n, word->whole);
	case WORD_DAY:
		return figures_day(word->n);
	case WORD_NEAR:
		return figures_short_day(word->n, word->whole);
	case WORD_TEXT:
		break;
	}
	return g_strdup(word->text ? word->text : "");
}

static const struct word *
word_named(const struct word *words, const char *name, gsize len)
{
	for (; words->name; words++)
		if (strlen(words->name) == len && strncmp(words->name, name, len) == 0)
			return words;
	return NULL;
}

static const char *
sentence_of(const char *key, const struct word *words)
{
	for (; words->name; words++)
		if (words->kind == WORD_COUNT)
			return words_number(key, words->n);
	return words_get(key);
}

static void
append_value(GString *out, const struct word *word, gboolean want_html)
{
	g_autofree char *value = word_value(word);
	g_autofree char *escaped = want_html ? g_markup_escape_text(value, -1) : NULL;

	g_string_append(out, want_html ? escaped : value);
}

char *
say_fill(const char *key, const struct word *words, gboolean want_html)
{
	GString *out = g_string_new(NULL);
	const char *p = sentence_of(key, words);

	while (*p) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const struct word *word =
			end ? word_named(words, p + 1, (gsize)(end - p) - 1) : NULL;
		if (word) {
			append_value(out, word, want_html);
			p = end + 1;
		} else {
			g_string_append_c(out, *p++);
		}
	}
	return g_string_free(out, FALSE);
}

void
say_append(GString *list, const char *part)
{
	if (list->len > 0)
		g_string_append_printf(list, " %s ", words_get("terms.join"));
	g_string_append(list, part);
}
