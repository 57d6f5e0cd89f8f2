/* SPDX-License-Identifier: MIT */
/*
 * reason.h - reasons of outcomes as codes and patterns, so that a thousand mails of one kind of
 * trouble are one line with a count.
 */
#ifndef STORE_REASON_H
#define STORE_REASON_H

#include <glib.h>

#include "core/document.h"

/* A pattern is no longer, in bytes. */
#define REASON_PATTERN_MAX 200

/* The reason with "#" for each number and "..." for what stands in quotes. Caller frees. */
char *reason_pattern(const char *reason);

/* The code of a mail that holds nothing to read: the note where it is a code, else FAULT_NO_REPORT.
 */
const char *reason_code_of_note(const char *note);

#endif
