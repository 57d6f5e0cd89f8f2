/* SPDX-License-Identifier: MIT */
/*
 * user_rule.h - what a user said about senders, and which of these rules speaks of a source.
 *
 * The most specific match wins: address, then the longest network, the longest reverse name, DKIM
 * domain with selector, DKIM domain, SPF domain, sender, AS number. Of two equals the one for a
 * domain wins over one for all, then the newest. A rule labels; it changes no record and no number.
 *
 * Owner: the caller; nothing here is copied. Pure; threads: any.
 */
#ifndef ANALYSIS_USER_RULE_H
#define ANALYSIS_USER_RULE_H

#include "core/user_rule.h"

/*
 * Read the text a user wrote for kind ("198.51.100.0/24", "mail.example", "AS64500") into rule's
 * kind and its match members. DENIED with what was expected. rule->text borrows text, which must
 * be lower case.
 */
gboolean user_rule_parse(struct user_rule *rule, enum rule_kind kind, const char *text,
			 GError **error);

/* The rule in force for subject at now (Unix seconds), or NULL. */
const struct user_rule *user_rules_find(const struct user_rule *rules, gsize n_rules,
					const struct rule_subject *subject, gint64 now);

/* "ip", "cidr", ...; "mine", "mine-fix", "forwarder", "ignore", "spoof". */
const char *rule_kind_name(enum rule_kind kind);
const char *rule_class_name(enum rule_class class);

#endif
