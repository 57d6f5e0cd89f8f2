/* SPDX-License-Identifier: MIT */
/* Opening a store: what is made, what is refused, and what is said then. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "app/judging.h"
#include "core/error.h"
#include "tests/support/store_place.h"

static struct store *
open_url(const char *url, gboolean is_read_only, GError **error)
{
	const struct store_options options = { .judge = judging_default(),
					       .is_read_only = is_read_only };

	return store_open(url, &options, error);
}

/* Opening must fail with this code and say this. */
static void
refuse(const char *url, gboolean is_read_only, enum dmarcd_error code, const char *said)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(store_auto) store = open_url(url, is_read_only, &error);

	assert_null(store);
	assert_non_null(error);
	if (!g_error_matches(error, DMARCD_ERROR, (int)code) || !strstr(error->message, said))
		fail_msg("code %d: %s", error->code, error->message);
}

static void
folder_and_file_are_made_for_their_owner_alone(void **state)
{
	struct store_place *place = *state;
	g_autofree char *folder = g_build_filename(place->folder, "deep", NULL);
	g_autofree char *path = g_build_filename(folder, "new.db", NULL);
	g_autofree char *url = g_strconcat("sqlite:", path, NULL);
	g_autoptr(GError) error = NULL;
	struct stat st;

	struct store *store = open_url(url, FALSE, &error);
	assert_non_null(store);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	store_close(store);
	g_remove(path);
	g_autofree char *lock = g_strconcat(path, ".rollup-lock", NULL);
	g_remove(lock);
	g_rmdir(folder);
}

static void
an_address_that_is_none_is_refused(void **state)
{
	(void)state;
	refuse("", FALSE, DMARCD_ERROR_INVALID, "sqlite:PATH");
	refuse("sqlite:", FALSE, DMARCD_ERROR_INVALID, "sqlite:PATH");
	refuse("mysql://x", FALSE, DMARCD_ERROR_INVALID, "sqlite:PATH");
}

static void
an_empty_file_becomes_a_store(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;

	store_place_shut(place);
	g_remove(place->path);
	assert_true(g_file_set_contents(place->path, "", 0, NULL));
	struct store *store = open_url(place->url, FALSE, &error);
	assert_non_null(store);
	store_close(store);
}

static void
what_is_no_database_is_left_alone(void **state)
{
	struct store_place *place = *state;
	g_autofree char *after = NULL;

	store_place_shut(place);
	assert_true(
		g_file_set_contents(place->path, "dear diary, it is a long day today", -1, NULL));
	refuse(place->url, FALSE, DMARCD_ERROR_INVALID, "no SQLite database");
	refuse(place->url, TRUE, DMARCD_ERROR_INVALID, "no SQLite database");
	assert_true(g_file_get_contents(place->path, &after, NULL, NULL));
	assert_string_equal(after, "dear diary, it is a long day today");
}

static void
a_database_of_others_is_refused(void **state)
{
	struct store_place *place = *state;

	store_place_shut(place);
	g_remove(place->path);
	store_place_run(place, "CREATE TABLE contacts (name TEXT)");
	refuse(place->url, FALSE, DMARCD_ERROR_INVALID, "not made by dmarcd");
	refuse(place->url, TRUE, DMARCD_ERROR_INVALID, "not made by dmarcd");
}

static void
a_newer_schema_is_refused(void **state)
{
	struct store_place *place = *state;

	g_autofree char *said = g_strdup_printf(
		"database has schema 77, this dmarcd knows %d: install a newer dmarcd",
		(int)store_place_number(place, "PRAGMA user_version"));

	store_place_shut(place);
	store_place_run(place, "PRAGMA user_version = 77");
	refuse(place->url, FALSE, DMARCD_ERROR_INVALID, said);
	refuse(place->url, TRUE, DMARCD_ERROR_INVALID, said);
}

