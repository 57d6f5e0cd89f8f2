/* SPDX-License-Identifier: MIT */
/*
 * sentence.h - whether a line of a judgement can be said: its key is in the table of words, and
 * each place of its sentence has a number.
 */
#ifndef TESTS_SUPPORT_SENTENCE_H
#define TESTS_SUPPORT_SENTENCE_H

#include "analysis/why.h"

/* filled: the place that the page fills, or NULL. */
void expect_sentence(const struct why_line *line, const char *filled);

#endif
