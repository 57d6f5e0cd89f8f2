/* SPDX-License-Identifier: MIT */
/*
 * original.h - what is kept of the mail that a report returns: its header fields, never its body.
 */
#ifndef INGEST_ORIGINAL_H
#define INGEST_ORIGINAL_H

#include "core/document.h"
#include "ingest/fields.h"

/* Fill the original_* members of a failure report or complaint. original may be NULL. */
void original_to_feedback(struct document *document, const struct fields *original);

/* The same for a bounce. */
void original_to_bounce(struct document *document, const struct fields *original);

#endif
