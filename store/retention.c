/* SPDX-License-Identifier: MIT */
#include "store/retention.h"

#include "store/sqlite_forget.h"
#include "store/store_private.h"

#define DAY_S 86400

/* One batch after another, until one is not full. */
static gboolean
forget_all(struct store *store, struct forget_edit *edit, gint64 *forgotten, GError **error)
{
	do {
		if (!store_edit(store, forget_batch, edit, error))
			return FALSE;
		*forgotten += edit->n;
	} while (edit->n == FORGET_BATCH);
	return TRUE;
}

gboolean
store_forget(struct store *store, const struct retention *retention, gint64 *ret_forgotten,
	     GError **error)
{
	const struct {
		enum forget_what what;
		gint64 days;
	} jobs[] = {
		{ FORGET_FAILURES, retention->failure_days },
		{ FORGET_COMPLAINTS, retention->failure_days },
		{ FORGET_BOUNCES, retention->failure_days },
		{ FORGET_KEPT, retention->quarantine_days },
	};
	gint64 forgotten = 0;
	gboolean is_good = TRUE;

	for (gsize i = 0; is_good && i < G_N_ELEMENTS(jobs); i++) {
		struct forget_edit edit = {
			.what = jobs[i].what,
			.before = store_now(store) - jobs[i].days * DAY_S,
		};
		is_good = jobs[i].days == 0 || forget_all(store, &edit, &forgotten, error);
	}
	if (ret_forgotten)
		*ret_forgotten = forgotten;
	return is_good;
}
