/* SPDX-License-Identifier: MIT */
/* Mails that only people can read: a header, an empty line, text. */
#include "ingest/prose.h"
#include "tests/fuzz/check_document.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

static void
check(struct document *document)
{
	if (document)
		check_document(document);
	document_free(document);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(fields_auto) head = fields_new();
	g_autoptr(fields_auto) original = fields_new();
	g_autoptr(GByteArray) text = g_byte_array_new();
	char report_type[] = "";

	parse_init();
	gsize at = fields_read(head, bytes, len);
	g_assert_true(at <= len);
	fields_read(original, bytes + at, len - at);
	g_byte_array_append(text, bytes + at, (guint)(len - at));
	const struct mime_mail mail = {
		.head = head, .text = text, .original = original, .report_type = report_type
	};
	check(failure_text_read(&mail));
	check(complaint_text_read(&mail));
	check(bounce_text_read(&mail));
	return 0;
}
