/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - what the process counts of itself, for a monitoring system.
 *
 * A metric is a row of the table in metrics.c. Mails are counted by intake and outcome, so that at
 * every moment, for each intake
 *
 *	submitted = stored + revision + duplicate + quarantined + ignored + retry + in flight
 *
 * Names of intakes come from the configuration and are bounded (METRICS_INTAKES_MAX; what is beyond
 * counts as "other"). No address, domain or other outside text becomes a label.
 *
 * Threads: any. All lives as long as the process.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include <glib.h>

#include "core/message.h"

#define METRICS_INTAKES_MAX 64

enum metric {
	METRIC_COMMITS,         /* of the writer, with mails */
	METRIC_COMMIT_FAILURES, /* each is tried again */
	METRIC_LAST_COMMIT,     /* Unix seconds */
	METRIC_LAST_BATCH,      /* mails of the last commit */
	METRIC_WORKERS_ALIVE,
	METRIC_WORKERS_STARTED,
	METRIC_WORKERS_RECYCLED, /* after so many mails */
	METRIC_WORKERS_LOST,     /* over a mail: died, too late, answered wrongly */
	METRIC_LOOKUPS_ENABLED,  /* 1 or 0 */
	METRIC_LOOKUPS_ASKED,    /* questions to the DNS */
	METRIC_LOOKUPS_FACTS,
	METRIC_LOOKUPS_LAST,    /* Unix seconds */
	METRIC_LOOKUPS_FAILING, /* 1: the resolver does not answer */
	N_METRICS,
};

enum metric_queue {
	METRIC_QUEUE_NONE,
	METRIC_QUEUE_PIPELINE, /* before the workers */
	METRIC_QUEUE_WRITER,   /* behind them */
	N_METRIC_QUEUES,
};

void metrics_set(enum metric metric, gint64 value);
void metrics_add(enum metric metric, gint64 n);

void metrics_queue(enum metric_queue queue, guint items, gsize bytes);
void metrics_queue_limits(enum metric_queue queue, guint max_items, gsize max_bytes);

/* A mail of the intake of this name goes into the pipeline. Returns what metrics_mail_done() gets.
 */
gint64 metrics_mail_taken(const char *name);
void metrics_mail_done(const char *name, enum outcome outcome, gint64 taken_at);

/*
 * The intake reaches its mailbox, just now; or it does not, for a reason that people read ("" = not
 * yet); or there is no such intake any more.
 */
void metrics_intake_contact(const char *intake);
void metrics_intake_lost(const char *intake, const char *why);
void metrics_intake_end(const char *intake);

/* An intake that has a mailbox or listens. */
struct metrics_link {
	char *name;
	gboolean is_connected;
	char *why;         /* it is not; "" where it is */
	gint64 contact_at; /* Unix seconds, 0 = never */
	gint64 mail_at;    /* the same, of the last mail that it took */
};
void metrics_link_free(struct metrics_link *link);

/* Those of now, in the order in which they were started. Caller unrefs. */
GPtrArray *metrics_links(void);

/*
 * Text exposition format 0.0.4. A family first, then its samples. labels: "" or "name=\"value\"",
 * values escaped by metrics_label().
 */
void metrics_write(GString *out);
void metrics_write_family(GString *out, const char *name, const char *type, const char *help);
void metrics_write_sample(GString *out, const char *name, const char *labels, gint64 value);

/* name="value". Caller frees. */
char *metrics_label(const char *name, const char *value);

#endif
