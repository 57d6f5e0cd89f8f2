/* SPDX-License-Identifier: MIT */
/* The blocks of a delivery status. */
#include "ingest/dsn.h"
#include "tests/fuzz/check_document.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(fields_auto) head = fields_new();
	g_autoptr(GByteArray) report = g_byte_array_new();

	parse_init();
	g_byte_array_append(report, bytes, (guint)len);
	const struct mime_mail mail = { .head = head, .report = report };
	g_autoptr(document_auto) document = dsn_read(&mail, NULL);
	check_document(document);
	g_assert_true(document->bounce.recipients->len <= BOUNCE_RECIPIENTS_MAX);
	return 0;
}
