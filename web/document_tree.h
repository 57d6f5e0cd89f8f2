/* SPDX-License-Identifier: MIT */
/*
 * document_tree.h - documents as JSON, along their shape: the same members under the same names
 * wherever they are shown.
 *
 * Members whose name ends in _at are instants, numbers that are not known are null. What people
 * wrote to each other (subject, header fields, addresses) is null for who may not see it; see
 * page_shows_samples().
 */
#ifndef WEB_DOCUMENT_TREE_H
#define WEB_DOCUMENT_TREE_H

#include <glib.h>
#include <jansson.h>

#include "store/query_documents.h"
#include "web/page.h"

/* Every member of a noun. New reference. */
json_t *document_tree_noun(const struct shape *shape, gconstpointer noun, gboolean shows_samples);

/* Is this a member that needs the right? */
gboolean document_tree_is_private(const char *member);

/*
 * id, day, received, reporter, domain, authenticated, auth_domain, is_revision, revision_of and all
 * members of its noun. New reference.
 */
json_t *document_tree(const struct query_document *document, gboolean shows_samples);

/* "yes, as host.example", "no", "not known": was the mail that carried a document authentic? */
char *document_tree_authenticated(enum authenticated authenticated, const char *auth_domain);

/* Say on the page that something is hidden, where that is so: recipient_data and for HTML _hidden.
 */
void document_tree_say_hidden(struct page *page);

/* {label, value} for each member that says something, labels by "member.NAME"; lists of items and
 * original_headers are left out. New reference. */
json_t *document_tree_pairs(const struct shape *shape, const json_t *noun);

/* The text of a value for a cell: numbers with separators, lists joined, "" for null. */
char *document_tree_cell(const json_t *value);

#endif
