/* SPDX-License-Identifier: MIT */
#include "store/sqlite_handle.h"

#include <errno.h>
#include <stdarg.h>

#include "core/error.h"
#include "store/pack.h"
#include "store/sqlite_tally.h"

#define BUSY_TIMEOUT_MS 10000
#define QUESTION_S      5
#define PROGRESS_OPS    1000
#define TICKS_PER_LOOK  16
#define WRITER_PRAGMAS                                                                             \
	"PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; "                                \
	"PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384; PRAGMA secure_delete=OFF; " \
	"PRAGMA temp_store=MEMORY;"
#define READER_PRAGMAS "PRAGMA query_only=ON; PRAGMA mmap_size=2147418112; PRAGMA cache_size=-4096;"

struct cause {
	int code; /* primary result code */
	enum dmarcd_error error;
	const char *text;
};

static const struct cause causes[] = {
	{ SQLITE_BUSY, DMARCD_ERROR_AGAIN, "another process keeps it busy; it is tried again" },
	{ SQLITE_LOCKED, DMARCD_ERROR_AGAIN, "another process keeps it busy; it is tried again" },
	{ SQLITE_FULL, DMARCD_ERROR_AGAIN, "no space left on its file system; make room" },
	{ SQLITE_IOERR, DMARCD_ERROR_AGAIN, "reading or writing failed; look at the disk" },
	{ SQLITE_NOMEM, DMARCD_ERROR_AGAIN, "out of memory" },
	{ SQLITE_PERM, DMARCD_ERROR_DENIED,
	  "no permission; look at the owner of the file and its folder" },
	{ SQLITE_READONLY, DMARCD_ERROR_DENIED,
	  "it may not be written; look at the owner and mode of the file and its folder" },
	{ SQLITE_CANTOPEN, DMARCD_ERROR_DENIED,
	  "it cannot be opened; look at the owner and mode of the file and its folder" },
	{ SQLITE_CORRUPT, DMARCD_ERROR_INVALID,
	  "it is damaged; restore a backup, or try sqlite3's .recover" },
	{ SQLITE_NOTADB, DMARCD_ERROR_INVALID, "it is no SQLite database; name another file" },
	{ SQLITE_CONSTRAINT, DMARCD_ERROR_LIMIT, "a value is not acceptable" },
	{ SQLITE_TOOBIG, DMARCD_ERROR_LIMIT, "a value is too big" },
	{ SQLITE_MISMATCH, DMARCD_ERROR_LIMIT, "a value is not acceptable" },
};

static const struct cause other_cause = { 0, DMARCD_ERROR_FATAL, "this should not happen" };
static const struct cause full_cause = { 0, DMARCD_ERROR_AGAIN,
					 "no space left on its file system; make room" };

static const struct cause *
cause_of(int code, int system_errno)
{
	if (system_errno == ENOSPC || system_errno == EDQUOT)
		if ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN)
			return &full_cause;
	for (gsize i = 0; i < G_N_ELEMENTS(causes); i++)
		if (causes[i].code == (code & 0xff))
			return &causes[i];
	return &other_cause;
}

gboolean
db_fail(struct db *db, GError **error)
{
	int code = sqlite3_extended_errcode(db->handle);

	if ((code & 0xff) == SQLITE_INTERRUPT) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "store %s: %s took more than %d s; ask for less or try again", db->path,
			    db->question ? db->question : "a question", QUESTION_S);
		return FALSE;
	}
	int system_errno = sqlite3_system_errno(db->handle);
	const struct cause *cause = cause_of(code, system_errno);
	gboolean has_errno = system_errno != 0 && cause->error != DMARCD_ERROR_LIMIT;
	g_set_error(error, DMARCD_ERROR, cause->error, "store %s: %s (%s%s%s)", db->path,
		    cause->text, sqlite3_errmsg(db->handle), has_errno ? ": " : "",
		    has_errno ? g_strerror(system_errno) : "");
	return FALSE;
}

gboolean
db_fail_damaged(struct db *db, const char *what, gint64 id, GError **error)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "store %s: %s %" G_GINT64_FORMAT " is damaged; restore a backup", db->path,
		    what, id);
	return FALSE;
}

/* Reading the clock costs more than the thousand operations between two calls. */
static int
is_too_late(gpointer data)
{
	struct db *db = data;

	if (db->deadline == 0 || ++db->ticks % TICKS_PER_LOOK != 0)
		return 0;
	return g_get_monotonic_time() > db->deadline;
}

static void
statement_free(gpointer statement)
{
	sqlite3_finalize(statement);
}

/* Nobody asks how much memory SQLite uses; counting it locks a mutex for every piece. */
static void
configure_once(void)
{
	static gsize is_done;

	if (!g_once_init_enter(&is_done))
		return;
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	g_once_init_leave(&is_done, 1);
}

struct db *
db_open(const char *path, enum db_mode mode, GError **error)
{
	g_autoptr(db_auto) db = g_new0(struct db, 1);
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	configure_once();
	flags |= mode == DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	db->path = g_strdup(path);
	db->statements = g_hash_table_new_full(NULL, NULL, NULL, statement_free);
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		db_fail(db, error);
		return NULL;
	}
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (mode == DB_READ)
		sqlite3_progress_handler(db->handle, PROGRESS_OPS, is_too_late, db);
	if (mode == DB_WRITE && sqlite_tally_register(db->handle) != SQLITE_OK) {
		db_fail(db, error);
		return NULL;
	}
	if (!db_exec(db, mode == DB_WRITE ? WRITER_PRAGMAS : READER_PRAGMAS, error))
		return NULL;
	return g_steal_pointer(&db);
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	g_hash_table_unref(db->statements);
	sqlite3_close(db->handle);
	g_free(db->path);
	g_free(db);
}

