/* SPDX-License-Identifier: MIT */
/*
 * arf.h - failure reports and complaints in the Abuse Reporting Format (RFC 5965, 6591, 9991).
 *
 * Fields are read in any order and case. What is odd becomes a warning: an unknown type, an address
 * that is none, more list entries than are kept. The text part for people is never believed.
 */
#ifndef INGEST_ARF_H
#define INGEST_ARF_H

#include "core/document.h"
#include "ingest/mime.h"

/* The report in a mail whose returning part is message/feedback-report. NULL and INVALID where the
 * part says nothing. */
struct document *arf_read(const struct mime_mail *mail, GError **error);

/* Take the address of a sender from text: comment, brackets and "IPv6:" go; odd ones warn. */
void arf_set_source(struct document *document, const char *text);

/* Take the date on which the reported message arrived, verbatim and as an instant. */
void arf_set_arrival(struct document *document, const char *text);

/* What stands in angle brackets, all of it where there are none; the caller frees. */
char *arf_bare_address(const char *text);

#endif
