/* SPDX-License-Identifier: MIT */
#include "app/reread.h"

#include "core/error.h"
#include "ingest/worker_pool.h"
#include "store/store.h"

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
parse_kept(const struct store_kept *kept, GError **error)
{
	struct parse_limits limits = parse_default_limits;
	limits.want_raw = TRUE;
	struct worker *worker = worker_new(&limits, error);
	if (!worker)
		return NULL;
	struct parsed *parsed = worker_parse(worker, kept->bytes, error);
	worker_free(worker);
	return parsed;
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
submit(struct store *store, const struct store_kept *kept, struct parsed *parsed,
       const char *reason, GError **error)
{
	struct answer answer = { 0 };
	gboolean is_whole = parsed && parsed->faults->len == 0;

	g_mutex_init(&answer.lock);
	g_cond_init(&answer.arrived);
	struct message *message =
		message_new(kept->bytes, kept->intake, kept->locator, on_done, &answer);
	store_submit_kept(store, kept->id, message, parsed, reason);
	wait_for(&answer);
	gboolean is_good = check_answer(&answer, is_whole, error);
	g_free(answer.reason);
	g_mutex_clear(&answer.lock);
	g_cond_clear(&answer.arrived);
	return is_good;
}

gboolean
reread_kept(gpointer store, gint64 kept_id, GError **error)
{
	struct store_kept *kept = store_kept_get(store, kept_id, error);
	if (!kept)
		return FALSE;
	g_autoptr(GError) fault = NULL;
	struct parsed *parsed = parse_kept(kept, &fault);
	gboolean is_read = FALSE;
	/* Trouble of this machine says nothing of the mail. */
	if (fault && (fault->code == DMARCD_ERROR_AGAIN || fault->code == DMARCD_ERROR_FATAL))
		g_propagate_error(error, g_steal_pointer(&fault));
	else
		is_read = submit(store, kept, parsed, fault ? fault->message : "", error);
	store_kept_free(kept);
	return is_read;
}
