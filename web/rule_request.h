/* SPDX-License-Identifier: MIT */
/*
 * rule_request.h - a change of rules from the fields of a form.
 *
 *   kind match domain class note expires   the rule that is added, see analysis/rule_words.h
 *   pick1 pick2 ...                        instead of kind, match and domain: sources that were
 *                                          ticked, "192.0.2.1 example.org"; a rule for each
 *   ends                                   the number of a rule that ends with it, or alone
 */
#ifndef WEB_RULE_REQUEST_H
#define WEB_RULE_REQUEST_H

#include <glib.h>
#include <jansson.h>

#include "store/rules.h"
#include "web/request.h"

struct rule_request {
	struct rule_change change;
	struct rule_draft drafts[RULES_AT_ONCE_MAX];
	GStringChunk *texts;
};

/* INVALID says which field makes no sense. On failure rule holds nothing. */
gboolean rule_request_read(struct rule_request *rule, const struct request *request,
			   GError **error);
void rule_request_clear(struct rule_request *rule);
typedef struct rule_request rule_request_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(rule_request_auto, rule_request_clear)

/* The fields as they came, to be sent again: name value. New reference. */
json_t *rule_request_fields(const struct request *request);

#endif