gboolean
db_exec(struct db *db, const char *sql, GError **error)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || db_fail(db, error);
}

sqlite3_stmt *
db_prepare(struct db *db, const char *sql, GError **error)
{
	sqlite3_stmt *statement = g_hash_table_lookup(db->statements, sql);

	if (statement) {
		sqlite3_reset(statement);
		return statement;
	}
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
	    SQLITE_OK) {
		db_fail(db, error);
		return NULL;
	}
	/* The table never writes through its keys. */
	g_hash_table_insert(db->statements, (gpointer)(guintptr)sql, statement);
	return statement;
}

sqlite3_stmt *
db_bind(sqlite3_stmt *statement, const char *kinds, ...)
{
	va_list arguments;

	va_start(arguments, kinds);
	for (int i = 1; kinds[i - 1] != '\0'; i++) {
		switch (kinds[i - 1]) {
		case 'i':
			sqlite3_bind_int64(statement, i, va_arg(arguments, gint64));
			break;
		case 't':
			sqlite3_bind_text(statement, i, va_arg(arguments, const char *), -1,
					  SQLITE_STATIC);
			break;
		case 'b': {
			const void *bytes = va_arg(arguments, const void *);
			int len = va_arg(arguments, int);
			/* A blob without an address would be NULL. */
			sqlite3_bind_blob(statement, i, bytes ? bytes : "", len, SQLITE_STATIC);
			break;
		}
		case '0':
			sqlite3_bind_null(statement, i);
			break;
		default:
			g_assert_not_reached();
		}
	}
	va_end(arguments);
	return statement;
}

enum db_row
db_step(struct db *db, sqlite3_stmt *statement, GError **error)
{
	int result = sqlite3_step(statement);

	if (result == SQLITE_ROW)
		return DB_ROW;
	if (result == SQLITE_DONE) {
		sqlite3_reset(statement);
		return DB_DONE;
	}
	db_fail(db, error);
	sqlite3_reset(statement);
	return DB_FAILED;
}

gboolean
db_run(struct db *db, sqlite3_stmt *statement, GError **error)
{
	enum db_row row;

	do
		row = db_step(db, statement, error);
	while (row == DB_ROW);
	return row == DB_DONE;
}

gboolean
db_number(struct db *db, sqlite3_stmt *statement, gint64 otherwise, gint64 *ret_number,
	  GError **error)
{
	gint64 number = otherwise;
	enum db_row row = db_step(db, statement, error);

	if (row == DB_FAILED)
		return FALSE;
	if (row == DB_ROW) {
		if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
			number = sqlite3_column_int64(statement, 0);
		sqlite3_reset(statement);
	}
	*ret_number = number;
	return TRUE;
}

gboolean
db_do(struct db *db, const char *sql, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	return statement && db_run(db, statement, error);
}

gboolean
db_begin(struct db *db, GError **error)
{
	return db_do(db, "BEGIN IMMEDIATE", error);
}

gboolean
db_commit(struct db *db, GError **error)
{
	return db_do(db, "COMMIT", error);
}

void
db_rollback(struct db *db)
{
	/* SQLite ends a transaction by itself where the disk is full. */
	if (!sqlite3_get_autocommit(db->handle))
		db_do(db, "ROLLBACK", NULL);
}

gboolean
db_set_overwriting(struct db *db, gboolean is_overwriting, GError **error)
{
	return db_do(db, is_overwriting ? "PRAGMA secure_delete=ON" : "PRAGMA secure_delete=OFF",
		     error);
}

void
db_set_question(struct db *db, const char *question)
{
	db->question = question;
	db->deadline = question ? g_get_monotonic_time() + QUESTION_S * G_USEC_PER_SEC : 0;
}

const char *
db_peek_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

char *
db_text(sqlite3_stmt *statement, int column)
{
	return g_strdup(db_peek_text(statement, column));
}

GBytes *
db_blob(sqlite3_stmt *statement, int column)
{
	gconstpointer bytes = sqlite3_column_blob(statement, column);

	return g_bytes_new(bytes, (gsize)sqlite3_column_bytes(statement, column));
}

struct unpack
db_peek_unpack(sqlite3_stmt *statement, int column)
{
	struct unpack in = { sqlite3_column_blob(statement, column), NULL, FALSE };

	in.end = in.at ? in.at + sqlite3_column_bytes(statement, column) : NULL;
	return in;
}

void
db_bind_totals(sqlite3_stmt *statement, int first, const struct totals *totals)
{
	const gint64 values[DB_N_TOTALS] = {
		totals->messages,  totals->pass,        totals->dkim_pass,
		totals->spf_pass,  totals->quarantined, totals->rejected,
		totals->forwarded, totals->explained,   totals->records,
	};

	for (int i = 0; i < DB_N_TOTALS; i++)
		sqlite3_bind_int64(statement, first + i, values[i]);
}

void
db_totals(sqlite3_stmt *statement, int first, struct totals *ret_totals)
{
	*ret_totals = (struct totals){
		.messages = sqlite3_column_int64(statement, first),
		.pass = sqlite3_column_int64(statement, first + 1),
		.dkim_pass = sqlite3_column_int64(statement, first + 2),
		.spf_pass = sqlite3_column_int64(statement, first + 3),
		.quarantined = sqlite3_column_int64(statement, first + 4),
		.rejected = sqlite3_column_int64(statement, first + 5),
		.forwarded = sqlite3_column_int64(statement, first + 6),
		.explained = sqlite3_column_int64(statement, first + 7),
		.records = sqlite3_column_int64(statement, first + 8),
	};
}
