/* SPDX-License-Identifier: MIT */
/*
 * arrival.h - what became of a mail, in words and as a tree, for Status and for uploads.
 */
#ifndef WEB_ARRIVAL_H
#define WEB_ARRIVAL_H

#include <jansson.h>

#include "store/query.h"

/* "duplicate, not counted" */
const char *arrival_outcome(enum outcome outcome);

/* Where documents of this kind have their list: "/failures". */
const char *arrival_path(enum document_kind kind);

/* struct query_part * as a list: part, kind, outcome, code, reason, id. New reference. */
json_t *arrival_parts(const GPtrArray *parts);

#endif
