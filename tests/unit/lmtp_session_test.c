/* SPDX-License-Identifier: MIT */
/* Conversations with the LMTP session: what is said, and what has to be answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/lmtp_session.h"

#define HELLO "LHLO client\r\nMAIL FROM:<>\r\nRCPT TO:<dmarc@shop.example>\r\n"

static const char *const patterns[] = { "dmarc@*.example", NULL };
static const struct lmtp_options options = {
	.limits = { .mail_bytes = 1000, .recipients = 2, .commands = 5 },
	.host_name = "collector.example",
	.recipients = patterns,
};

static enum lmtp_step
say(struct lmtp_session *session, const char *text)
{
	g_string_truncate(lmtp_session_output(session), 0);
	return lmtp_session_add(session, (const guint8 *)text, strlen(text));
}

static void
expect_answer(struct lmtp_session *session, const char *wanted)
{
	const char *said = lmtp_session_output(session)->str;

	if (!g_str_has_prefix(said, wanted))
		fail_msg("wanted %s, it said %s", wanted, said);
}

static void
expect_mail(struct lmtp_session *session, const char *wanted)
{
	g_autoptr(GBytes) mail = lmtp_session_take_mail(session);

	assert_int_equal(g_bytes_get_size(mail), strlen(wanted));
	assert_memory_equal(g_bytes_get_data(mail, NULL), wanted, strlen(wanted));
}

static void
a_mail_is_answered_for_each_recipient(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);

	(void)state;
	expect_answer(session, "220 collector.example LMTP");
	assert_int_equal(say(session, HELLO "RCPT TO:<DMARC@other.example>\r\n"
					    "DATA\r\nSubject: a\r\n\r\n..b\r\n.\r\n"),
			 LMTP_MAIL);
	expect_mail(session, "Subject: a\r\n\r\n.b\r\n");
	g_string_truncate(lmtp_session_output(session), 0);
	assert_int_equal(lmtp_session_answer(session, LMTP_ACCEPTED, ""), LMTP_MORE);
	assert_string_equal(lmtp_session_output(session)->str,
			    "250 2.0.0 stored\r\n250 2.0.0 stored\r\n");
}

static void
the_same_byte_by_byte(void **state)
{
	static const char all[] = HELLO "DATA\r\nx\r\n.\r\r\n..\r\n\r\n.\r\nQUIT\r\n";
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);
	guint n_mails = 0;
	enum lmtp_step step = LMTP_MORE;

	(void)state;
	for (gsize i = 0; i < strlen(all); i++) {
		step = lmtp_session_add(session, (const guint8 *)all + i, 1);
		if (step != LMTP_MAIL)
			continue;
		n_mails++;
		expect_mail(session, "x\r\n\r\r\n.\r\n\r\n");
		step = lmtp_session_answer(session, LMTP_TRY_LATER, "the disk is full");
	}
	assert_int_equal(n_mails, 1);
	assert_int_equal(step, LMTP_QUIT);
	assert_non_null(strstr(lmtp_session_output(session)->str,
			       "451 4.3.0 the disk is full; try again later\r\n221 "));
}

static void
a_bare_line_feed_ends_nothing(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);

	(void)state;
	assert_int_equal(say(session, HELLO "DATA\r\na\n.\nMAIL FROM:<evil@x.example>\n\r.\r\n.\n"),
			 LMTP_MORE);
	assert_int_equal(say(session, "\r\n.\r\n"), LMTP_MAIL);
	expect_mail(session, "a\n.\nMAIL FROM:<evil@x.example>\n\r.\r\n\n\r\n");
}

static void
commands_out_of_order_are_refused(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);

	(void)state;
	say(session, "MAIL FROM:<a@b.example>\r\n");
	expect_answer(session, "503 ");
	say(session, "EHLO x\r\n");
	expect_answer(session, "500 ");
	say(session, "LHLO x\r\nDATA\r\n");
	expect_answer(session, "250-");
	assert_non_null(strstr(lmtp_session_output(session)->str, "\r\n503 "));
	say(session, "NOOP\nQUIT\r\n");
	expect_answer(session, "500 5.5.2 lines end in CRLF");
}

static void
other_recipients_are_refused(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);

	(void)state;
	say(session, "LHLO x\r\nMAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\n");
	say(session, "RCPT TO:<info@shop.example>\r\n");
	expect_answer(session, "550 5.1.1");
	say(session, "RCPT TO:<dmarc@a.example>\r\nRCPT TO:<dmarc@b.example>\r\n"
		     "RCPT TO:<dmarc@c.example>\r\n");
	assert_non_null(strstr(lmtp_session_output(session)->str,
			       "452 4.5.3 recipients are over max_recipients (2)"));
}

static void
what_is_too_big_is_refused_and_the_next_mail_read(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);
	g_autofree char *long_text = g_strnfill(1500, 'x');
	g_autofree char *data = g_strdup_printf("DATA\r\n%s\r\n.\r\n", long_text);

	(void)state;
	say(session, "LHLO x\r\nMAIL FROM:<> SIZE=1001\r\n");
	assert_non_null(strstr(lmtp_session_output(session)->str,
			       "552 5.3.4 mail is over max_mail_bytes (1000)"));
	say(session, "MAIL FROM:<>\r\nRCPT TO:<dmarc@a.example>\r\n");
	assert_int_equal(say(session, data), LMTP_MORE);
	expect_answer(session, "354 ");
	assert_non_null(strstr(lmtp_session_output(session)->str, "\r\n552 5.3.4"));
	assert_int_equal(say(session, "MAIL FROM:<>\r\nRCPT TO:<dmarc@a.example>\r\nDATA\r\n.\r\n"),
			 LMTP_MAIL);
	expect_mail(session, "");
}

static void
one_who_only_talks_is_shown_the_door(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(say(session, "NOOP\r\n"), LMTP_MORE);
	assert_int_equal(say(session, "NOOP\r\n"), LMTP_QUIT);
	assert_non_null(strstr(lmtp_session_output(session)->str, "421 4.7.0"));
}

static void
a_line_without_end_stays_small(void **state)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);
	g_autofree char *long_text = g_strnfill(100000, 'x');

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(say(session, long_text), LMTP_MORE);
	say(session, "\r\n");
	expect_answer(session, "500 5.5.2 line too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_answered_for_each_recipient),
		cmocka_unit_test(the_same_byte_by_byte),
		cmocka_unit_test(a_bare_line_feed_ends_nothing),
		cmocka_unit_test(commands_out_of_order_are_refused),
		cmocka_unit_test(other_recipients_are_refused),
		cmocka_unit_test(what_is_too_big_is_refused_and_the_next_mail_read),
		cmocka_unit_test(one_who_only_talks_is_shown_the_door),
		cmocka_unit_test(a_line_without_end_stays_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
