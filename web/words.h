/* SPDX-License-Identifier: MIT */
/*
 * words.h - what people read, by key: the table of words and sentences in i18n/en.msg.
 *
 * One line of the table is "key = text". A key is lower case words joined with dots. A text may
 * have places for values, "{n}" (see say.h), and a pair of keys "thing.one", "thing.other" is one
 * text in its two numbers. No sentence stands in C or in a template, so a language is one file.
 *
 * Threads: any; the table is read once. Texts live as long as the process.
 */
#ifndef WEB_WORDS_H
#define WEB_WORDS_H

#include <glib.h>
#include <jansson.h>

/* The text of key; a key that the table lacks is its own text, and a test finds it. */
const char *words_get(const char *key);

/* The text of key, or NULL where the table lacks it. */
const char *words_find(const char *key);

/* The text of "key.one" or "key.other" for n, or that of key where it has no numbers. */
const char *words_number(const char *key, gint64 n);

/* The whole table as nested objects, for templates: {{_t.class.fix}}. New reference. */
json_t *words_tree(void);

/* Read the lines of a table into a new hash table from key to text; for words.c and tests. */
GHashTable *words_read(const char *text);

#endif
