/* SPDX-License-Identifier: MIT */
#include "web/changed.h"

#include "web/say.h"
#include "web/words.h"

#define TEXTS 6

static struct word
word_of(const char *name, enum change_unit unit, const struct change_number *number)
{
	switch (unit) {
	case CHANGE_UNIT_SHARE:
		return word_share(name, number->n, number->whole);
	case CHANGE_UNIT_DAY:
		return word_day(name, number->n);
	case CHANGE_UNIT_COUNT:
		break;
	}
	return word_count(name, number->n);
}

char *
changed_say(const struct change *change, gboolean want_html)
{
	const struct change_kind_row *row = &change_kinds[change->kind];
	g_autofree char *class = g_strconcat("class.", class_name(change->class), NULL);
	g_autofree char *key = g_strconcat("changed.", change_sentence(change), NULL);
	struct word words[TEXTS + CHANGE_NUMBERS_MAX + 1] = {
		word_text("domain", change->domain), word_text("object", change->object),
		word_text("part", change->part),     word_text("was", change->was),
		word_text("is", change->is),         word_text("class", words_get(class)),
	};

	for (gsize i = 0; row->numbers[i].name; i++)
		words[TEXTS + i] =
			word_of(row->numbers[i].name, row->numbers[i].unit, &change->numbers[i]);
	return say_fill(key, words, want_html);
}

const char *
changed_rule(enum change_rule rule)
{
	g_autofree char *number = g_ascii_strdown(change_rule_name(rule), -1);
	g_autofree char *key = g_strconcat("changed.rule_", number, NULL);
	const char *text = words_find(key);

	return text ? text : "";
}
