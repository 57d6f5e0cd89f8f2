/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "ingest/imap_folder.h"
#include "ingest/imap_link.h"

static void
goes_on_behind_what_is_settled(void **state)
{
	struct imap_folder *folder = imap_folder_new("INBOX");

	(void)state;
	assert_false(imap_folder_open(folder, 17));
	assert_true(imap_folder_wants(folder, 4));
	imap_folder_enter(folder, 4);
	assert_true(imap_folder_wants(folder, 9));
	imap_folder_note_end(folder);
	assert_int_equal(folder->low_uid, 0);
	assert_false(imap_folder_wants(folder, 4));
	imap_folder_leave(folder, 17, 4);
	imap_folder_note_end(folder);
	assert_int_equal(folder->low_uid, 9);
	assert_false(imap_folder_wants(folder, 9));
	assert_true(imap_folder_wants(folder, 10));
	imap_folder_free(folder);
}

static void
finds_a_mail_again_that_made_trouble(void **state)
{
	struct imap_folder *folder = imap_folder_new("INBOX");

	(void)state;
	imap_folder_open(folder, 17);
	for (guint32 uid = 1; uid <= 9; uid++)
		assert_true(imap_folder_wants(folder, uid));
	imap_folder_note_trouble(folder, 7);
	imap_folder_note_trouble(folder, 5);
	imap_folder_note_trouble(folder, 6);
	imap_folder_note_end(folder);
	assert_int_equal(folder->low_uid, 4);
	assert_false(imap_folder_open(folder, 17));
	assert_false(imap_folder_wants(folder, 4));
	assert_true(imap_folder_wants(folder, 5));
	imap_folder_free(folder);
}

static void
everything_is_new_with_another_uidvalidity(void **state)
{
	struct imap_folder *folder = imap_folder_new("INBOX");
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;

	(void)state;
	imap_folder_open(folder, 17);
	before = imap_folder_unique_name(folder, 3);
	imap_folder_wants(folder, 3);
	imap_folder_note_end(folder);
	assert_true(imap_folder_open(folder, 18));
	assert_true(imap_folder_wants(folder, 3));
	after = imap_folder_unique_name(folder, 3);
	assert_string_equal(before, "INBOX/17:3");
	assert_string_equal(after, "INBOX/18:3");
	imap_folder_free(folder);
}

static void
leaves_out_a_mail_at_which_the_connection_is_lost_each_time(void **state)
{
	struct imap_folder *folder = imap_folder_new("INBOX");

	(void)state;
	imap_folder_open(folder, 17);
	assert_int_equal(imap_folder_note_loss(folder, 3), 0);
	assert_true(imap_folder_wants(folder, 3));
	assert_int_equal(imap_folder_note_loss(folder, 3), 60);
	assert_int_equal(imap_folder_note_loss(folder, 3), 120);
	assert_false(imap_folder_wants(folder, 3));
	assert_true(imap_folder_wants(folder, 4));
	imap_folder_note_end(folder);
	assert_int_equal(folder->low_uid, 2);
	imap_folder_free(folder);
}

/* --- Settings --- */

static char empty[] = "";
static char text[8][40];

static struct intake_config
config_of(const char *after, const char *move_to, const char *url, const char *tls)
{
	const char *const values[] = { after, move_to, url, tls };

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
		g_strlcpy(text[i], values[i], sizeof(text[i]));
	return (struct intake_config){
		.name = empty,
		.after = text[0],
		.move_to = text[1],
		.url = text[2],
		.tls = text[3],
		.failed_to = empty,
		.user = text[2],
		.oauth_provider = empty,
	};
}

static void
refuses_settings_that_make_no_sense(void **state)
{
	static const struct {
		const char *after;
		const char *move_to;
		const char *part; /* NULL: they do */
	} cases[] = {
		{ "", "", NULL },
		{ "", "Done", NULL },
		{ "move", "Done", NULL },
		{ "delete", "", NULL },
		{ "move", "", "move_to" },
		{ "flag", "Done", "move_to" },
		{ "burn", "", "keep, flag, move or delete" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct imap_policy policy = { 0 };
		g_autoptr(GError) error = NULL;
		struct intake_config config =
			config_of(cases[i].after, cases[i].move_to, "", "required");
		gboolean is_good = imap_policy_init(&policy, &config, &error);
		assert_int_equal(is_good, cases[i].part == NULL);
		if (cases[i].part)
			assert_non_null(strstr(error->message, cases[i].part));
		imap_policy_clear(&policy);
	}
}

static void
refuses_addresses_that_would_give_the_password_away(void **state)
{
	static const struct {
		const char *url;
		const char *tls;
		const char *part;
	} cases[] = {
		{ "imaps://mail.example.org/", "required", NULL },
		{ "imap://[::1]:143/INBOX", "none", NULL },
		{ "imap://mail.example.org/", "none", "in the clear" },
		{ "imap://127.0.0.1.mail.example.org/", "none", "in the clear" },
		{ "imaps://127.0.0.1/", "none", "in the clear" },
		{ "imap://127.0.0.1/", "maybe", "required or none" },
		{ "imaps://ann:secret@mail.example.org/", "required", "user and password_file" },
		{ "https://mail.example.org/", "required", "imaps://HOST" },
		{ "mail.example.org", "required", "imaps://HOST" },
		{ "", "required", "imaps://HOST" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct intake_config config = config_of("", "", cases[i].url, cases[i].tls);
		g_autoptr(imap_link_auto) link = imap_link_new(&config, &error);
		assert_int_equal(link != NULL, cases[i].part == NULL);
		if (cases[i].part)
			assert_non_null(strstr(error->message, cases[i].part));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_behind_what_is_settled),
		cmocka_unit_test(finds_a_mail_again_that_made_trouble),
		cmocka_unit_test(everything_is_new_with_another_uidvalidity),
		cmocka_unit_test(leaves_out_a_mail_at_which_the_connection_is_lost_each_time),
		cmocka_unit_test(refuses_settings_that_make_no_sense),
		cmocka_unit_test(refuses_addresses_that_would_give_the_password_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
