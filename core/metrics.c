/* SPDX-License-Identifier: MIT */
#include "core/metrics.h"

#include <stdatomic.h>

#define COUNTER "counter"
#define GAUGE   "gauge"

static const struct {
	const char *name;
	const char *type;
	const char *help;
} rows[N_METRICS] = {
	[METRIC_COMMITS] = { "dmarcd_writer_commits_total", COUNTER,
			     "Transactions with mails that reached the disk." },
	[METRIC_COMMIT_FAILURES] = { "dmarcd_writer_failures_total", COUNTER,
				     "Transactions that failed and are tried again." },
	[METRIC_LAST_COMMIT] = { "dmarcd_writer_last_commit_timestamp_seconds", GAUGE,
				 "When mails were last stored, 0 = not yet." },
	[METRIC_LAST_BATCH] = { "dmarcd_writer_last_batch_mails", GAUGE,
				"Mails of the last transaction." },
	[METRIC_WORKERS_ALIVE] = { "dmarcd_workers_alive", GAUGE,
				   "Sealed worker processes that run." },
	[METRIC_WORKERS_STARTED] = { "dmarcd_workers_started_total", COUNTER,
				     "Worker processes that were started." },
	[METRIC_WORKERS_RECYCLED] = { "dmarcd_workers_recycled_total", COUNTER,
				      "Workers that were replaced after their share of mails." },
	[METRIC_WORKERS_LOST] = { "dmarcd_workers_lost_total", COUNTER,
				  "Workers that were killed, stopped or failed over a mail." },
	[METRIC_LOOKUPS_ENABLED] = { "dmarcd_lookups_enabled", GAUGE,
				     "Whether facts are looked up in the DNS." },
	[METRIC_LOOKUPS_ASKED] = { "dmarcd_lookups_questions_total", COUNTER,
				   "Questions to the DNS." },
	[METRIC_LOOKUPS_FACTS] = { "dmarcd_lookups_facts_total", COUNTER,
				   "Facts that were found out by them." },
	[METRIC_LOOKUPS_LAST] = { "dmarcd_lookups_last_round_timestamp_seconds", GAUGE,
				  "When the DNS was last asked, 0 = not yet." },
	[METRIC_LOOKUPS_FAILING] = { "dmarcd_lookups_failing", GAUGE,
				     "1 while the resolver does not answer." },
};

static const char *const queue_names[N_METRIC_QUEUES] = {
	[METRIC_QUEUE_PIPELINE] = "pipeline",
	[METRIC_QUEUE_WRITER] = "writer",
};

/* What is known of a queue, in the order of queue_rows. */
enum queue_value {
	QUEUE_ITEMS,
	QUEUE_BYTES,
	QUEUE_MAX_ITEMS,
	QUEUE_MAX_BYTES,
	N_QUEUE_VALUES,
};

static const struct {
	const char *name;
	const char *help;
} queue_rows[N_QUEUE_VALUES] = {
	[QUEUE_ITEMS] = { "dmarcd_queue_items", "Mails that wait in a queue." },
	[QUEUE_BYTES] = { "dmarcd_queue_bytes", "Their bytes." },
	[QUEUE_MAX_ITEMS] = { "dmarcd_queue_limit_items", "More mails than that wait outside." },
	[QUEUE_MAX_BYTES] = { "dmarcd_queue_limit_bytes", "More bytes than that wait outside." },
};

struct intake {
	char *name;
	gint64 submitted;
	gint64 outcomes[N_OUTCOMES];
	gint64 lag_us; /* from taken to outcome, summed up */
	gint64 last_mail_at;
	gint64 last_contact_at;
	gboolean has_link; /* has a mailbox or listener that can be lost */
	gboolean is_connected;
	char *why; /* it is not */
};

static _Atomic gint64 values[N_METRICS];
static _Atomic gint64 queue_values[N_METRIC_QUEUES][N_QUEUE_VALUES];

static GMutex lock; /* of what follows */
static struct intake intakes[METRICS_INTAKES_MAX + 1];
static guint n_intakes;

/* --- Counting --- */

static gint64
now_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

void
metrics_set(enum metric metric, gint64 value)
{
	atomic_store(&values[metric], value);
}

void
metrics_add(enum metric metric, gint64 n)
{
	atomic_fetch_add(&values[metric], n);
}

