/* SPDX-License-Identifier: MIT */
#include "store/writer.h"

#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/queue.h"
#include "store/sqlite_batch.h"
#include "store/sqlite_handle.h"

#define QUEUE_ITEMS 64
#define QUEUE_BYTES (64 * 1024 * 1024)
#define BATCH_MAILS 256
/* How long a batch waits for more mails in all, and for the next one: who waits for an answer
 * before the next mail must not wait long.
 */
#define BATCH_MS      200
#define BULK_GAP_MS   20
#define SINGLE_GAP_MS 5
/* How long nothing comes until the rollups are brought up to date. */
#define IDLE_MS 250
/* How often the day's change is looked for, which moves windows. */
#define DAY_CHECK_MS     60000
#define BACK_OFF_FIRST_S 1
#define BACK_OFF_MAX_S   30

enum job_kind {
	JOB_MAIL,
	JOB_EDIT,
	JOB_FLUSH,
};

/* What waits in the queue. Edits and flushes live on the stack of who waits for them. */
struct job {
	enum job_kind kind;
	struct batch_mail mail;
	writer_edit_fn edit;
	gpointer data;
	gboolean is_good;
	gboolean is_done;
	GError *error;
};

struct writer {
	GThread *thread;
	struct queue *queue;
	struct db *db;
	struct batch *batch;
	gint64 now;
	gint in_flight; /* atomic */
	GMutex lock;    /* of what follows */
	GCond changed;
	gboolean is_giving_up;
};

static gint64
instant(const struct writer *writer)
{
	return writer->now ? writer->now : g_get_real_time() / G_USEC_PER_SEC;
}

static gint64
today(const struct writer *writer)
{
	return instant(writer) / 86400;
}

/* Who gave up is told by the outcome; who waits finds the cause in the log. */
static void
log_trouble(struct writer *writer, const char *event, const GError *error)
{
	g_mutex_lock(&writer->lock);
	gboolean is_giving_up = writer->is_giving_up;
	g_mutex_unlock(&writer->lock);
	if (!is_giving_up)
		log_event(LOG_ERROR, event, "error", error->message, NULL);
}

/* FALSE where the writer was told to wait for nothing any more. */
static gboolean
back_off(struct writer *writer, gint64 *seconds)
{
	gint64 until = g_get_monotonic_time() + *seconds * G_USEC_PER_SEC;

	g_mutex_lock(&writer->lock);
	while (!writer->is_giving_up && g_cond_wait_until(&writer->changed, &writer->lock, until))
		continue;
	gboolean is_giving_up = writer->is_giving_up;
	g_mutex_unlock(&writer->lock);
	*seconds = MIN(*seconds * 2, BACK_OFF_MAX_S);
	return !is_giving_up;
}

static void
answer_mails(struct writer *writer, GPtrArray *mails, const GError *error)
{
	for (guint i = 0; i < mails->len; i++) {
		struct job *job = g_ptr_array_index(mails, i);
		if (error)
			message_done(&job->mail.message, OUTCOME_RETRY, error->message);
		else
			message_done(&job->mail.message, job->mail.outcome,
				     job->mail.outcome_reason);
		batch_mail_clear(&job->mail);
		g_free(job);
		g_atomic_int_add(&writer->in_flight, -1);
	}
	g_ptr_array_set_size(mails, 0);
}

/*
 * A mail that the database does not accept is refused, and the rest tried again. That is cheaper
 * than a savepoint for each mail, which copies every page that the mail touches.
 */
static gboolean
add_mails(struct writer *writer, GPtrArray *mails, gboolean *ret_is_refused, GError **error)
{
	*ret_is_refused = FALSE;
	for (guint i = 0; i < mails->len; i++) {
		struct job *job = g_ptr_array_index(mails, i);
		if (batch_add(writer->batch, &job->mail, error))
			continue;
		if (g_error_matches(*error, DMARCD_ERROR, DMARCD_ERROR_LIMIT) && job->mail.parsed) {
			batch_mail_refuse(&job->mail, (*error)->message);
			*ret_is_refused = TRUE;
		}
		return FALSE;
	}
	return TRUE;
}

