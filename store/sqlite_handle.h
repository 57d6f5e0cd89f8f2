/* SPDX-License-Identifier: MIT */
/*
 * sqlite_handle.h - one connection to the database file: open, prepare once, step, explain
 * failures.
 *
 * Statements are prepared once per handle and found again by the address of their text, so the
 * text must be static. They are reset when they are done, when they fail, and when asked for again.
 *
 * Errors: AGAIN (busy, full, I/O, too slow), DENIED (permission), INVALID (damaged, no database),
 * LIMIT (this row is not acceptable), FATAL (a bug of ours). All name the file.
 *
 * Threads: one thread at a time per handle.
 */
#ifndef STORE_SQLITE_HANDLE_H
#define STORE_SQLITE_HANDLE_H

#include <glib.h>
#include <sqlite3.h>

#include "core/source.h"

enum db_mode {
	DB_READ,
	DB_WRITE,
};

struct db {
	sqlite3 *handle;
	char *path;
	GHashTable *statements; /* const char * text -> sqlite3_stmt * */
	const char *question;   /* what is being asked, for the time limit */
	gint64 deadline;        /* monotonic microseconds, 0 = none */
	int ticks;              /* calls of the progress handler until the clock is read */
};

struct db *db_open(const char *path, enum db_mode mode, GError **error);
void db_close(struct db *db);
typedef struct db db_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(db_auto, db_close)

/* Run a text of several statements that answers nothing. */
gboolean db_exec(struct db *db, const char *sql, GError **error);

/* Ready to be bound. NULL and error on failure. */
sqlite3_stmt *db_prepare(struct db *db, const char *sql, GError **error);

/*
 * Bind the parameters 1, 2, ... by kinds: i gint64, t const char *, b const void * and int length,
 * 0 NULL (no argument). Texts and blobs must live until the statement is reset.
 */
sqlite3_stmt *db_bind(sqlite3_stmt *statement, const char *kinds, ...);

enum db_row {
	DB_FAILED,
	DB_ROW,
	DB_DONE,
};
enum db_row db_step(struct db *db, sqlite3_stmt *statement, GError **error);

/* Step to the end. */
gboolean db_run(struct db *db, sqlite3_stmt *statement, GError **error);

/* Run a static text without parameters that is needed often: prepared once. */
gboolean db_do(struct db *db, const char *sql, GError **error);

/* One number from a query that answers at most one; otherwise where there is none. */
gboolean db_number(struct db *db, sqlite3_stmt *statement, gint64 otherwise, gint64 *ret_number,
		   GError **error);

gboolean db_begin(struct db *db, GError **error); /* for writing: waits for its turn */
gboolean db_commit(struct db *db, GError **error);
void db_rollback(struct db *db);

/* Whether what is deleted is overwritten as well; not so unless asked for. */
gboolean db_set_overwriting(struct db *db, gboolean is_overwriting, GError **error);

/* Bound a question in time: beyond it steps fail with AGAIN. NULL ends the bound. */
void db_set_question(struct db *db, const char *question);

/* Set error from the handle. Always FALSE. */
gboolean db_fail(struct db *db, GError **error);
/* A blob of ours that cannot be read. Always FALSE. */
gboolean db_fail_damaged(struct db *db, const char *what, gint64 id, GError **error);

/* Columns. Texts are never NULL; peeked ones live until the next step. */
const char *db_peek_text(sqlite3_stmt *statement, int column);
char *db_text(sqlite3_stmt *statement, int column);
GBytes *db_blob(sqlite3_stmt *statement, int column);
struct unpack;
struct unpack db_peek_unpack(sqlite3_stmt *statement, int column);

/* The nine columns of struct totals, in its order. */
#define DB_TOTALS                                                                            \
	"messages, pass, dkim_pass, spf_pass, quarantined, rejected, forwarded, explained, " \
	"records"
#define DB_TOTALS_ADD                                                                           \
	"messages = messages + excluded.messages, pass = pass + excluded.pass, "                \
	"dkim_pass = dkim_pass + excluded.dkim_pass, spf_pass = spf_pass + excluded.spf_pass, " \
	"quarantined = quarantined + excluded.quarantined, "                                    \
	"rejected = rejected + excluded.rejected, forwarded = forwarded + excluded.forwarded, " \
	"explained = explained + excluded.explained, records = records + excluded.records"
#define DB_N_TOTALS 9
void db_bind_totals(sqlite3_stmt *statement, int first, const struct totals *totals);
void db_totals(sqlite3_stmt *statement, int first, struct totals *ret_totals);

#endif
