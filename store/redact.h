/* SPDX-License-Identifier: MIT */
/*
 * redact.h - take the recipients out of a document before it is stored.
 *
 * Whoever a message was meant for is a person, and not the one that a report is about. Each
 * recipient becomes a token, "rcpt-3f9a2c41@example.org": the same address has the same token in
 * one store, since it is made with the store's key. Recipients are found in the fields of the
 * report and in the header fields of the original that name them, and replaced wherever their
 * address, or its local part as a word, occurs in any text of the document.
 *
 * Local parts of fewer than REDACT_LOCAL_MIN characters and those that name a role (info,
 * postmaster) are replaced as part of an address alone: as words they stand for something else.
 *
 * Threads: one thread per redactor.
 */
#ifndef STORE_REDACT_H
#define STORE_REDACT_H

#include <glib.h>

#include "core/document.h"
#include "store/noun.h"

#define REDACT_KEY_LEN   32
#define REDACT_LOCAL_MIN 3

struct redactor;

/* Knows the recipients of document, of a kind with a shape. The key is copied. */
struct redactor *redactor_new(const guint8 key[REDACT_KEY_LEN], const struct document *document);
void redactor_free(struct redactor *redactor);
typedef struct redactor redactor_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(redactor_auto, redactor_free)

/* A text of the document without recipients; lives until the next call. */
const char *redactor_text(struct redactor *redactor, const char *text);

/* For noun_pack(): the texts of each member as it needs them. */
struct noun_mapper redactor_mapper(struct redactor *redactor);

#endif
