/* SPDX-License-Identifier: MIT */
/*
 * list_word.h - what block lists said of an address, as one text: a line for each listing, and for
 * each list that has none or could not be asked.
 *
 *	zen.spamhaus.org TAB Spamhaus TAB spam TAB CSS: snowshoe and low-reputation senders
 *	bl.spamcop.net TAB SpamCop (Cisco) TAB clean TAB
 *
 * Threads: any.
 */
#ifndef CORE_LIST_WORD_H
#define CORE_LIST_WORD_H

#include <glib.h>

/* What is kept of an address; more lines are left out. */
#define LIST_WORDS_MAX 256

struct list_word {
	char *zone;
	char *operator;
	char *what;    /* "spam", "exploit", "policy", "neighbourhood", "welcome"; "clean" = not
			* listed; "unknown" = could not be found out */
	char *meaning; /* of the listing, else "" */
};

/* Tabs and line ends in a text become spaces. */
void list_word_append(GString *out, const struct list_word *word);

/* struct list_word *, which the array frees; lines that are none are left out. */
GPtrArray *list_words_read(const char *text);

#endif
