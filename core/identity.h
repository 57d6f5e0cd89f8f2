/* SPDX-License-Identifier: MIT */
/*
 * identity.h - when are two reports the same report?
 *
 * The identity of an aggregate report is SHA-256 over length-prefixed, case-folded (reporter,
 * report-id without one pair of <>, policy domain, begin, end): reporters reuse ids on other days,
 * and two reporters may use the same id. Its content key is SHA-256 over everything that the report
 * and its records say, without provenance, raw bytes and warnings, since the same report is mailed
 * anew in another wrapping.
 *
 * The identity of a failure report, a complaint or a bounce is that of (kind, reporter, Message-ID
 * of the original, second of its arrival, source address, recipients). Where neither Message-ID nor
 * arrival is known, the Message-ID of the mail that carried it is in it as well, so that distinct
 * reports do not become one. That of a TLS report is (organisation, report-id, policy domain,
 * begin). Their content is every member of their shape.
 *
 * Equal identity and content: a duplicate. Equal identity, other content: a revision.
 */
#ifndef CORE_IDENTITY_H
#define CORE_IDENTITY_H

#include <glib.h>

#include "core/document.h"

#define KEY_LEN 32

struct identity {
	guint8 key[KEY_LEN];
	guint8 content[KEY_LEN];
};

struct identity identity_of(const struct document *document);

#endif
