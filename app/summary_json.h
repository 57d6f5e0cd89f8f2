/* SPDX-License-Identifier: MIT */
/*
 * summary_json.h - what matters of a document in one flat object, for `dmarcd parse --summary`.
 */
#ifndef APP_SUMMARY_JSON_H
#define APP_SUMMARY_JSON_H

#include <jansson.h>

#include "core/document.h"

/* Add the texts and sums of a document. */
void summary_to_json(json_t *object, const struct document *document);

#endif
