/* SPDX-License-Identifier: MIT */
/*
 * claim.h - does a part of a mail say that it is a report? By its type and name, not its bytes.
 *
 * What is no report and claims to be one is a fault; anything else that is none is passed over.
 */
#ifndef INGEST_CLAIM_H
#define INGEST_CLAIM_H

#include "ingest/mime.h"
#include "ingest/sniff.h"

/* Would its sender be surprised to hear that it is no report? */
gboolean claim_is_made(const struct mime_part *part);

/* Text for people: read only where a report stands in the mail itself, or an archive. */
gboolean claim_is_prose(const struct mime_part *part, enum sniff kind);

#endif
