/* SPDX-License-Identifier: MIT */
/*
 * members.h - members of the JSON that a page answers. A test fails where one is missing that it
 * asks for.
 */
#ifndef TESTS_SUPPORT_MEMBERS_H
#define TESTS_SUPPORT_MEMBERS_H

#include <glib.h>
#include <jansson.h>

/* The integer that the member is; anything else fails the test. */
gint64 number_of(const json_t *object, const char *name);

/* The text, or NULL where the member is none, or is not there. */
const char *text_of(const json_t *object, const char *name);

/* The element of a list whose member name is this text. Owner: the list. */
json_t *row_of(const json_t *list, const char *name, const char *value);

#endif
