/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "core/error.h"
#include "ingest/file.h"

static char *dir;

static char *
make_file(const char *name, const char *text)
{
	char *path = g_build_filename(dir, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static void
reads_a_whole_file(void **state)
{
	g_autofree char *path = make_file("whole", "0123456789");
	g_autoptr(GBytes) bytes = file_read(path, 10, NULL);

	(void)state;
	assert_int_equal(g_bytes_get_size(bytes), 10);
	g_unlink(path);
}

static void
shows_that_a_file_is_too_large(void **state)
{
	g_autofree char *path = make_file("large", "0123456789");
	g_autoptr(GBytes) bytes = file_read(path, 4, NULL);

	(void)state;
	assert_int_equal(g_bytes_get_size(bytes), 5);
	g_unlink(path);
}

static void
says_again_where_a_file_is_gone(void **state)
{
	g_autofree char *path = g_build_filename(dir, "gone", NULL);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(file_read(path, 4, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN));
	assert_non_null(strstr(error->message, path));
}

static void
lists_names_in_byte_order_without_hidden_ones(void **state)
{
	static const char *const names[] = { "b", "a", ".hidden", "B" };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = make_file(names[i], "x");
	}
	g_autoptr(GPtrArray) list = file_list(dir, NULL);
	assert_int_equal(list->len, 3);
	assert_string_equal(g_ptr_array_index(list, 0), "B");
	assert_string_equal(g_ptr_array_index(list, 1), "a");
	assert_string_equal(g_ptr_array_index(list, 2), "b");
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL);
		g_unlink(path);
	}
}

static int
make_dir(void **state)
{
	(void)state;
	dir = g_dir_make_tmp("dmarcd-file-XXXXXX", NULL);
	return dir ? 0 : -1;
}

static int
remove_dir(void **state)
{
	(void)state;
	g_rmdir(dir);
	g_free(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_file),
		cmocka_unit_test(shows_that_a_file_is_too_large),
		cmocka_unit_test(says_again_where_a_file_is_gone),
		cmocka_unit_test(lists_names_in_byte_order_without_hidden_ones),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
