/* SPDX-License-Identifier: MIT */
/*
 * lint.h - does this report make sense? Dates, sums, contradictions: warnings on the document.
 *
 * Adding a check: one function, one row in lint.c's table, its test.
 */
#ifndef CORE_LINT_H
#define CORE_LINT_H

#include <glib.h>

#include "core/document.h"

/* now: Unix seconds, to find periods that lie in the future. */
void lint_document(struct document *document, gint64 now);

#endif
