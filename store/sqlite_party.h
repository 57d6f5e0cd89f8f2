/* SPDX-License-Identifier: MIT */
/*
 * sqlite_party.h - who handed a report in: the reporter that it names, and what is known of the
 * mail that carried it. Sums by source are kept for each party, so that forged reports of a
 * reporter stay apart from its real ones.
 *
 * A party whose mails are authenticated speaks with a voice (store/judge.h); it is counted once the
 * voice is established. When that changes, every source that the party named is made anew.
 */
#ifndef STORE_SQLITE_PARTY_H
#define STORE_SQLITE_PARTY_H

#include <glib.h>

#include "core/document.h"
#include "store/judge.h"
#include "store/sqlite_dictionary.h"

struct party_question {
	guint32 reporter;
	const char *reporter_text;
	const struct carrier *carrier;
	gint64 received_at;
};

/* Find or add; its voice is heard at received_at. */
gboolean party_of(struct dictionaries *dictionaries, const struct store_judge *judge,
		  const struct party_question *question, guint32 *ret_party, GError **error);

/* Decide anew which voices that were heard since are established, and mark what changes. */
gboolean parties_settle(struct db *db, const struct store_judge *judge, GError **error);

#endif