static void
a_damaged_file_is_said_to_be_damaged(void **state)
{
	struct store_place *place = *state;
	char junk[4096];

	store_place_submit(place, make_document(&(struct make_report){ .day = PLACE_TODAY },
						&(struct make_record){ .count = 1 }));
	store_place_shut(place);
	memset(junk, 0xa5, sizeof(junk));
	int fd = open(place->path, O_WRONLY | O_CLOEXEC);
	for (off_t at = 100; at < 400000; at += (off_t)sizeof(junk))
		assert_int_equal(pwrite(fd, junk, sizeof(junk), at), sizeof(junk));
	close(fd);
	refuse(place->url, FALSE, DMARCD_ERROR_INVALID, "damaged");
}

static void
reading_needs_a_store_that_is_there(void **state)
{
	struct store_place *place = *state;
	g_autofree char *url = g_strconcat(place->url, "-none", NULL);
	g_autofree char *path = g_strconcat(place->path, "-none", NULL);

	refuse(url, TRUE, DMARCD_ERROR_DENIED, "does not exist");
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void
who_may_only_read_can_ask_and_not_edit(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;
	struct query_status status;

	store_place_submit(place, make_document(&(struct make_report){ .day = PLACE_TODAY },
						&(struct make_record){ .count = 4 }));
	g_autoptr(store_auto) store = open_url(place->url, TRUE, &error);
	assert_non_null(store);
	g_autoptr(store_view_auto) view = store_view_open(store, &error);
	assert_non_null(view);
	assert_true(query_status(view, &status, &error));
	assert_int_equal(status.reports, 1);
	assert_int_equal(store_in_flight(store), 0);
	assert_false(store_edit_user(store, "admin", "hash", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED));
}

static void
a_folder_without_permission_is_said_to_be_one(void **state)
{
	struct store_place *place = *state;

	if (geteuid() == 0)
		skip();
	store_place_shut(place);
	g_remove(place->path);
	assert_int_equal(g_chmod(place->folder, 0500), 0);
	refuse(place->url, FALSE, DMARCD_ERROR_DENIED, "owner and mode");
	assert_int_equal(g_chmod(place->folder, 0700), 0);
}

static void
a_path_through_a_file_is_refused(void **state)
{
	struct store_place *place = *state;
	g_autofree char *url = g_strconcat(place->url, "/below/x.db", NULL);

	refuse(url, FALSE, DMARCD_ERROR_DENIED, "cannot make the folder");
}

static void
a_store_may_be_opened_twice_at_once(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;
	struct store *second = open_url(place->url, FALSE, &error);

	assert_non_null(second);
	store_place_submit(place, make_document(&(struct make_report){ .day = PLACE_TODAY },
						&(struct make_record){ .count = 4 }));
	store_close(second);
	store_place_submit(place, make_document(&(struct make_report){ .day = PLACE_TODAY,
								       .report_id = "r-2" },
						&(struct make_record){ .count = 4 }));
	store_place_check(place);
	assert_int_equal(store_place_number(place, "SELECT reports FROM state"), 2);
}

static void
a_path_of_odd_letters_is_a_path(void **state)
{
	struct store_place *place = *state;
	g_autofree char *path = g_build_filename(place->folder, "a b%20?mode=ro#x", NULL);
	g_autofree char *url = g_strconcat("sqlite:", path, NULL);
	g_autoptr(GError) error = NULL;
	struct store *store = open_url(url, FALSE, &error);

	assert_non_null(store);
	store_close(store);
	assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(folder_and_file_are_made_for_their_owner_alone),
		TEST(an_address_that_is_none_is_refused),
		TEST(an_empty_file_becomes_a_store),
		TEST(what_is_no_database_is_left_alone),
		TEST(a_database_of_others_is_refused),
		TEST(a_newer_schema_is_refused),
		TEST(a_damaged_file_is_said_to_be_damaged),
		TEST(reading_needs_a_store_that_is_there),
		TEST(who_may_only_read_can_ask_and_not_edit),
		TEST(a_folder_without_permission_is_said_to_be_one),
		TEST(a_path_through_a_file_is_refused),
		TEST(a_store_may_be_opened_twice_at_once),
		TEST(a_path_of_odd_letters_is_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
