/* SPDX-License-Identifier: MIT */
/*
 * report_json.h - what parsing yielded, as JSON: whole, or as a summary with sums.
 */
#ifndef APP_REPORT_JSON_H
#define APP_REPORT_JSON_H

#include <jansson.h>

#include "core/document.h"

/* file, outcome, reason, and per report its header and sums over the records. */
json_t *report_json_summary(const char *file, const struct parsed *parsed);

/* The same header and all records, with authentication results and reasons. */
json_t *report_json_whole(const char *file, const struct parsed *parsed);

#endif
