/* SPDX-License-Identifier: MIT */
/*
 * shape_json.h - any noun that has a shape (core/shape.h) as JSON.
 */
#ifndef APP_SHAPE_JSON_H
#define APP_SHAPE_JSON_H

#include <jansson.h>

#include "core/shape.h"

/* Add every member that is there: what is absent or unknown is left out. */
void shape_to_json(json_t *object, const struct shape *shape, gconstpointer noun);

#endif
