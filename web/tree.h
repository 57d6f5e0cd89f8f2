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

#include "core/source.h"
#include "store/query.h"

void tree_text(json_t *object, const char *name, const char *text);

/* Takes text. */
void tree_take(json_t *object, const char *name, char *text);

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

/* first_seen and last_seen, and for HTML _first_seen and _last_seen, short, seen from near. */
void tree_seen(json_t *object, gint64 first_day, gint64 last_day, gint64 near);

/* A source as the lists show it; near is the store's last day. New reference. */
json_t *tree_source(const struct query_source *source, gint64 near);

#endif
