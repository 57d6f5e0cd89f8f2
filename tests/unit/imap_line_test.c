/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "ingest/imap_line.h"

#define LITERAL_BYTES 100

static void
add(struct imap_reader *reader, const char *text)
{
	imap_reader_add(reader, (const guint8 *)text, strlen(text));
}

static struct imap_reader *
reader_of(const char *text)
{
	struct imap_reader *reader = imap_reader_new(LITERAL_BYTES);

	add(reader, text);
	return reader;
}

static const struct imap_response *
next(struct imap_reader *reader)
{
	const struct imap_response *response;

	assert_int_equal(imap_reader_next(reader, &response, NULL), IMAP_RESPONSE);
	return response;
}

static void
expect_failure(const char *text, enum dmarcd_error code, const char *part)
{
	g_autoptr(imap_reader_auto) reader = reader_of(text);
	g_autoptr(GError) error = NULL;
	const struct imap_response *response;

	assert_int_equal(imap_reader_next(reader, &response, &error), IMAP_FAILED);
	assert_true(g_error_matches(error, DMARCD_ERROR, (gint)code));
	assert_non_null(strstr(error->message, part));
}

static void
reads_tagged_results_with_their_codes(void **state)
{
	g_autoptr(imap_reader_auto) reader = reader_of("a1 OK [READ-ONLY] done\r\n"
						       "a2 no [TryCreate] no such mailbox\r\n"
						       "* OK [UIDVALIDITY 3857529045] ok\r\n");
	const struct imap_response *response = next(reader);

	(void)state;
	assert_int_equal(response->kind, IMAP_OK);
	assert_string_equal(response->tag->str, "a1");
	assert_string_equal(response->code->str, "READ-ONLY");
	assert_string_equal(response->text->str, "done");
	response = next(reader);
	assert_int_equal(response->kind, IMAP_NO);
	assert_string_equal(response->code->str, "TRYCREATE");
	response = next(reader);
	assert_string_equal(response->tag->str, "");
	assert_int_equal(response->code_number, 3857529045U);
	assert_int_equal(imap_reader_next(reader, &response, NULL), IMAP_MORE);
}

static void
reads_a_mail_byte_by_byte(void **state)
{
	static const char text[] = "* 12 FETCH (FLAGS (\\Seen \\Flagged) UID 812 BODY[]<64> {7}\r\n"
				   "a)\r\n\"{9 RFC822.SIZE 4711)\r\n";
	g_autoptr(imap_reader_auto) reader = imap_reader_new(LITERAL_BYTES);
	const struct imap_response *response;

	(void)state;
	for (gsize i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(imap_reader_next(reader, &response, NULL), IMAP_MORE);
		imap_reader_add(reader, (const guint8 *)text + i, 1);
	}
	response = next(reader);
	assert_int_equal(response->kind, IMAP_FETCH);
	assert_int_equal(response->number, 12);
	assert_int_equal(response->fetch.uid, 812);
	assert_int_equal(response->fetch.flags, IMAP_FLAG_SEEN | IMAP_FLAG_FLAGGED);
	assert_int_equal(response->fetch.offset, 64);
	assert_int_equal(response->fetch.size, 4711);
	assert_int_equal(response->fetch.body->len, 7);
	assert_memory_equal(response->fetch.body->str, "a)\r\n\"{9", 7);
}

static void
reads_every_form_of_a_body(void **state)
{
	g_autoptr(imap_reader_auto) reader = reader_of(
		"* 1 FETCH (BODY[] \"a \\\"b\\\\\")\r\n"
		"* 1 FETCH (BODY[] NIL UID 3)\r\n"
		"* 1 FETCH (BODY[] {2+}\r\nab BODY[HEADER.FIELDS (DATE)] {1}\r\nx UID 4)\r\n"
		"* 1 FETCH (BODY[] ~{3}\r\na\nb)\r\n");

	(void)state;
	assert_string_equal(next(reader)->fetch.body->str, "a \"b\\");
	const struct imap_fetch *fetch = &next(reader)->fetch;
	assert_true(fetch->has_body);
	assert_int_equal(fetch->body->len, 0);
	assert_int_equal(fetch->uid, 3);
	fetch = &next(reader)->fetch;
	assert_string_equal(fetch->body->str, "ab");
	assert_int_equal(fetch->uid, 4);
	assert_string_equal(next(reader)->fetch.body->str, "a\nb");
}

static void
reads_when_a_mail_arrived(void **state)
{
	g_autoptr(imap_reader_auto) reader =
		reader_of("* 1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\r\n"
			  "* 1 FETCH (INTERNALDATE \" 7-Jul-1996 09:44:25 +0000\")\r\n"
			  "* 1 FETCH (INTERNALDATE \"yesterday\" UID 5)\r\n");

	(void)state;
	assert_int_equal(next(reader)->fetch.arrived_at, 837596665);
	assert_int_equal(next(reader)->fetch.arrived_at, 836732665);
	assert_int_equal(next(reader)->fetch.arrived_at, 0);
}

static void
skips_what_it_does_not_know(void **state)
{
	g_autoptr(imap_reader_auto) reader =
		reader_of("* 1 FETCH (ENVELOPE (\"a\" (NIL (\"b)\" {2}\r\n(())) X-NEW 5 UID 9)\r\n"
			  "* SEARCH 1 2 3\r\n* VANISHED (EARLIER) 1:5\r\n* 3 RECENT\r\n");

	(void)state;
	assert_int_equal(next(reader)->fetch.uid, 9);
	for (guint i = 0; i < 3; i++)
		assert_int_equal(next(reader)->kind, IMAP_OTHER);
}

