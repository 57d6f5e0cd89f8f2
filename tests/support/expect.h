/* SPDX-License-Identifier: MIT */
/*
 * expect.h - what must and must not be in an answer or a page; the test fails with its beginning.
 */
#ifndef TESTS_SUPPORT_EXPECT_H
#define TESTS_SUPPORT_EXPECT_H

void expect_start(const char *answer, const char *start);
void expect_has(const char *answer, const char *part);
void expect_not(const char *answer, const char *part);

#endif
