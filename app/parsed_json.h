/* SPDX-License-Identifier: MIT */
/*
 * parsed_json.h - what parsing one input gave, as JSON, for `dmarcd parse` and its golden tests.
 *
 * Owner: the caller has the reference. Absent texts are left out in the long form and null in the
 * summary.
 */
#ifndef APP_PARSED_JSON_H
#define APP_PARSED_JSON_H

#include <jansson.h>

#include "core/document.h"

/* Everything: outcome, reports with records and warnings, faults. */
json_t *parsed_to_json(const char *file, const struct parsed *parsed);

/* Outcome, reason, and one object of sums for each report. */
json_t *parsed_to_summary(const char *file, const struct parsed *parsed);

#endif
