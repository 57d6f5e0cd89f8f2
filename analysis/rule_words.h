/* SPDX-License-Identifier: MIT */
/*
 * rule_words.h - a user's rule from the words of a form, a command line or a program.
 *
 * Threads: any.
 */
#ifndef ANALYSIS_RULE_WORDS_H
#define ANALYSIS_RULE_WORDS_H

#include "analysis/user_rule.h"

/* NULL and "" are the same: not given. */
struct rule_words {
	const char *kind;   /* "cidr", see rule_kind_name() */
	const char *match;  /* "198.51.100.0/24" */
	const char *class;  /* "forwarder", see rule_class_name() */
	const char *domain; /* owned domain; not given = all */
	const char
		*expires; /* "2027-10-02", the first UTC day without the rule; not given = never */
};

/*
 * Fill rule but for its id; text is what is matched, of every kind. Texts live in texts. DENIED
 * names the word that makes no sense and what was expected.
 */
gboolean rule_words_read(struct user_rule *rule, const struct rule_words *words,
			 GStringChunk *texts, GError **error);

/* "ip, cidr, ..." and "mine, ...", for messages and usage. Caller frees. */
char *rule_words_kinds(void);
char *rule_words_classes(void);

#endif
