/* SPDX-License-Identifier: MIT */
#include "tests/support/store_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "app/judging.h"

#define NOON 43200

static void
open_store(struct store_place *place)
{
	const struct store_options options = { .judge = judging_default(),
					       .now = place->today * DAY_S + NOON };
	g_autoptr(GError) error = NULL;

	place->store = store_open(place->url, &options, &error);
	if (!place->store)
		fail_msg("%s", error->message);
}

int
store_place_open(void **state)
{
	struct store_place *place = g_new0(struct store_place, 1);

	place->folder = g_dir_make_tmp("dmarcd-store-XXXXXX", NULL);
	place->path = g_build_filename(place->folder, "dmarcd.db", NULL);
	place->url = g_strconcat("sqlite:", place->path, NULL);
	place->today = PLACE_TODAY;
	open_store(place);
	*state = place;
	return 0;
}

void
store_place_shut(struct store_place *place)
{
	g_clear_pointer(&place->view, store_view_close);
	g_clear_pointer(&place->store, store_close);
}

void
store_place_reopen(struct store_place *place, gint64 today)
{
	store_place_shut(place);
	if (today)
		place->today = today;
	open_store(place);
}

static void
remove_folder(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_remove(path);
	}
	if (dir)
		g_dir_close(dir);
	g_rmdir(folder);
}

int
store_place_close(void **state)
{
	struct store_place *place = *state;

	store_place_shut(place);
	remove_folder(place->folder);
	g_free(place->folder);
	g_free(place->path);
	g_free(place->url);
	g_free(place);
	return 0;
}

struct store_view *
store_place_view(struct store_place *place)
{
	g_autoptr(GError) error = NULL;

	if (!place->view)
		place->view = store_view_open(place->store, &error);
	if (!place->view)
		fail_msg("%s", error->message);
	return place->view;
}

static void
count_outcome(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct outcomes *outcomes = cookie;

	(void)reason;
	g_atomic_int_inc(&outcomes->of[outcome]);
}

static struct message *
make_message(struct store_place *place, const char *bytes, struct outcomes *outcomes)
{
	g_autoptr(GBytes) raw = g_bytes_new(bytes, strlen(bytes));
	struct message *message =
		message_new(raw, "drop", "maildir:/drop/new/1", count_outcome, outcomes);

	message->received_at = place->today * DAY_S + NOON;
	return message;
}

static void
send(struct store_place *place, struct parsed *parsed, const char *bytes, const char *reason,
     struct outcomes *outcomes)
{
	store_submit(place->store, make_message(place, bytes, outcomes), parsed, reason);
}

void
store_place_send(struct store_place *place, struct document *document, struct outcomes *outcomes)
{
	struct parsed *parsed = parsed_new();

	g_ptr_array_add(parsed->documents, document);
	send(place, parsed, "a mail", NULL, outcomes);
}

void
store_place_flush(struct store_place *place)
{
	g_autoptr(GError) error = NULL;

	if (!store_flush(place->store, &error))
		fail_msg("%s", error->message);
}

static enum outcome
wait_for_outcome(struct store_place *place, const struct outcomes *outcomes)
{
	store_place_flush(place);
	assert_int_equal(store_in_flight(place->store), 0);
	for (enum outcome outcome = OUTCOME_RETRY; outcome < N_OUTCOMES; outcome++)
		if (outcomes->of[outcome] == 1)
			return outcome;
	fail_msg("the mail was not answered exactly once");
	return OUTCOME_RETRY;
}

enum outcome
store_place_submit_parsed(struct store_place *place, struct parsed *parsed, const char *bytes,
			  const char *reason)
{
	struct outcomes outcomes = { { 0 } };

	send(place, parsed, bytes, reason, &outcomes);
	return wait_for_outcome(place, &outcomes);
}

enum outcome
store_place_submit_kept(struct store_place *place, gint64 kept, struct parsed *parsed)
{
	struct outcomes outcomes = { { 0 } };

	store_submit_kept(place->store, kept, make_message(place, "again", &outcomes), parsed,
			  NULL);
	return wait_for_outcome(place, &outcomes);
}

enum outcome
store_place_submit(struct store_place *place, struct document *document)
{
	struct parsed *parsed = parsed_new();

	g_ptr_array_add(parsed->documents, document);
	return store_place_submit_parsed(place, parsed, "a mail", NULL);
}

/* --- The file from outside --- */

static sqlite3 *
open_file(const struct store_place *place, int flags)
{
	sqlite3 *db;

	if (sqlite3_open_v2(place->path, &db, flags, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	return db;
}

static sqlite3_stmt *
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return statement;
}

gint64
store_place_number(struct store_place *place, const char *sql)
{
	sqlite3 *db = open_file(place, SQLITE_OPEN_READONLY);
	sqlite3_stmt *statement = ask(db, sql);

	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	gint64 number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return number;
}

void
store_place_run(struct store_place *place, const char *sql)
{
	sqlite3 *db = open_file(place, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *
store_place_rows(struct store_place *place, const char *sql)
{
	sqlite3 *db = open_file(place, SQLITE_OPEN_READONLY);
	sqlite3_stmt *statement = ask(db, sql);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		GString *row = g_string_new(NULL);
		for (int i = 0; i < sqlite3_column_count(statement); i++)
			g_string_append_printf(row, "%s|",
					       (const char *)sqlite3_column_text(statement, i));
		g_ptr_array_add(rows, g_string_free(row, FALSE));
	}
	assert_int_equal(result, SQLITE_DONE);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	g_ptr_array_sort(rows, compare_texts);
	g_ptr_array_add(rows, NULL);
	return g_strjoinv("\n", (char **)rows->pdata);
}