static gboolean
write_once(struct writer *writer, GPtrArray *mails, GError **error)
{
	for (;;) {
		gboolean is_refused;
		if (!batch_begin(writer->batch, instant(writer), error))
			return FALSE;
		if (add_mails(writer, mails, &is_refused, error))
			return batch_commit(writer->batch, today(writer), error);
		batch_rollback(writer->batch);
		if (!is_refused)
			return FALSE;
		g_clear_error(error);
	}
}

/* Write the mails, however often it takes, and answer them. */
static void
write_mails(struct writer *writer, GPtrArray *mails)
{
	gint64 seconds = BACK_OFF_FIRST_S;

	if (mails->len == 0)
		return;
	for (;;) {
		g_autoptr(GError) error = NULL;
		if (write_once(writer, mails, &error)) {
			metrics_add(METRIC_COMMITS, 1);
			metrics_set(METRIC_LAST_BATCH, mails->len);
			metrics_set(METRIC_LAST_COMMIT, g_get_real_time() / G_USEC_PER_SEC);
			answer_mails(writer, mails, NULL);
			return;
		}
		metrics_add(METRIC_COMMIT_FAILURES, 1);
		log_trouble(writer, "cannot store mails", error);
		if (!back_off(writer, &seconds)) {
			answer_mails(writer, mails, error);
			return;
		}
	}
}

static gboolean
catch_up(struct writer *writer, GError **error)
{
	gboolean is_due;

	if (!batch_is_catch_up_due(writer->batch, today(writer), &is_due, error))
		return FALSE;
	return !is_due || batch_catch_up(writer->batch, today(writer), error);
}

static void
catch_up_when_idle(struct writer *writer)
{
	g_autoptr(GError) error = NULL;

	if (!catch_up(writer, &error))
		log_trouble(writer, "cannot bring the rollups up to date", error);
}

static gboolean
run_edit(struct writer *writer, struct job *job, GError **error)
{
	if (!db_begin(writer->db, error))
		return FALSE;
	if (job->edit(writer->db, job->data, error) &&
	    db_do(writer->db, "UPDATE state SET version = version + 1", error) &&
	    db_commit(writer->db, error))
		return TRUE;
	db_rollback(writer->db);
	return FALSE;
}

static void
run_waited_for(struct writer *writer, struct job *job)
{
	GError *error = NULL;
	gboolean is_good =
		job->kind == JOB_EDIT ? run_edit(writer, job, &error) : catch_up(writer, &error);

	g_mutex_lock(&writer->lock);
	job->is_good = is_good;
	job->error = error;
	job->is_done = TRUE;
	g_cond_broadcast(&writer->changed);
	g_mutex_unlock(&writer->lock);
}

/* Take mails until the batch is full or none comes any more; another job ends it, and is returned.
 */
