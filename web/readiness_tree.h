/* SPDX-License-Identifier: MIT */
/*
 * readiness_tree.h - a readiness case (web/readiness.h) in the tree of its page, part by part.
 */
#ifndef WEB_READINESS_TREE_H
#define WEB_READINESS_TREE_H

#include <glib.h>
#include <jansson.h>

#include "web/filter.h"
#include "web/page.h"
#include "web/readiness.h"

/* So many large sources to review are named. */
#define READINESS_REVIEWS_MAX 5

/* domain, verdict, answer, reasons, and the numbers behind them. */
void readiness_tree_heading(const struct readiness_case *c, gboolean is_what_if, struct page *page);

/* checks: check, state ("met", "unmet", null = not known). */
void readiness_tree_checks(const struct readiness_case *c, struct page *page);

/* data: the senders that would lose mail, most first. */
void readiness_tree_senders(const struct readiness_case *c, const struct filter *filter,
			    struct page *page);

/* outcome: by class, what receivers are asked to do now and would be. */
void readiness_tree_outcome(const struct readiness_case *c, struct page *page);

/* step, next_step, next_tags, record. */
void readiness_tree_steps(const struct readiness_case *c, struct page *page);

/* The tags of a policy, null = absent. New reference. */
json_t *readiness_tree_policy(const struct simulate_policy *policy);

/* The form of what-ifs, for HTML. */
void readiness_tree_form(struct page *page);

#endif
