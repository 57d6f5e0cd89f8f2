/* SPDX-License-Identifier: MIT */
/*
 * repair.h - mend XML that is not well-formed, as far as the counts stay certain.
 *
 * What lies outside <feedback> ... </feedback> is cut off, bytes that are not UTF-8 are read as
 * windows-1252, control characters dropped, an & that begins no entity is escaped. XML that ends
 * before </feedback> is refused: half a report looks true and is not.
 */
#ifndef INGEST_REPAIR_H
#define INGEST_REPAIR_H

#include <glib.h>

/* A new array, or NULL and INVALID. */
GByteArray *repair_xml(const GByteArray *bytes, GError **error);

#endif