static void
reads_lists_of_mailboxes(void **state)
{
	g_autoptr(imap_reader_auto) reader =
		reader_of("* LIST (\\HasNoChildren) \"/\" \"Reports/&AOQ-\"\r\n"
			  "* LIST (\\Noselect \\Marked) \"\\\\\" Top\r\n"
			  "* LIST () NIL {6}\r\na b\"c)\r\n");
	const struct imap_response *response = next(reader);

	(void)state;
	assert_int_equal(response->kind, IMAP_LIST);
	assert_string_equal(response->name->str, "Reports/&AOQ-");
	assert_int_equal(response->delimiter, '/');
	assert_true(response->is_selectable);
	response = next(reader);
	assert_false(response->is_selectable);
	assert_int_equal(response->delimiter, '\\');
	response = next(reader);
	assert_string_equal(response->name->str, "a b\"c)");
	assert_int_equal(response->delimiter, 0);
}

static void
text_for_people_announces_no_literal(void **state)
{
	g_autoptr(imap_reader_auto) reader = reader_of("* OK welcome {5}\r\n+ go {9}\r\n"
						       "a1 BAD what is {3}\r\n* 3 EXISTS\r\n");

	(void)state;
	assert_int_equal(next(reader)->kind, IMAP_OK);
	assert_int_equal(next(reader)->kind, IMAP_CONTINUE);
	assert_int_equal(next(reader)->kind, IMAP_BAD);
	assert_int_equal(next(reader)->number, 3);
}

static void
refuses_what_is_too_large_by_the_name_of_the_limit(void **state)
{
	g_autofree char *line = g_strnfill(IMAP_LINE_BYTES_MAX + 1, 'a');

	(void)state;
	expect_failure("* 1 FETCH (BODY[] {2147483648}\r\n", DMARCD_ERROR_LIMIT,
		       "imap_literal_bytes");
	expect_failure("* 1 FETCH (BODY[] {99999999999999999999999}\r\n", DMARCD_ERROR_LIMIT,
		       "imap_literal_bytes");
	/* Sixty and sixty: each may be, both may not. */
	g_autofree char *half = g_strnfill(60, 'x');
	g_autofree char *two = g_strdup_printf("* X {60}\r\n%s {60}\r\n", half);
	expect_failure(two, DMARCD_ERROR_LIMIT, "imap_literal_bytes");
	expect_failure(line, DMARCD_ERROR_LIMIT, "imap_line_bytes");
}

static void
bounds_the_number_of_literals(void **state)
{
	g_autoptr(GString) text = g_string_new("* X");

	(void)state;
	for (guint i = 0; i <= IMAP_LITERALS_MAX; i++)
		g_string_append(text, " {0}\r\n");
	expect_failure(text->str, DMARCD_ERROR_LIMIT, "imap_literals");
}

static void
refuses_what_is_not_imap(void **state)
{
	static const char *const bad[] = {
		"HTTP/1.1 400 Bad Request\r\n",
		"\r\n",
		"a1\r\n",
		"* 1 FETCH UID 3\r\n",
		"* 1 FETCH (UID 0)\r\n",
		"* 1 FETCH (UID 99999999999)\r\n",
		"* 1 FETCH (UID 3\r\n",
		"* 1 FETCH (BODY[ 3)\r\n",
		"* 1 FETCH (BODY[] \"abc)\r\n",
		"* LIST \"/\" INBOX\r\n",
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		expect_failure(bad[i], DMARCD_ERROR_INVALID, ": \"");
}

static void
does_not_nest_for_ever(void **state)
{
	g_autofree char *open = g_strnfill(100000, '(');
	g_autofree char *line = g_strdup_printf("* 1 FETCH (X %s)\r\n", open);

	(void)state;
	expect_failure(line, DMARCD_ERROR_INVALID, "not well formed");
}

static void
names_of_mailboxes_go_both_ways(void **state)
{
	static const struct {
		const char *utf8;
		const char *name;
	} pairs[] = {
		{ "INBOX", "INBOX" },
		{ "Tom & Jerry", "Tom &- Jerry" },
		{ "Entwürfe", "Entw&APw-rfe" },
		{ "~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
		{ "\xf0\x9f\x93\xac", "&2D3c7A-" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_autofree char *name = imap_name_encode(pairs[i].utf8);
		g_autofree char *utf8 = imap_name_decode(pairs[i].name);
		assert_string_equal(name, pairs[i].name);
		assert_string_equal(utf8, pairs[i].utf8);
	}
	g_autofree char *open = imap_name_decode("a&b");
	assert_string_equal(open, "a&b");
}

static void
a_name_cannot_break_out_of_its_quotes(void **state)
{
	g_autofree char *quoted = imap_quote("a\"b\\c");

	(void)state;
	assert_string_equal(quoted, "\"a\\\"b\\\\c\"");
	assert_null(imap_quote("INBOX\r\nA1 DELETE x"));
	assert_null(imap_quote("\xc3\xa4"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_tagged_results_with_their_codes),
		cmocka_unit_test(reads_a_mail_byte_by_byte),
		cmocka_unit_test(reads_every_form_of_a_body),
		cmocka_unit_test(reads_when_a_mail_arrived),
		cmocka_unit_test(skips_what_it_does_not_know),
		cmocka_unit_test(reads_lists_of_mailboxes),
		cmocka_unit_test(text_for_people_announces_no_literal),
		cmocka_unit_test(refuses_what_is_too_large_by_the_name_of_the_limit),
		cmocka_unit_test(bounds_the_number_of_literals),
		cmocka_unit_test(refuses_what_is_not_imap),
		cmocka_unit_test(does_not_nest_for_ever),
		cmocka_unit_test(names_of_mailboxes_go_both_ways),
		cmocka_unit_test(a_name_cannot_break_out_of_its_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
