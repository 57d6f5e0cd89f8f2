/* SPDX-License-Identifier: MIT */
/*
 * store.h - keep what was read: the process-wide store and its one writer thread.
 *
 * A store is opened by URL ("sqlite:PATH"). store_submit() hands a mail with its documents to the
 * writer thread, which commits them in batches and acknowledges each mail after its commit has
 * reached the disk (message_done()), never before. store_edit_*() are small changes that people ask
 * for; they wait for their commit. Questions are asked through store/query.h.
 *
 * Several processes may have the same store open: serve, and any number of ingest. Rollups lag
 * behind the reports of a bulk load and are brought up to date when the writer is idle, by
 * store_flush() and by store_close(); what a killed process left behind, the next one to open the
 * store for writing catches up.
 *
 * Threads: every function may be called from any thread; the judge runs in the writer thread.
 * Errors: AGAIN (busy, disk full), DENIED (permission), INVALID (not a database of ours, newer
 * schema), FATAL.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <glib.h>

#include "core/document.h"
#include "core/message.h"
#include "core/source.h"
#include "store/judge.h"
#include "store/right.h"

struct store;

struct store_options {
	const struct store_judge *judge; /* required; lives until the store is closed */
	gboolean is_read_only; /* no writer thread, no migration; for commands that only ask */
	gint64 now;            /* 0, or the clock's replacement in tests: Unix seconds */
};

/*
 * Open or create. Brings the schema up to date, refuses a newer one, and catches up rollups that a
 * killed process left behind. NULL and error on failure.
 */
struct store *store_open(const char *url, const struct store_options *options, GError **error);

/*
 * Mark every source to be made anew and judged again, with other weights, say. store_flush() does
 * it. What records say was read when they came, and stays.
 */
gboolean store_edit_rejudge(struct store *store, GError **error);

/*
 * A user vouches for a voice (query_party.voice), or does no longer: reports that came with it
 * count from the next settling on, which store_flush() does. INVALID where no report came with it.
 */
gboolean store_edit_voice(struct store *store, const char *voice, gboolean is_approved,
			  GError **error);

/* Commit what was submitted, bring the rollups up to date, stop the writer. NULL is fine. */
void store_close(struct store *store);
typedef struct store store_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_auto, store_close)

/*
 * Hand over a mail and what was parsed from it (NULL where parsing had to be given up; then reason
 * says why). Takes both. Blocks while the writer's queue is full. The outcome reaches
 * message->done.
 */
void store_submit(struct store *store, struct message *message, struct parsed *parsed,
		  const char *reason);

/* The judge that it was opened with. */
const struct store_judge *store_judge(const struct store *store);

/* Wait until everything submitted before is committed and in the rollups. */
gboolean store_flush(struct store *store, GError **error);

/*
 * From now on trouble is not waited out: what cannot be committed at the next try is answered with
 * RETRY. For a stop that must come to an end while the disk is full.
 */
void store_give_up(struct store *store);

/* How many arrivals were submitted and are not acknowledged yet. */
gint64 store_in_flight(struct store *store);

/* Has this intake handled the mail of this unique name before? Then ret_outcome says how. */
gboolean store_was_handled(struct store *store, const char *intake, const char *unique_name,
			   enum outcome *ret_outcome);

/* The unreadable mails that were kept, to be tried again. */
struct store_kept {
	gint64 id;
	GBytes *bytes;
	char *intake;
	char *locator;
	gint64 received_at;
};
struct store_kept *store_kept_get(struct store *store, gint64 id, GError **error);
void store_kept_free(struct store_kept *kept);

/*
 * The same as store_submit() for the bytes of a kept mail that were parsed again: every mail with
 * these bytes has its new outcome in place of its old one, and none counts as one more. The kept
 * mail goes, or stays with the new reason. Where nothing is kept under this id any more the
 * outcome is IGNORED, or QUARANTINED where it has a fault, and nothing changes.
 */
void store_submit_kept(struct store *store, gint64 id, struct message *message,
		       struct parsed *parsed, const char *reason);

/*
 * People. Passwords come hashed (argon2id text of libsodium), tokens as SHA-256 digests in hex. A
 * new user has all rights, another password changes none.
 */
gboolean store_edit_user(struct store *store, const char *name, const char *password_hash,
			 GError **error);
/* INVALID where there is no such user. */
gboolean store_edit_rights(struct store *store, const char *name, guint rights, GError **error);
gboolean store_edit_session(struct store *store, const char *token_hash, const char *user,
			    gint64 expires_at, GError **error);
gboolean store_edit_session_end(struct store *store, const char *token_hash, GError **error);
gboolean store_edit_login_link(struct store *store, const char *token_hash, const char *user,
			       gint64 expires_at, GError **error);

/* Use up a login link. FALSE without error where there is none, or it has expired. Free ret_user.
 */
gboolean store_edit_login_link_use(struct store *store, const char *token_hash, char **ret_user,
				   GError **error);

/*
 * Tokens of programs. INVALID where there is one of this name already, or none to revoke.
 */
gboolean store_edit_token(struct store *store, const char *name, const char *token_hash,
			  guint rights, GError **error);
gboolean store_edit_token_revoke(struct store *store, const char *name, GError **error);

#endif
