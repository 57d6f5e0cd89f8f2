/* SPDX-License-Identifier: MIT */
/*
 * tlsrpt_json.h - SMTP TLS reports (RFC 8460 section 4.4).
 *
 * Every member may be missing; mx-host may be a text or a list. Numbers that are none are unknown,
 * with a warning. JSON that is not well-formed is read once more with bad UTF-8 replaced.
 *
 * Threads: any number at once.
 */
#ifndef INGEST_TLSRPT_JSON_H
#define INGEST_TLSRPT_JSON_H

#include "core/document.h"
#include "ingest/parse.h"

/*
 * INVALID: not JSON, or JSON of another kind. LIMIT: max_tls_policies, max_tls_failures. The
 * caller has seen to max_json_bytes.
 */
struct document *tlsrpt_json_read(const guint8 *bytes, gsize len, const struct parse_limits *limits,
				  GError **error);

#endif
