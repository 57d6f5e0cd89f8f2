/* SPDX-License-Identifier: MIT */
/* The fields of a feedback report; what follows a NUL is the header of the reported mail. */
#include <string.h>

#include "ingest/arf.h"
#include "tests/fuzz/check_document.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	const guint8 *nul = len > 0 ? memchr(bytes, 0, len) : NULL;
	gsize report_len = nul ? (gsize)(nul - bytes) : len;
	g_autoptr(fields_auto) head = fields_new();
	g_autoptr(fields_auto) original = nul ? fields_new() : NULL;
	g_autoptr(GByteArray) report = g_byte_array_new();
	g_autoptr(GError) error = NULL;

	parse_init();
	g_byte_array_append(report, bytes, (guint)report_len);
	if (nul)
		fields_read(original, nul + 1, len - report_len - 1);
	const struct mime_mail mail = { .head = head, .report = report, .original = original };
	g_autoptr(document_auto) document = arf_read(&mail, &error);
	g_assert_true((document != NULL) == (error == NULL));
	if (!document)
		return 0;
	check_document(document);
	g_assert_true(*document->feedback.feedback_type != '\0');
	g_assert_true(document->feedback.reported_domain->len <= FEEDBACK_LIST_MAX);
	g_assert_true(strlen(document->feedback.original_headers) <= FEEDBACK_HEADERS_MAX + 256);
	return 0;
}
