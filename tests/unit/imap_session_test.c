/* SPDX-License-Identifier: MIT */
/* The conversations of tests/talk, each with what the session makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "tests/support/imap_talk.h"

#define MAIL_BYTES 5000

struct room {
	struct talk *talk;
	struct imap_session *session;
};

static struct room
enter_with(const char *name, gsize chunk_bytes, gsize mail_bytes)
{
	struct room room = { .talk = talk_load(name) };
	const struct imap_session_options options = {
		.io = talk_io(room.talk),
		.chunk_bytes = chunk_bytes,
		.mail_bytes = mail_bytes,
	};

	room.session = imap_session_open(&options, NULL);
	assert_non_null(room.session);
	return room;
}

static struct room
enter(const char *name, gsize chunk_bytes)
{
	return enter_with(name, chunk_bytes, MAIL_BYTES);
}

static void
leave(struct room *room)
{
	imap_session_close(room->session);
	talk_end(room->talk);
}

/* The mail with UID 5, which must come as this text; NULL: it is gone. */
static void
expect_mail(struct room *room, guint64 size, const char *text)
{
	const struct imap_mail mail = { .uid = 5, .size = size };
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(imap_session_fetch(room->session, &mail, &bytes, &error));
	assert_null(error);
	if (!text) {
		assert_null(bytes);
		return;
	}
	assert_non_null(bytes);
	assert_int_equal(g_bytes_get_size(bytes), strlen(text));
	assert_memory_equal(g_bytes_get_data(bytes, NULL), text, strlen(text));
}

static void
expect_no_mail(struct room *room, enum dmarcd_error code, const char *part)
{
	const struct imap_mail mail = { .uid = 5, .size = 50 };
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) error = NULL;

	assert_false(imap_session_fetch(room->session, &mail, &bytes, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, (gint)code));
	assert_non_null(strstr(error->message, part));
}

static GArray *
scan(struct room *room, guint max)
{
	GArray *mails = g_array_new(FALSE, FALSE, sizeof(struct imap_mail));

	assert_true(imap_session_scan(room->session, max, mails, NULL));
	return mails;
}

static const struct imap_mail *
mail_at(const GArray *mails, guint i)
{
	return &g_array_index(mails, struct imap_mail, i);
}

static void
looks_through_a_mailbox_while_others_remove_mail(void **state)
{
	struct room room = enter("select", 0);
	guint32 uidvalidity;

	(void)state;
	assert_true(imap_session_select(room.session, "INBOX", TRUE, &uidvalidity, NULL));
	assert_int_equal(uidvalidity, 1700000001);
	g_autoptr(GArray) first = scan(&room, 2);
	assert_int_equal(first->len, 2);
	assert_int_equal(mail_at(first, 0)->uid, 4);
	assert_int_equal(mail_at(first, 0)->flags, IMAP_FLAG_SEEN);
	assert_int_equal(mail_at(first, 1)->uid, 7);
	assert_int_equal(mail_at(first, 1)->arrived_at, 837596665);
	assert_true(imap_session_keep_alive(room.session, NULL));
	g_autoptr(GArray) second = scan(&room, 2);
	assert_int_equal(second->len, 1);
	assert_int_equal(mail_at(second, 0)->uid, 9);
	assert_false(imap_session_has_more(room.session));
	leave(&room);
}

static void
takes_lists_that_end_in_a_space(void **state)
{
	struct room room = enter("surgemail", 0);
	guint32 uidvalidity;

	(void)state;
	assert_true(imap_session_select(room.session, "INBOX", TRUE, &uidvalidity, NULL));
	assert_int_equal(uidvalidity, 1700000002);
	g_autoptr(GArray) mails = scan(&room, 10);
	assert_int_equal(mails->len, 1);
	assert_int_equal(mail_at(mails, 0)->uid, 1);
	assert_int_equal(mail_at(mails, 0)->flags, IMAP_FLAG_SEEN);
	leave(&room);
}

static void
leaves_whatever_the_server_says_to_it(void **state)
{
	struct room room = enter("bad-logout", 0);

	(void)state;
	leave(&room);
}

static void
reads_literals_however_they_are_spelled(void **state)
{
	struct room room = enter("literals", 8192);

	(void)state;
	expect_mail(&room, 7, "ab\r\ncde");
	expect_mail(&room, 7, "ab\r\ncde");
	leave(&room);
}