static struct job *
fill_batch(struct writer *writer, GPtrArray *mails, gboolean is_bulk)
{
	gint64 until = g_get_monotonic_time() + BATCH_MS * G_TIME_SPAN_MILLISECOND;

	while (mails->len < BATCH_MAILS) {
		gint64 left = (until - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
		left = MIN(left, is_bulk ? BULK_GAP_MS : SINGLE_GAP_MS);
		struct job *job = queue_pop(writer->queue, MAX(left, 0));
		if (!job || job->kind != JOB_MAIL)
			return job;
		g_ptr_array_add(mails, job);
	}
	return NULL;
}

static gpointer
run(gpointer data)
{
	struct writer *writer = data;
	g_autoptr(GPtrArray) mails = g_ptr_array_new();
	gboolean is_bulk = FALSE;
	gboolean is_edited = FALSE; /* which may have marked sources to be judged anew */

	while (!queue_is_done(writer->queue)) {
		gboolean is_lagging = is_edited || batch_is_lagging(writer->batch);
		struct job *job = queue_pop(writer->queue, is_lagging ? IDLE_MS : DAY_CHECK_MS);
		if (!job) {
			is_edited = FALSE;
			catch_up_when_idle(writer);
			continue;
		}
		if (job->kind == JOB_MAIL) {
			g_ptr_array_add(mails, job);
			job = fill_batch(writer, mails, is_bulk);
			is_bulk = mails->len > 1;
			write_mails(writer, mails);
		}
		if (!job)
			continue;
		is_edited |= job->kind == JOB_EDIT;
		run_waited_for(writer, job);
	}
	catch_up_when_idle(writer);
	return NULL;
}

struct writer *
writer_start(const char *path, const struct store_judge *judge, gint64 now, GError **error)
{
	struct db *db = db_open(path, DB_WRITE, error);
	if (!db)
		return NULL;
	struct writer *writer = g_new0(struct writer, 1);

	writer->db = db;
	writer->batch = batch_new(db, judge);
	writer->now = now;
	writer->queue = queue_new(QUEUE_ITEMS, QUEUE_BYTES, NULL);
	queue_count(writer->queue, METRIC_QUEUE_WRITER);
	g_mutex_init(&writer->lock);
	g_cond_init(&writer->changed);
	/* What a killed process left is brought up to date before anything is asked. */
	if (!catch_up(writer, error)) {
		writer_stop(writer);
		return NULL;
	}
	writer->thread = g_thread_new("writer", run, writer);
	return writer;
}

void
writer_stop(struct writer *writer)
{
	if (!writer)
		return;
	writer_give_up(writer);
	queue_close(writer->queue);
	if (writer->thread)
		g_thread_join(writer->thread);
	batch_free(writer->batch);
	db_close(writer->db);
	queue_free(writer->queue);
	g_mutex_clear(&writer->lock);
	g_cond_clear(&writer->changed);
	g_free(writer);
}

static gsize
size_of(const struct message *message, const struct parsed *parsed)
{
	gsize size = g_bytes_get_size(message->bytes);

	for (guint i = 0; parsed && i < parsed->documents->len; i++) {
		const struct document *document = g_ptr_array_index(parsed->documents, i);
		if (document->kind == DOCUMENT_AGGREGATE)
			size += document->report.records->len * sizeof(struct record);
	}
	return size;
}

void
writer_submit(struct writer *writer, const struct batch_mail *mail)
{
	struct job *job = g_new0(struct job, 1);
	gsize size = size_of(mail->message, mail->parsed);

	job->kind = JOB_MAIL;
	job->mail = *mail;
	g_atomic_int_inc(&writer->in_flight);
	if (queue_push(writer->queue, job, size))
		return;
	g_autoptr(GPtrArray) mails = g_ptr_array_new();
	g_autoptr(GError) error =
		g_error_new(DMARCD_ERROR, DMARCD_ERROR_AGAIN, "the store is closing");
	g_ptr_array_add(mails, job);
	answer_mails(writer, mails, error);
}

static gboolean
wait_for_job(struct writer *writer, struct job *job, GError **error)
{
	if (!queue_push(writer->queue, job, 1)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
				    "the store is closing");
		return FALSE;
	}
	g_mutex_lock(&writer->lock);
	while (!job->is_done)
		g_cond_wait(&writer->changed, &writer->lock);
	g_mutex_unlock(&writer->lock);
	if (job->error)
		g_propagate_error(error, job->error);
	return job->is_good;
}

gboolean
writer_edit(struct writer *writer, writer_edit_fn edit, gpointer data, GError **error)
{
	struct job job = { .kind = JOB_EDIT, .edit = edit, .data = data };

	return wait_for_job(writer, &job, error);
}

gboolean
writer_flush(struct writer *writer, GError **error)
{
	struct job job = { .kind = JOB_FLUSH };

	return wait_for_job(writer, &job, error);
}

void
writer_give_up(struct writer *writer)
{
	g_mutex_lock(&writer->lock);
	writer->is_giving_up = TRUE;
	g_cond_broadcast(&writer->changed);
	g_mutex_unlock(&writer->lock);
}

gint64
writer_in_flight(struct writer *writer)
{
	return g_atomic_int_get(&writer->in_flight);
}
