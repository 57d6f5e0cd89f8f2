/* SPDX-License-Identifier: MIT */
/*
 * report_json.h - an aggregate report as JSON.
 */
#ifndef APP_REPORT_JSON_H
#define APP_REPORT_JSON_H

#include <jansson.h>

#include "core/report.h"

/* Add what its header says; absent texts are null where that is wanted, else left out. */
void report_header_to_json(json_t *object, const struct report *report, gboolean want_null);

/* All of its records. Owner: the caller. */
json_t *report_records_to_json(const struct report *report);

#endif
