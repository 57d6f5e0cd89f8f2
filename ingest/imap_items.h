/* SPDX-License-Identifier: MIT */
/*
 * imap_items.h - what a FETCH answer says of a mail: UID, size, flags, date, bytes (RFC 3501
 * §7.4.2).
 */
#ifndef INGEST_IMAP_ITEMS_H
#define INGEST_IMAP_ITEMS_H

#include "ingest/imap_line.h"
#include "ingest/imap_token.h"

/* From "(" to ")". Items that are not known are passed over. FALSE: it is not well formed. */
gboolean imap_items_read(struct imap_fetch *fetch, struct imap_cursor *cursor);

#endif
