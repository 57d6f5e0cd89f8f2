/* SPDX-License-Identifier: MIT */
/*
 * tree.h - put values of ours into a page's tree under its conventions (page.h).
 *
 * What is unknown becomes null: a NULL or empty text, an instant of 0.
 */
#ifndef WEB_TREE_H
#define WEB_TREE_H

#include <glib.h>
#include <jansson.h>

#include "core/report.h"
#include "core/source.h"
#include "store/query.h"

void tree_text(json_t *object, const char *name, const char *text);

/* Takes text. */
void tree_take(json_t *object, const char *name, char *text);

/*
 * _any, for the class of that name: text has no place to break within 40 characters, so that it may
 * be broken anywhere.
 */
void tree_long(json_t *object, const char *text);

/* path and a name, escaped, for a link: "/domains/example.org". Caller frees. */
char *tree_address(const char *path, const char *tail);

void tree_count(json_t *object, const char *name, gint64 n);
void tree_flag(json_t *object, const char *name, gboolean is_so);
void tree_day(json_t *object, const char *name, gint64 day);
void tree_instant(json_t *object, const char *name, gint64 at);

/* "a;b;c" becomes a list of texts. */
void tree_list(json_t *object, const char *name, const char *joined);

/*
 * messages pass fail dkim_pass spf_pass quarantined rejected delivered, and for HTML _stopped
 * (quarantined and rejected), _pass, _spf and _dkim (shares in words).
 */
void tree_totals(json_t *object, const struct totals *totals);

/* class ("fix", null where it was not judged), for HTML _class ("none" then) and _class_name. */
void tree_class(json_t *object, enum class class);

/* "Yours, fix needed" */
const char *tree_class_name(enum class class);

/* rule, the number of the rule that decided the class: "R8", "R0" for a user's; null =
 * not judged. */
void tree_rule(json_t *object, enum class class, guint8 rule);

/*
 * score, null where a rule decided (or would without the user's) that asks for none; user_rule, the
 * number of the user's rule that decided, null = none; ignored, by that rule.
 */
void tree_score(json_t *object, const struct verdict *verdict);

/*
 * disposition, the word a report had ("none", "quarantine", ...; null = missing), and for HTML _did
 * in words of ours. name: the word where disposition is OTHER; NULL elsewhere.
 */
void tree_disposition(json_t *object, enum disposition disposition, const char *name);

/* name: "pass", "fail", or null where it was not reported. */
void tree_aligned(json_t *object, const char *name, enum aligned aligned);

/* first_seen and last_seen, and for HTML _first_seen and _last_seen, short, seen from near. */
void tree_seen(json_t *object, gint64 first_day, gint64 last_day, gint64 near);

/* Sources that belong together: class, addresses, totals. */
struct query_group;
void tree_group(json_t *object, const struct query_group *group);

/* asn, as_name, country, null where not known. */
void tree_place(json_t *object, const struct source_place *place);

/* "AS64500, Example Net, DE", without what is not known. Caller frees. */
char *tree_place_line(const struct source_place *place);

/* A source as the lists show it; near is the store's last day. New reference. */
json_t *tree_source(const struct query_source *source, gint64 near);

/* What a report says of itself, as list and page show it, into object. */
void tree_report(json_t *object, const struct query_report *report);

/*
 * A domain as the lists show it: its totals, own_messages and own_pass (classes authorized and
 * fix), sources by class. New reference.
 */
json_t *tree_domain(const struct query_domain *domain);

/* What is yours: classes authorized and fix together. by_class is indexed by enum class. */
struct totals tree_own(const struct totals *by_class);

#endif
