/* SPDX-License-Identifier: MIT */
#include "app/reread.h"

#include "core/error.h"
#include "ingest/worker_pool.h"

struct reread {
	struct store *store;
	GMutex lock; /* of what follows */
	struct worker_options *options;
};

struct reread *
reread_new(struct store *store, const struct worker_options *options)
{
	struct reread *reread = g_new0(struct reread, 1);

	reread->store = store;
	g_mutex_init(&reread->lock);
	reread->options = worker_options_copy(options);
	return reread;
}

void
reread_set_options(struct reread *reread, const struct worker_options *options)
{
	g_mutex_lock(&reread->lock);
	worker_options_free(reread->options);
	reread->options = worker_options_copy(options);
	g_mutex_unlock(&reread->lock);
}

void
reread_free(struct reread *reread)
{
	if (!reread)
		return;
	worker_options_free(reread->options);
	g_mutex_clear(&reread->lock);
	g_free(reread);
}

/* What the writer thread tells the thread that waits for it. */
struct answer {
	GMutex lock;
	GCond arrived;
	gboolean is_here;
	enum outcome outcome;
	char *reason;
};

static void
on_done(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct answer *answer = cookie;

	g_mutex_lock(&answer->lock);
	answer->outcome = outcome;
	answer->reason = g_strdup(reason);
	answer->is_here = TRUE;
	g_cond_signal(&answer->arrived);
	g_mutex_unlock(&answer->lock);
}

static void
wait_for(struct answer *answer)
{
	g_mutex_lock(&answer->lock);
	while (!answer->is_here)
		g_cond_wait(&answer->arrived, &answer->lock);
	g_mutex_unlock(&answer->lock);
}

static struct parsed *
parse_kept(struct reread *reread, const struct store_kept *kept, GError **error)
{
	g_mutex_lock(&reread->lock);
	g_autoptr(worker_auto) worker = worker_new(reread->options);
	g_mutex_unlock(&reread->lock);

	return worker_parse(worker, kept->bytes, error);
}

/* FALSE where the mail stays kept. */
static gboolean
check_answer(const struct answer *answer, gboolean is_whole, GError **error)
{
	if (answer->outcome == OUTCOME_RETRY)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "not stored: %s",
			    answer->reason);
	else if (!is_whole || answer->outcome == OUTCOME_QUARANTINED)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "still cannot be read: %s",
			    answer->reason);
	else
		return TRUE;
	return FALSE;
}

static gboolean
submit(struct store *store, const struct store_kept *kept, struct parsed *parsed, GError **error)
{
	struct answer answer = { 0 };
	gboolean is_whole = parsed->faults->len == 0;

	g_mutex_init(&answer.lock);
	g_cond_init(&answer.arrived);
	struct message *message =
		message_new(kept->bytes, kept->intake, kept->locator, on_done, &answer);
	store_submit_kept(store, kept->id, message, parsed, "");
	wait_for(&answer);
	gboolean is_good = check_answer(&answer, is_whole, error);
	g_free(answer.reason);
	g_mutex_clear(&answer.lock);
	g_cond_clear(&answer.arrived);
	return is_good;
}

gboolean
reread_kept(gpointer data, gint64 kept_id, GError **error)
{
	struct reread *reread = data;
	struct store *store = reread->store;
	struct store_kept *kept = store_kept_get(store, kept_id, error);
	if (!kept)
		return FALSE;
	/* Trouble of this machine says nothing of the mail. */
	struct parsed *parsed = parse_kept(reread, kept, error);
	gboolean is_read = parsed && submit(store, kept, parsed, error);
	store_kept_free(kept);
	return is_read;
}
