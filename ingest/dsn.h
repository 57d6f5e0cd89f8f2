/* SPDX-License-Identifier: MIT */
/*
 * dsn.h - delivery status notifications (RFC 3464, RFC 6533).
 */
#ifndef INGEST_DSN_H
#define INGEST_DSN_H

#include "core/document.h"
#include "ingest/mime.h"

/*
 * The bounce in a mail whose returning part is message/delivery-status. Never NULL: what is missing
 * becomes a warning, since that a mail came back is certain.
 */
struct document *dsn_read(const struct mime_mail *mail, GError **error);

#endif
