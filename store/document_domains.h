/* SPDX-License-Identifier: MIT */
/*
 * document_domains.h - which domains and which day a document is about, whatever its kind.
 */
#ifndef STORE_DOCUMENT_DOMAINS_H
#define STORE_DOCUMENT_DOMAINS_H

#include <glib.h>

#include "core/document.h"

/* Domains of one document that it can be found by, those above them included. */
#define DOCUMENT_DOMAINS_MAX 64

/*
 * char *, folded, without repetition: the domains that a document of a kind with a shape is about,
 * the first one first, then those above them down to two labels. Empty where none is named. Caller
 * frees.
 */
GPtrArray *document_domains(const struct document *document);

/* The UTC day that it counts on: of what it tells, where that can be true, else of received_at. */
gint64 document_day(const struct document *document, gint64 received_at);

#endif
