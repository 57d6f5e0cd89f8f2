/* SPDX-License-Identifier: MIT */
/*
 * say.h - fill the places of a sentence from the table of words.
 *
 *	say_text("overview.fix", word_count("n", 3))  ->  "3 sources of yours need a fix."
 *
 * The first count decides between "key.one" and "key.other". say_html() escapes every value and
 * leaves the sentence's own markup (<b>) alone: its result is for {{&...}}. Both return a new
 * string. A place without a value stays as it is, and a test finds it.
 */
#ifndef WEB_SAY_H
#define WEB_SAY_H

#include <glib.h>

enum word_kind {
	WORD_TEXT,
	WORD_COUNT, /* n with thousands separators */
	WORD_SHARE, /* n of whole in per cent */
	WORD_DAY,   /* the day n, in full */
	WORD_NEAR,  /* the day n, short, seen from the day whole */
};

struct word {
	const char *name;
	const char *text;
	enum word_kind kind;
	gint64 n;
	gint64 whole;
};

static inline struct word
word_text(const char *name, const char *text)
{
	return (struct word){ name, text, WORD_TEXT, 0, 0 };
}

static inline struct word
word_count(const char *name, gint64 n)
{
	return (struct word){ name, NULL, WORD_COUNT, n, 0 };
}

static inline struct word
word_share(const char *name, gint64 part, gint64 whole)
{
	return (struct word){ name, NULL, WORD_SHARE, part, whole };
}

static inline struct word
word_day(const char *name, gint64 day)
{
	return (struct word){ name, NULL, WORD_DAY, day, 0 };
}

static inline struct word
word_near(const char *name, gint64 day, gint64 near)
{
	return (struct word){ name, NULL, WORD_NEAR, day, near };
}

/* words ends with a word whose name is NULL. */
char *say_fill(const char *key, const struct word *words, gboolean want_html);

/* Append part to a list of words: "a · b". */
void say_append(GString *list, const char *part);

#define say_text(key, ...) \
	say_fill(key, (const struct word[]){ __VA_ARGS__, { NULL, NULL, WORD_TEXT, 0, 0 } }, FALSE)
#define say_html(key, ...) \
	say_fill(key, (const struct word[]){ __VA_ARGS__, { NULL, NULL, WORD_TEXT, 0, 0 } }, TRUE)

#endif
