/* SPDX-License-Identifier: MIT */
/*
 * changed.h - a change in one sentence, for pages, exports and mails.
 *
 *	"Ticket desk: pass rate 100 % → 0 % on example.com, 231 messages failed (days: 1)"
 *
 * Day and rule are not in it: they have columns of their own.
 */
#ifndef WEB_CHANGED_H
#define WEB_CHANGED_H

#include "core/change.h"

/* As text, or with every value escaped for HTML. Caller frees. */
char *changed_say(const struct change *change, gboolean want_html);

/* "Pass rate fell": what a rule is called. The text lives as long as the process. */
const char *changed_rule(enum change_rule rule);

#endif
