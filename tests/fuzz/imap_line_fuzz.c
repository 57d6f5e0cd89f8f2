/* SPDX-License-Identifier: MIT */
/* Answers of a hostile IMAP server, in one piece and in pieces: the same, bounded, and no crash. */
#include <string.h>

#include "ingest/imap_line.h"

#define LITERAL_BYTES 4096

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

/* Everything that was understood, as one sum. */
static guint64
read_all(const guint8 *bytes, gsize len, gsize piece)
{
	g_autoptr(imap_reader_auto) reader = imap_reader_new(LITERAL_BYTES);
	const struct imap_response *response;
	guint64 sum = 0;

	for (gsize at = 0; at < len; at += piece) {
		enum imap_step step;
		imap_reader_add(reader, bytes + at, MIN(piece, len - at));
		while ((step = imap_reader_next(reader, &response, NULL)) == IMAP_RESPONSE) {
			g_assert_true(response->fetch.body->len <= LITERAL_BYTES ||
				      response->fetch.body->len <= IMAP_LINE_BYTES_MAX);
			g_assert_true(g_utf8_validate(response->text->str, -1, NULL));
			g_autofree char *name = imap_name_decode(response->name->str);
			g_autofree char *again = imap_name_encode(name);
			g_assert_true(g_utf8_validate(name, -1, NULL));
			g_assert_nonnull(again);
			sum = sum * 31 + (guint64)response->kind + response->fetch.uid +
			      response->fetch.body->len + response->tag->len + response->name->len;
		}
		if (step == IMAP_FAILED)
			return sum * 31 + 1;
	}
	return sum;
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	guint64 whole = read_all(bytes, len, MAX(len, 1));

	g_assert_true(read_all(bytes, len, 7) == whole);
	return 0;
}