static void
refuses_a_mailbox_without_uidvalidity(void **state)
{
	struct room room = enter("no-uidvalidity", 0);
	g_autoptr(GError) error = NULL;
	guint32 uidvalidity;

	(void)state;
	assert_false(imap_session_select(room.session, "INBOX", FALSE, &uidvalidity, &error));
	assert_non_null(strstr(error->message, "UIDVALIDITY"));
	leave(&room);
}

static void
finds_its_place_by_halving_and_misses_nothing(void **state)
{
	struct room room = enter("seek", 0);
	guint32 uidvalidity;

	(void)state;
	assert_true(imap_session_select(room.session, "INBOX", TRUE, &uidvalidity, NULL));
	assert_true(imap_session_seek(room.session, 99999, NULL));
	assert_true(imap_session_has_more(room.session));
	leave(&room);
}

static void
puts_chunks_together_that_are_shorter_than_asked_for(void **state)
{
	struct room room = enter("chunks", 10);

	(void)state;
	expect_mail(&room, 15, "abcdefghijklmno");
	leave(&room);
}

static void
believes_another_size_that_is_said_twice(void **state)
{
	struct room room = enter("wrong-size", 8192);

	(void)state;
	expect_mail(&room, 9, "abcde");
	leave(&room);
}

static void
takes_the_whole_where_no_part_is_given(void **state)
{
	struct room room = enter("icloud", 4096);

	(void)state;
	expect_mail(&room, 5, "abcde");
	leave(&room);
	room = enter("whole-for-part", 4);
	expect_mail(&room, 8, "abcdefgh");
	leave(&room);
}

static void
halves_chunks_that_are_refused(void **state)
{
	struct room room = enter("refused-chunks", 16384);

	(void)state;
	expect_mail(&room, 5, "abcde");
	assert_int_equal(imap_session_chunk(room.session), 4096);
	leave(&room);
}

static void
goes_on_after_a_mail_that_cannot_be_had(void **state)
{
	struct room room = enter("refused-mail", 8192);

	(void)state;
	expect_no_mail(&room, DMARCD_ERROR_DENIED, "cannot read it");
	assert_int_equal(imap_session_chunk(room.session), 8192);
	leave(&room);
	room = enter("gone", 4096);
	expect_mail(&room, 50, NULL);
	leave(&room);
}

static void
names_the_limit_of_a_literal_of_two_gigabytes(void **state)
{
	struct room room = enter("huge-literal", 4096);

	(void)state;
	expect_no_mail(&room, DMARCD_ERROR_LIMIT, "imap_literal_bytes");
	leave(&room);
}

static void
asks_for_less_after_a_cut_in_the_middle_of_a_mail(void **state)
{
	struct room room = enter("cut-in-literal", 16384);

	(void)state;
	expect_no_mail(&room, DMARCD_ERROR_AGAIN, "cut");
	assert_int_equal(imap_session_chunk(room.session), 8192);
	leave(&room);
}

static void
reads_no_more_of_a_mail_than_shows_that_it_is_too_large(void **state)
{
	struct room room = enter_with("oversized", 16, 20);
	const struct imap_mail mail = { .uid = 5, .size = 1000000 };
	g_autoptr(GBytes) bytes = NULL;

	(void)state;
	assert_true(imap_session_fetch(room.session, &mail, &bytes, NULL));
	assert_int_equal(g_bytes_get_size(bytes), 21);
	leave(&room);
}

static void
moves_in_whatever_way_the_server_lets(void **state)
{
	struct room room = enter("move", 0);
	gboolean is_marked = TRUE;

	(void)state;
	for (guint32 uid = 5; uid <= 7; uid++) {
		assert_true(imap_session_move(room.session, uid, "Done", &is_marked, NULL));
		assert_false(is_marked);
	}
	leave(&room);
}

static void
leaves_a_mail_that_cannot_be_moved(void **state)
{
	struct room room = enter("move-refused", 0);
	g_autoptr(GError) error = NULL;
	gboolean is_marked;

	(void)state;
	assert_false(imap_session_move(room.session, 7, "Done", &is_marked, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED));
	assert_non_null(strstr(error->message, "OVERQUOTA"));
	leave(&room);
}

