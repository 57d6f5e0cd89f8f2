/* SPDX-License-Identifier: MIT */
#include "core/message.h"

#include "core/metrics.h"

static const char *const outcome_names[N_OUTCOMES] = {
	[OUTCOME_RETRY] = "retry",
	[OUTCOME_STORED] = "stored",
	[OUTCOME_REVISION] = "revision",
	[OUTCOME_DUPLICATE] = "duplicate",
	[OUTCOME_QUARANTINED] = "quarantined",
	[OUTCOME_IGNORED] = "ignored",
};

struct message *
message_new(GBytes *bytes, const char *intake, const char *locator, message_done_fn done,
	    gpointer cookie)
{
	struct message *message = g_new0(struct message, 1);

	message->bytes = g_bytes_ref(bytes);
	message->received_at = g_get_real_time() / G_USEC_PER_SEC;
	message->intake = g_strdup(intake);
	message->locator = g_strdup(locator);
	message->done = done;
	message->cookie = cookie;
	return message;
}

void
message_done(struct message **message, enum outcome outcome, const char *reason)
{
	struct message *m = g_steal_pointer(message);

	g_assert(m != NULL);
	if (m->taken_at)
		metrics_mail_done(m->intake, outcome, m->taken_at);
	if (m->done)
		m->done(m->cookie, outcome, reason);
	g_bytes_unref(m->bytes);
	g_free(m->intake);
	g_free(m->locator);
	g_free(m->unique_name);
	g_free(m);
}

const char *
outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}
