/* SPDX-License-Identifier: MIT */
/*
 * prose.h - reports that were written for people: no part of the mail says what it is.
 *
 * Each reader looks at a whole mail in which nothing else was found and returns the report, or NULL
 * where it is none of its kind. What they return has a warning that names the form.
 */
#ifndef INGEST_PROSE_H
#define INGEST_PROSE_H

#include "core/document.h"
#include "ingest/mime.h"

/* "A message claiming to be from you has failed the published DMARC policy": Exim and relatives. */
struct document *failure_text_read(const struct mime_mail *mail);

/* Outlook.com's Junk Mail Reporting Program: the complaint is a subject and the mail itself. */
struct document *complaint_text_read(const struct mime_mail *mail);

/* Bounces without a delivery-status part. Recipients and codes in them are hints, not facts. */
struct document *bounce_text_read(const struct mime_mail *mail);

/* By its header alone: what it encloses is a mail that came back, not one that was sent on. */
gboolean bounce_text_is_likely(const struct mime_mail *mail);

#endif
