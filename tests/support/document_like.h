/* SPDX-License-Identifier: MIT */
/*
 * document_like.h - documents of any kind at random, and whether two are the same in all they say.
 */
#ifndef TESTS_SUPPORT_DOCUMENT_LIKE_H
#define TESTS_SUPPORT_DOCUMENT_LIKE_H

#include "core/document.h"

/* The document of this number: of each kind in turn, every member filled, warnings, a carrier. */
struct document *document_at_random(guint32 number);

/* NULL, or the name of the first thing that differs. */
const char *document_difference(struct document *a, struct document *b);

#endif
