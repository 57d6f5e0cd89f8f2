/* SPDX-License-Identifier: MIT */
/*
 * dmarc_build.h - build an aggregate report out of the elements of dmarc_fields, in any order.
 *
 * The XML reader says which element begins, its text, and where it ends; the builder knows what
 * that means. It lives as long as its thread and is used for one document after the other.
 *
 * Owner: the caller. Threads: one.
 */
#ifndef INGEST_DMARC_BUILD_H
#define INGEST_DMARC_BUILD_H

#include <glib.h>

#include "core/document.h"
#include "ingest/dmarc_fields.h"
#include "ingest/parse.h"

/* Results or reasons kept of one record (RFC 9990 section 3.1.3 allows 100 DKIM signatures). */
#define RECORD_ITEMS_MAX 100

struct builder;

struct builder *builder_new(void);
void builder_free(struct builder *builder);

/* Begin document. Its begin_at and end_at stay LINT_NO_INSTANT where the report says nothing. */
void builder_start(struct builder *builder, struct document *document,
		   const struct parse_limits *limits);

void builder_enter(struct builder *builder, const struct field_row *row);

/* Text of the innermost element; comes in pieces. */
void builder_text(struct builder *builder, const char *bytes, gsize len);

/* LIMIT: max_records. */
gboolean builder_leave(struct builder *builder, const struct field_row *row, GError **error);

/* Give the document its warnings; the builder forgets it. */
void builder_finish(struct builder *builder);

#endif
