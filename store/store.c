/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <errno.h>
#include <unistd.h>

#include "core/error.h"
#include "store/migrate.h"
#include "store/sqlite_batch.h"
#include "store/sqlite_handle.h"
#include "store/sqlite_kept.h"
#include "store/sqlite_people.h"
#include "store/sqlite_rejudge.h"
#include "store/sqlite_reporter.h"
#include "store/sqlite_token.h"
#include "store/store_private.h"
#include "store/writer.h"

#define SQLITE_PREFIX "sqlite:"

struct store {
	char *path;
	struct store_options options;
	struct writer *writer; /* NULL where read only */
	GMutex lock;           /* of reader */
	struct db *reader;     /* for look-ups outside pages; opened when first asked */
};

const char *
store_path(const struct store *store)
{
	return store->path;
}

gint64
store_now(const struct store *store)
{
	return store->options.now ? store->options.now : g_get_real_time() / G_USEC_PER_SEC;
}

const struct store_judge *
store_judge(const struct store *store)
{
	return store->options.judge;
}

static gboolean
bring_up_to_date(const char *path, GError **error)
{
	if (!migrate_make_file(path, error))
		return FALSE;
	g_autoptr(db_auto) db = db_open(path, DB_WRITE, error);
	return db && migrate_run(db, error);
}

static gboolean
check_up_to_date(const char *path, GError **error)
{
	if (access(path, F_OK) != 0 && errno != ENOENT) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "store %s: cannot open: %s; look at the owner and mode of its folder",
			    path, g_strerror(errno));
		return FALSE;
	}
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "store %s does not exist; `dmarcd ingest` or `dmarcd serve` makes it",
			    path);
		return FALSE;
	}
	g_autoptr(db_auto) db = db_open(path, DB_READ, error);
	return db && migrate_check(db, error);
}

static gboolean
open_store(struct store *store, GError **error)
{
	if (store->options.is_read_only)
		return check_up_to_date(store->path, error);
	if (!bring_up_to_date(store->path, error))
		return FALSE;
	store->writer = writer_start(store->path, store->options.judge, store->options.now, error);
	return store->writer != NULL;
}

static void
free_judge(const struct store_judge *judge)
{
	if (judge && judge->free)
		judge->free(judge->cookie);
}

struct store *
store_open(const char *url, const struct store_options *options, GError **error)
{
	if (!g_str_has_prefix(url, SQLITE_PREFIX) || url[strlen(SQLITE_PREFIX)] == '\0') {
		free_judge(options->judge);
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "store \"%s\" is no address of a store; write sqlite:PATH", url);
		return NULL;
	}
	struct store *store = g_new0(struct store, 1);
	store->path = g_strdup(url + strlen(SQLITE_PREFIX));
	store->options = *options;
	g_mutex_init(&store->lock);
	if (open_store(store, error))
		return store;
	store_close(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	writer_stop(store->writer);
	db_close(store->reader);
	free_judge(store->options.judge);
	g_mutex_clear(&store->lock);
	g_free(store->path);
	g_free(store);
}

void
store_submit(struct store *store, struct message *message, struct parsed *parsed,
	     const char *reason)
{
	store_submit_kept(store, 0, message, parsed, reason);
}

void
store_submit_kept(struct store *store, gint64 id, struct message *message, struct parsed *parsed,
		  const char *reason)
{
	const struct batch_mail mail = {
		.message = message,
		.parsed = parsed,
		.reason = g_strdup(reason ? reason : ""),
		.code = FAULT_KILLED,
		.kept_id = id,
	};

	writer_submit(store->writer, &mail);
}

gboolean
store_flush(struct store *store, GError **error)
{
	return !store->writer || writer_flush(store->writer, error);
}

void
store_give_up(struct store *store)
{
	if (store->writer)
		writer_give_up(store->writer);
}

gint64
store_in_flight(struct store *store)
{
	return store->writer ? writer_in_flight(store->writer) : 0;
}

/* The reader, locked; NULL where it cannot be opened. */
static struct db *
lock_reader(struct store *store, GError **error)
{
	g_mutex_lock(&store->lock);
	if (!store->reader)
		store->reader = db_open(store->path, DB_READ, error);
	if (!store->reader)
		g_mutex_unlock(&store->lock);
	return store->reader;
}

gboolean
store_was_handled(struct store *store, const char *intake, const char *unique_name,
		  enum outcome *ret_outcome)
{
	struct db *db = lock_reader(store, NULL);
	gboolean is_handled;

	if (!db)
		return FALSE;
	if (!kept_find_handled(db, intake, unique_name, &is_handled, ret_outcome, NULL))
		is_handled = FALSE;
	g_mutex_unlock(&store->lock);
	return is_handled;
}

struct store_kept *
store_kept_get(struct store *store, gint64 id, GError **error)
{
	struct db *db = lock_reader(store, error);

	if (!db)
		return NULL;
	struct store_kept *kept = kept_get(db, id, error);
	g_mutex_unlock(&store->lock);
	return kept;
}

/* All that changes something comes through here. */
gboolean
store_edit(struct store *store, writer_edit_fn edit, gpointer data, GError **error)
{
	if (store->writer)
		return writer_edit(store->writer, edit, data, error);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "store %s was opened for reading alone", store->path);
	return FALSE;
}

gboolean
store_edit_rejudge(struct store *store, GError **error)
{
	return store_edit(store, rejudge_mark, NULL, error);
}

gboolean
store_edit_voice(struct store *store, const char *voice, gboolean is_approved, GError **error)
{
	struct voice_edit edit = { voice, is_approved };

	return store_edit(store, voice_approve, &edit, error);
}

gboolean
store_edit_user(struct store *store, const char *name, const char *password_hash, GError **error)
{
	struct people_edit edit = { .key = name, .value = password_hash };

	return store_edit(store, people_set_user, &edit, error);
}

gboolean
store_edit_rights(struct store *store, const char *name, guint rights, GError **error)
{
	struct people_edit edit = { .key = name, .rights = rights };

	return store_edit(store, people_set_rights, &edit, error);
}

gboolean
store_edit_session(struct store *store, const char *token_hash, const char *user, gint64 expires_at,
		   GError **error)
{
	struct people_edit edit = { .key = token_hash, .value = user, .expires_at = expires_at };

	return store_edit(store, people_set_session, &edit, error);
}

gboolean
store_edit_session_end(struct store *store, const char *token_hash, GError **error)
{
	struct people_edit edit = { .key = token_hash };

	return store_edit(store, people_end_session, &edit, error);
}

gboolean
store_edit_login_link(struct store *store, const char *token_hash, const char *user,
		      gint64 expires_at, GError **error)
{
	struct people_edit edit = { .key = token_hash, .value = user, .expires_at = expires_at };

	return store_edit(store, people_set_login_link, &edit, error);
}

gboolean
store_edit_login_link_use(struct store *store, const char *token_hash, char **ret_user,
			  GError **error)
{
	struct people_edit edit = { .key = token_hash, .now = store_now(store) };

	if (!store_edit(store, people_use_login_link, &edit, error) || !edit.found)
		return FALSE;
	*ret_user = edit.found;
	return TRUE;
}

gboolean
store_edit_token(struct store *store, const char *name, const char *token_hash, guint rights,
		 GError **error)
{
	struct token_edit edit = { name, token_hash, rights, store_now(store) };

	return store_edit(store, token_add, &edit, error);
}

gboolean
store_edit_token_revoke(struct store *store, const char *name, GError **error)
{
	struct token_edit edit = { .name = name };

	return store_edit(store, token_revoke, &edit, error);
}
