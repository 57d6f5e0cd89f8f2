/* SPDX-License-Identifier: MIT */
/*
 * intakes.h - the intakes that run, each in a thread of its own.
 *
 * A mailbox is read by one dmarcd at a time for a store: another one waits until that ends, and
 * then takes over.
 *
 * Threads: one at a time.
 */
#ifndef APP_INTAKES_H
#define APP_INTAKES_H

#include <glib.h>

#include "app/config.h"
#include "ingest/pipeline.h"
#include "store/store.h"

struct intakes;

/* None runs yet. store and pipeline outlive them. */
struct intakes *intakes_new(struct store *store, struct pipeline *pipeline);

/* Stops all; what they have pushed is settled first. NULL is fine. */
void intakes_free(struct intakes *intakes);

/*
 * Make them what the configuration says: what is not in it is stopped, what is the same runs on,
 * what is new or has changed is started. FALSE and error where one of them cannot be opened, and
 * then nothing has changed. config may go afterwards.
 */
gboolean intakes_set(struct intakes *intakes, const struct config *config, GError **error);

/* They shall end soon. Does not wait. */
void intakes_cancel(struct intakes *intakes);

/* "maildir /var/mail/dmarc", for each, in lines. Caller frees. */
char *intakes_describe(const struct intakes *intakes);

#endif