static void
makes_do_with_an_old_server(void **state)
{
	struct room room = enter("old-server", 0);
	gboolean is_marked = FALSE;

	(void)state;
	assert_true(imap_session_move(room.session, 7, "Done", &is_marked, NULL));
	assert_true(is_marked);
	assert_true(imap_session_flag(room.session, 8, IMAP_FLAG_SEEN, NULL));
	assert_true(imap_session_wait(room.session, 1000, 1000, NULL));
	assert_true(imap_session_has_more(room.session));
	leave(&room);
}

static void
wakes_on_new_mail_only(void **state)
{
	struct room room = enter("idle", 0);
	guint32 uidvalidity;

	(void)state;
	assert_true(imap_session_select(room.session, "INBOX", TRUE, &uidvalidity, NULL));
	g_autoptr(GArray) first = scan(&room, 10);
	assert_true(imap_session_wait(room.session, 60000, 1000, NULL));
	g_autoptr(GArray) second = scan(&room, 10);
	assert_int_equal(mail_at(second, 0)->uid, 6);
	assert_true(imap_session_wait(room.session, 60000, 1000, NULL));
	assert_false(imap_session_has_more(room.session));
	assert_true(imap_session_wait(room.session, 60000, 1000, NULL));
	assert_true(imap_session_has_more(room.session));
	leave(&room);
}

static void
hears_a_good_bye_while_it_idles(void **state)
{
	struct room room = enter("idle-bye", 0);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(imap_session_wait(room.session, 60000, 1000, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN));
	assert_non_null(strstr(error->message, "Server shutting down."));
	leave(&room);
}

static void
polls_where_idle_is_refused(void **state)
{
	struct room room = enter("idle-refused", 0);

	(void)state;
	assert_true(imap_session_wait(room.session, 60000, 1000, NULL));
	assert_true(imap_session_wait(room.session, 60000, 1000, NULL));
	leave(&room);
}

static void
lists_what_can_be_selected(void **state)
{
	struct room room = enter("list", 0);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	(void)state;
	assert_true(imap_session_list(room.session, "Reports/*", names, NULL));
	assert_int_equal(names->len, 2);
	assert_string_equal(g_ptr_array_index(names, 0), "Reports/One");
	assert_string_equal(g_ptr_array_index(names, 1), "Reports/Two");
	leave(&room);
}

static void
sees_that_a_web_server_is_none_for_mail(void **state)
{
	struct talk *talk = talk_load("web-server");
	const struct imap_session_options options = { .io = talk_io(talk), .mail_bytes = 100 };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(imap_session_open(&options, &error));
	assert_non_null(strstr(error->message, "this is not IMAP: \"HTTP/1.1 400 Bad Request\""));
	talk_end(talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_through_a_mailbox_while_others_remove_mail),
		cmocka_unit_test(takes_lists_that_end_in_a_space),
		cmocka_unit_test(leaves_whatever_the_server_says_to_it),
		cmocka_unit_test(reads_literals_however_they_are_spelled),
		cmocka_unit_test(refuses_a_mailbox_without_uidvalidity),
		cmocka_unit_test(finds_its_place_by_halving_and_misses_nothing),
		cmocka_unit_test(puts_chunks_together_that_are_shorter_than_asked_for),
		cmocka_unit_test(believes_another_size_that_is_said_twice),
		cmocka_unit_test(takes_the_whole_where_no_part_is_given),
		cmocka_unit_test(halves_chunks_that_are_refused),
		cmocka_unit_test(goes_on_after_a_mail_that_cannot_be_had),
		cmocka_unit_test(names_the_limit_of_a_literal_of_two_gigabytes),
		cmocka_unit_test(asks_for_less_after_a_cut_in_the_middle_of_a_mail),
		cmocka_unit_test(reads_no_more_of_a_mail_than_shows_that_it_is_too_large),
		cmocka_unit_test(moves_in_whatever_way_the_server_lets),
		cmocka_unit_test(leaves_a_mail_that_cannot_be_moved),
		cmocka_unit_test(makes_do_with_an_old_server),
		cmocka_unit_test(wakes_on_new_mail_only),
		cmocka_unit_test(hears_a_good_bye_while_it_idles),
		cmocka_unit_test(polls_where_idle_is_refused),
		cmocka_unit_test(lists_what_can_be_selected),
		cmocka_unit_test(sees_that_a_web_server_is_none_for_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
