/* SPDX-License-Identifier: MIT */
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "store/sqlite_handle.h"

#define MIGRATIONS "/dmarcd/schema/sqlite"

/* "dmrc", at offset 68 of the header (https://www.sqlite.org/fileformat.html, section 1.3). */
#define APPLICATION_ID      0x646d7263
#define APPLICATION_ID_TEXT "1684894307"

/* Another process may be at the same; it needs the file to itself only for a moment. */
#define WAL_TRIES   100
#define WAL_WAIT_US 50000

static gboolean
fail_file(const char *path, const char *what, int system_errno, GError **error)
{
	gboolean is_full = system_errno == ENOSPC || system_errno == EDQUOT;
	gboolean is_busy = is_full || system_errno == EMFILE || system_errno == ENFILE;

	g_set_error(error, DMARCD_ERROR, is_busy ? DMARCD_ERROR_AGAIN : DMARCD_ERROR_DENIED,
		    "store %s: %s: %s%s", path, what, g_strerror(system_errno),
		    is_busy ? "" : "; look at the owner and mode of the file and its folder");
	return FALSE;
}

gboolean
migrate_make_file(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (g_mkdir_with_parents(folder, 0700) != 0)
		return fail_file(folder, "cannot make the folder", errno, error);
	/* Closing a file that SQLite has open drops its locks: open nothing that exists. */
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST || fail_file(path, "cannot make the file", errno, error);
	close(fd);
	return TRUE;
}

static gboolean
read_pragma(struct db *db, const char *sql, gint64 *ret_number, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	return statement && db_number(db, statement, 0, ret_number, error);
}

static gboolean
check_ours(struct db *db, GError **error)
{
	gint64 pages;
	gint64 id;

	if (!read_pragma(db, "PRAGMA page_count", &pages, error) ||
	    !read_pragma(db, "PRAGMA application_id", &id, error))
		return FALSE;
	if (pages == 0 || id == APPLICATION_ID)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "store %s: this database was not made by dmarcd; name another file", db->path);
	return FALSE;
}

static gboolean
read_version(struct db *db, gint64 *ret_version, GError **error)
{
	return read_pragma(db, "PRAGMA user_version", ret_version, error);
}

static gboolean
fail_version(struct db *db, gint64 version, gint64 newest, GError **error)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "store %s: database has schema %" G_GINT64_FORMAT
		    ", this dmarcd knows %" G_GINT64_FORMAT ": %s",
		    db->path, version, newest,
		    version > newest ? "install a newer dmarcd"
				     : "let dmarcd serve or dmarcd ingest open it once");
	return FALSE;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of migrations, in order; their number is the place. */
static char **
list_migrations(void)
{
	char **names =
		g_resources_enumerate_children(MIGRATIONS, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

	g_assert(names != NULL);
	qsort(names, g_strv_length(names), sizeof(*names), compare_names);
	return names;
}

static gboolean
apply(struct db *db, const char *name, gint64 number, GError **error)
{
	g_autofree char *path = g_strdup_printf(MIGRATIONS "/%s", name);
	g_autofree char *mark = g_strdup_printf("PRAGMA application_id=" APPLICATION_ID_TEXT
						"; PRAGMA user_version=%" G_GINT64_FORMAT,
						number);
	g_autoptr(GBytes) sql = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

	g_assert(sql != NULL);
	/* Resources end with a zero byte that their size does not count. */
	if (!db_exec(db, g_bytes_get_data(sql, NULL), error) || !db_exec(db, mark, error)) {
		g_prefix_error(error, "migration %s: ", name);
		return FALSE;
	}
	return TRUE;
}

/* In one transaction, so that a file is either empty or whole, whatever happens. */
static gboolean
apply_missing(struct db *db, char **names, GError **error)
{
	gint64 version;
	gint64 newest = g_strv_length(names);

	if (!read_version(db, &version, error))
		return FALSE;
	for (gint64 i = version; i < newest; i++)
		if (!apply(db, names[i], i + 1, error))
			return FALSE;
	return TRUE;
}

static gboolean
set_wal(struct db *db, GError **error)
{
	for (int i = 0;; i++) {
		g_autoptr(GError) busy = NULL;
		if (db_exec(db, "PRAGMA journal_mode=WAL", &busy))
			return TRUE;
		if (i == WAL_TRIES || busy->code != DMARCD_ERROR_AGAIN) {
			g_propagate_error(error, g_steal_pointer(&busy));
			return FALSE;
		}
		g_usleep(WAL_WAIT_US);
	}
}

gboolean
migrate_run(struct db *db, GError **error)
{
	g_auto(GStrv) names = list_migrations();
	gint64 newest = g_strv_length(names);
	gint64 version;

	if (!check_ours(db, error) || !read_version(db, &version, error))
		return FALSE;
	if (version > newest)
		return fail_version(db, version, newest, error);
	if (version < newest) {
		if (!db_begin(db, error))
			return FALSE;
		if (!apply_missing(db, names, error) || !db_commit(db, error)) {
			db_rollback(db);
			return FALSE;
		}
	}
	return set_wal(db, error);
}

gboolean
migrate_check(struct db *db, GError **error)
{
	g_auto(GStrv) names = list_migrations();
	gint64 newest = g_strv_length(names);
	gint64 version;

	if (!check_ours(db, error) || !read_version(db, &version, error))
		return FALSE;
	return version == newest || fail_version(db, version, newest, error);
}
