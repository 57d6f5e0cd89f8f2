/* SPDX-License-Identifier: MIT */
/* Uploads are bounded while they arrive, wait for the store and no longer, and end once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "core/error.h"
#include "web/upload.h"

#define MAIL_BYTES 1000

/* Stands in for the pipeline: keeps what was handed in until the test answers. */
struct pipe {
	web_submitted_fn done[UPLOAD_MAX_FILES];
	gpointer cookies[UPLOAD_MAX_FILES];
	char *locators[UPLOAD_MAX_FILES];
	guint n;
	guint n_woken;
};

static void
keep(gpointer data, GBytes *bytes, const char *locator, web_submitted_fn done, gpointer cookie)
{
	struct pipe *pipe = data;

	(void)bytes;
	pipe->done[pipe->n] = done;
	pipe->cookies[pipe->n] = cookie;
	pipe->locators[pipe->n++] = g_strdup(locator);
}

static void
count_wake(gpointer data)
{
	struct pipe *pipe = data;

	pipe->n_woken++;
}

static void
answer(struct pipe *pipe, guint i, enum outcome outcome)
{
	pipe->done[i](pipe->cookies[i], outcome, "", 7);
}

static void
clear(struct pipe *pipe)
{
	for (guint i = 0; i < pipe->n; i++)
		g_free(pipe->locators[i]);
}

static struct upload *
make(struct upload_desk *desk, guint n_files)
{
	g_autoptr(GError) error = NULL;
	struct upload *upload = upload_new(desk, 0, 0, &error);

	assert_non_null(upload);
	for (guint i = 0; i < n_files; i++) {
		assert_true(upload_begin_file(upload, "r.xml", &error));
		assert_true(upload_append(upload, "abc", 3, &error));
	}
	return upload;
}

static void
it_is_over_when_every_file_has_its_outcome(void **state)
{
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *upload = make(desk, 2);
	struct pipe pipe = { .n = 0 };
	const struct web_hooks hooks = { .submit = keep, .submit_data = &pipe };

	(void)state;
	upload_submit(upload, &hooks, "nightly", count_wake, &pipe);
	assert_string_equal(pipe.locators[0], "upload:nightly/r.xml");
	answer(&pipe, 1, OUTCOME_STORED);
	assert_int_equal(pipe.n_woken, 0);
	assert_false(upload_is_over(upload));
	answer(&pipe, 0, OUTCOME_RETRY);
	assert_int_equal(pipe.n_woken, 1);
	assert_true(upload_is_over(upload));
	assert_int_equal(upload_file(upload, 1)->outcome, OUTCOME_STORED);
	assert_int_equal(upload_file(upload, 1)->arrival, 7);
	assert_int_equal(upload_file(upload, 0)->arrival, 0);
	upload_free(upload);
	upload_desk_free(desk);
	clear(&pipe);
}

/* The file's outcome comes when nobody asks any more, even the desk is gone. */
static void
who_waits_too_long_is_told_to_come_again(void **state)
{
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *upload = make(desk, 2);
	struct pipe pipe = { .n = 0 };
	const struct web_hooks hooks = { .submit = keep, .submit_data = &pipe };

	(void)state;
	upload_submit(upload, &hooks, "nightly", count_wake, &pipe);
	answer(&pipe, 0, OUTCOME_DUPLICATE);
	upload_desk_tick(desk);
	assert_int_equal(pipe.n_woken, 0);
	upload_desk_close(desk, 0);
	upload_desk_tick(desk);
	assert_int_equal(pipe.n_woken, 1);
	assert_int_equal(upload_file(upload, 0)->outcome, OUTCOME_DUPLICATE);
	assert_int_equal(upload_file(upload, 1)->outcome, OUTCOME_RETRY);
	assert_true(upload_file(upload, 1)->reason[0] != '\0');
	upload_desk_tick(desk);
	upload_free(upload);
	upload_desk_free(desk);
	answer(&pipe, 1, OUTCOME_STORED);
	assert_int_equal(pipe.n_woken, 1);
	clear(&pipe);
}

static void
a_desk_that_is_closed_lets_nobody_wait(void **state)
{
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *upload = make(desk, 1);
	struct pipe pipe = { .n = 0 };
	const struct web_hooks hooks = { .submit = keep, .submit_data = &pipe };

	(void)state;
	upload_desk_close(desk, 0);
	upload_submit(upload, &hooks, "nightly", count_wake, &pipe);
	assert_int_equal(pipe.n_woken, 1);
	assert_null(upload_new(desk, 0, 0, NULL));
	answer(&pipe, 0, OUTCOME_STORED);
	upload_free(upload);
	upload_desk_free(desk);
	clear(&pipe);
}