void
metrics_queue(enum metric_queue queue, guint items, gsize bytes)
{
	atomic_store(&queue_values[queue][QUEUE_ITEMS], (gint64)items);
	atomic_store(&queue_values[queue][QUEUE_BYTES], (gint64)bytes);
}

void
metrics_queue_limits(enum metric_queue queue, guint max_items, gsize max_bytes)
{
	atomic_store(&queue_values[queue][QUEUE_MAX_ITEMS], (gint64)max_items);
	atomic_store(&queue_values[queue][QUEUE_MAX_BYTES], (gint64)max_bytes);
}

/* The last place is for all that have none of their own. Few; the lock is held. */
static struct intake *
find_intake(const char *name)
{
	for (guint i = 0; i < n_intakes; i++)
		if (g_str_equal(intakes[i].name, name))
			return &intakes[i];
	if (n_intakes > METRICS_INTAKES_MAX)
		return &intakes[METRICS_INTAKES_MAX];
	struct intake *intake = &intakes[n_intakes++];
	intake->name = g_strdup(n_intakes > METRICS_INTAKES_MAX ? "other" : name);
	return intake;
}

gint64
metrics_mail_taken(const char *name)
{
	g_mutex_lock(&lock);
	struct intake *intake = find_intake(name);
	intake->submitted++;
	intake->last_mail_at = now_s();
	g_mutex_unlock(&lock);
	return g_get_monotonic_time();
}

void
metrics_mail_done(const char *name, enum outcome outcome, gint64 taken_at)
{
	gint64 lag_us = g_get_monotonic_time() - taken_at;

	g_mutex_lock(&lock);
	struct intake *intake = find_intake(name);
	intake->outcomes[outcome]++;
	intake->lag_us += lag_us;
	g_mutex_unlock(&lock);
}

static void
set_link(const char *name, gboolean has_link, gboolean is_connected, const char *why)
{
	g_mutex_lock(&lock);
	struct intake *intake = find_intake(name);
	intake->has_link = has_link;
	intake->is_connected = is_connected;
	if (is_connected)
		intake->last_contact_at = now_s();
	g_free(intake->why);
	intake->why = g_strdup(why);
	g_mutex_unlock(&lock);
}

void
metrics_intake_contact(const char *intake)
{
	set_link(intake, TRUE, TRUE, "");
}

void
metrics_intake_lost(const char *intake, const char *why)
{
	set_link(intake, TRUE, FALSE, why);
}

void
metrics_intake_end(const char *intake)
{
	set_link(intake, FALSE, FALSE, "");
}

void
metrics_link_free(struct metrics_link *link)
{
	g_free(link->name);
	g_free(link->why);
	g_free(link);
}

GPtrArray *
metrics_links(void)
{
	GPtrArray *links = g_ptr_array_new_with_free_func((GDestroyNotify)metrics_link_free);

	g_mutex_lock(&lock);
	for (guint i = 0; i < n_intakes; i++) {
		const struct intake *intake = &intakes[i];
		if (!intake->has_link)
			continue;
		struct metrics_link *link = g_new0(struct metrics_link, 1);
		link->name = g_strdup(intake->name);
		link->is_connected = intake->is_connected;
		link->why = g_strdup(intake->why);
		link->contact_at = intake->last_contact_at;
		link->mail_at = intake->last_mail_at;
		g_ptr_array_add(links, link);
	}
	g_mutex_unlock(&lock);
	return links;
}

/* --- Writing --- */

