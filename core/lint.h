/* SPDX-License-Identifier: MIT */
/*
 * lint.h - does this report make sense? Periods, sums, contradictions, what is missing.
 *
 * Odd but countable: a warning on the document, shown per reporter. Not countable, since it does
 * not say for which domain or when: an error, and the report is refused.
 */
#ifndef CORE_LINT_H
#define CORE_LINT_H

#include <glib.h>

#include "core/document.h"

/* begin_at or end_at of a report that does not say; lint_report() leaves none behind. */
#define LINT_NO_INSTANT G_MININT64

/*
 * Judge a report that was just read; now: Unix seconds. Where one end of the period is missing, the
 * other takes its place. FALSE with INVALID: the report is not to be used.
 */
gboolean lint_report(struct document *document, gint64 now, GError **error);

#endif