static void
uploads_at_once_are_bounded_by_number(void **state)
{
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *uploads[UPLOAD_MAX_AT_ONCE];
	g_autoptr(GError) error = NULL;

	(void)state;
	for (guint i = 0; i < UPLOAD_MAX_AT_ONCE; i++)
		uploads[i] = make(desk, 0);
	assert_null(upload_new(desk, 0, 0, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN));
	upload_free(uploads[0]);
	uploads[0] = make(desk, 1);
	for (guint i = 0; i < UPLOAD_MAX_AT_ONCE; i++)
		upload_free(uploads[i]);
	upload_desk_free(desk);
}

/* Bytes count until their file has its outcome, whoever has let go of the upload. */
static void
uploads_at_once_are_bounded_by_bytes(void **state)
{
	const gsize piece = UPLOAD_BYTES / 4;
	struct upload_desk *desk = upload_desk_new(piece);
	g_autofree char *bytes = g_malloc0(piece);
	struct pipe pipe = { .n = 0 };
	const struct web_hooks hooks = { .submit = keep, .submit_data = &pipe };

	(void)state;
	for (guint i = 0; i < 4; i++) {
		struct upload *upload = make(desk, 0);
		assert_true(upload_begin_file(upload, "", NULL));
		assert_true(upload_append(upload, bytes, piece, NULL));
		upload_submit(upload, &hooks, "nightly", count_wake, &pipe);
		upload_free(upload);
	}
	g_autoptr(GError) error = NULL;
	struct upload *one_more = make(desk, 0);
	assert_true(upload_begin_file(one_more, "", NULL));
	assert_false(upload_append(one_more, bytes, 1, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN));
	assert_null(upload_new(desk, 1, 0, NULL));
	answer(&pipe, 0, OUTCOME_STORED);
	assert_true(upload_append(one_more, bytes, piece, NULL));
	for (guint i = 1; i < 4; i++)
		answer(&pipe, i, OUTCOME_STORED);
	upload_free(one_more);
	upload_desk_free(desk);
	clear(&pipe);
}

static void
limits_have_names(void **state)
{
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *upload = make(desk, UPLOAD_MAX_FILES);
	g_autoptr(GError) many = NULL;
	g_autoptr(GError) large = NULL;
	g_autoptr(GError) said = NULL;

	(void)state;
	assert_false(upload_begin_file(upload, "r.xml", &many));
	assert_non_null(strstr(many->message, "max_upload_files"));
	assert_true(upload_count(upload, MAIL_BYTES, NULL));
	assert_false(upload_count(upload, 1, &large));
	assert_non_null(strstr(large->message, "max_mail_bytes"));
	upload_free(upload);
	assert_null(upload_new(desk, MAIL_BYTES + 11, 10, &said));
	assert_true(g_error_matches(said, DMARCD_ERROR, DMARCD_ERROR_LIMIT));
	upload_free(upload_new(desk, MAIL_BYTES + 10, 10, NULL));
	upload_desk_free(desk);
}

static void
names_are_shown_clean_and_short(void **state)
{
	g_autofree char *long_name = g_strnfill(5000, 'x');
	g_autofree char *wide = g_strdup_printf("%.*s\xe3\x81\x82", 199, long_name);
	const struct {
		const char *name;
		const char *clean;
	} cases[] = {
		{ "../../etc/passwd", "passwd" },
		{ "C:\\mail\\r.eml", "r.eml" },
		{ "a\r\nb\x1b[1m.xml", NULL },
		{ "folder/", "" },
		{ long_name, NULL },
		{ wide, NULL },
	};
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *upload = make(desk, 0);

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_true(upload_begin_file(upload, cases[i].name, NULL));
		const char *name = upload_file(upload, i)->name;
		if (cases[i].clean)
			assert_string_equal(name, cases[i].clean);
		assert_true(strlen(name) <= 200 && g_utf8_validate(name, -1, NULL));
		assert_null(strpbrk(name, "\r\n\x1b"));
	}
	upload_free(upload);
	upload_desk_free(desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_over_when_every_file_has_its_outcome),
		cmocka_unit_test(who_waits_too_long_is_told_to_come_again),
		cmocka_unit_test(a_desk_that_is_closed_lets_nobody_wait),
		cmocka_unit_test(uploads_at_once_are_bounded_by_number),
		cmocka_unit_test(uploads_at_once_are_bounded_by_bytes),
		cmocka_unit_test(limits_have_names),
		cmocka_unit_test(names_are_shown_clean_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