void
metrics_write_family(GString *out, const char *name, const char *type, const char *help)
{
	g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
metrics_write_sample(GString *out, const char *name, const char *labels, gint64 value)
{
	g_string_append(out, name);
	if (labels[0])
		g_string_append_printf(out, "{%s}", labels);
	g_string_append_printf(out, " %" G_GINT64_FORMAT "\n", value);
}

char *
metrics_label(const char *name, const char *value)
{
	GString *text = g_string_new(name);

	g_string_append(text, "=\"");
	for (const char *c = value; *c; c++) {
		if (*c == '\n')
			g_string_append(text, "\\n");
		else if (*c == '"' || *c == '\\')
			g_string_append_printf(text, "\\%c", *c);
		else
			g_string_append_c(text, *c);
	}
	g_string_append_c(text, '"');
	return g_string_free(text, FALSE);
}

static gint64
in_flight(const struct intake *intake)
{
	gint64 n = intake->submitted;

	for (enum outcome o = OUTCOME_RETRY; o < N_OUTCOMES; o++)
		n -= intake->outcomes[o];
	return n;
}

static gint64
answered(const struct intake *intake)
{
	return intake->submitted - in_flight(intake);
}

static gint64
submitted(const struct intake *intake)
{
	return intake->submitted;
}

static gint64
lag_ms(const struct intake *intake)
{
	return intake->lag_us / G_TIME_SPAN_MILLISECOND;
}

static gint64
last_mail_at(const struct intake *intake)
{
	return intake->last_mail_at;
}

static gint64
last_contact_at(const struct intake *intake)
{
	return intake->last_contact_at;
}

static gint64
connected(const struct intake *intake)
{
	return intake->is_connected ? 1 : 0;
}

/* One value of each intake. */
static const struct {
	const char *name;
	const char *type;
	const char *help;
	gint64 (*get)(const struct intake *intake);
	gboolean of_links; /* only of those that have one */
} intake_rows[] = {
	{ "dmarcd_mails_submitted_total", COUNTER, "Mails that went into the pipeline.", submitted,
	  FALSE },
	{ "dmarcd_mails_in_flight", GAUGE, "Of these, mails without an outcome yet.", in_flight,
	  FALSE },
	{ "dmarcd_mails_lag_milliseconds_total", COUNTER,
	  "Time from taking a mail to its outcome, summed up over dmarcd_mails_answered_total.",
	  lag_ms, FALSE },
	{ "dmarcd_mails_answered_total", COUNTER, "Mails with an outcome.", answered, FALSE },
	{ "dmarcd_intake_last_mail_timestamp_seconds", GAUGE,
	  "When the last mail was taken, 0 = none yet.", last_mail_at, FALSE },
	{ "dmarcd_intake_connected", GAUGE,
	  "Whether the intake reaches its mailbox, or listens (1) or not (0).", connected, TRUE },
	{ "dmarcd_intake_last_contact_timestamp_seconds", GAUGE,
	  "When the mailbox was last looked at, or a mail server last connected, 0 = not yet.",
	  last_contact_at, TRUE },
};

static void
write_outcomes(GString *out)
{
	static const char name[] = "dmarcd_mails_total";

	metrics_write_family(out, name, COUNTER, "Mails by what became of them.");
	for (guint i = 0; i < n_intakes; i++) {
		g_autofree char *intake = metrics_label("intake", intakes[i].name);
		for (enum outcome o = OUTCOME_RETRY; o < N_OUTCOMES; o++) {
			g_autofree char *labels =
				g_strdup_printf("%s,outcome=\"%s\"", intake, outcome_name(o));
			metrics_write_sample(out, name, labels, intakes[i].outcomes[o]);
		}
	}
}

/* All of it under the lock: the sums hold at one moment. */
static void
write_intakes(GString *out)
{
	g_mutex_lock(&lock);
	write_outcomes(out);
	for (gsize row = 0; row < G_N_ELEMENTS(intake_rows); row++) {
		metrics_write_family(out, intake_rows[row].name, intake_rows[row].type,
				     intake_rows[row].help);
		for (guint i = 0; i < n_intakes; i++) {
			g_autofree char *labels = metrics_label("intake", intakes[i].name);
			if (!intake_rows[row].of_links || intakes[i].has_link)
				metrics_write_sample(out, intake_rows[row].name, labels,
						     intake_rows[row].get(&intakes[i]));
		}
	}
	g_mutex_unlock(&lock);
}

static void
write_queues(GString *out)
{
	for (gsize row = 0; row < N_QUEUE_VALUES; row++) {
		metrics_write_family(out, queue_rows[row].name, GAUGE, queue_rows[row].help);
		for (gsize i = METRIC_QUEUE_PIPELINE; i < N_METRIC_QUEUES; i++) {
			g_autofree char *labels = metrics_label("queue", queue_names[i]);
			metrics_write_sample(out, queue_rows[row].name, labels,
					     atomic_load(&queue_values[i][row]));
		}
	}
}

void
metrics_write(GString *out)
{
	write_intakes(out);
	write_queues(out);
	for (gsize i = 0; i < N_METRICS; i++) {
		metrics_write_family(out, rows[i].name, rows[i].type, rows[i].help);
		metrics_write_sample(out, rows[i].name, "", atomic_load(&values[i]));
	}
}
