/* SPDX-License-Identifier: MIT */
/*
 * policy_seen.h - the policies that reports saw for a domain, and since when the last one stands.
 *
 * Reporters copy what they found in DNS, some with defaults written out, some without, and those of
 * RFC 7489 know neither np nor t. So sp, adkim and aspf are compared with their defaults filled in,
 * and np and t only where both say. A word that no RFC knows is that of its default (RFC 9989
 * section 4.10.1); a report without p saw no policy.
 *
 * Pure; threads: any.
 */
#ifndef STORE_POLICY_SEEN_H
#define STORE_POLICY_SEEN_H

#include <glib.h>

#include "core/report.h"

enum seen_tag {
	SEEN_P,
	SEEN_SP,
	SEEN_NP, /* "" = not told */
	SEEN_ADKIM,
	SEEN_ASPF,
	SEEN_T, /* "" = not told */
	N_SEEN_TAGS,
};

struct seen_policy {
	const char *tags[N_SEEN_TAGS]; /* constants */
	gint64 first_day;
	gint64 last_day;
};

/* As reported; the days stay 0. FALSE where no policy was seen. */
gboolean seen_policy_read(struct seen_policy *seen, const struct policy *policy);

/* A tag's word as one of the constants, "" for any other. */
const char *seen_policy_word(enum seen_tag tag, const char *word);

/* What a list of policies says of the present. */
struct seen_present {
	struct seen_policy policy; /* the one seen last; np and t as told last */
	gint64 since;              /* first day on which nothing else was seen any more */
	/* Another one stood before, and was no more seen; else it may be there for longer, or
	 * reporters disagree. */
	gboolean is_change;
};

/* From a GArray of struct seen_policy, of one domain; sorts it. FALSE where it is empty. */
gboolean seen_policy_present(GArray *list, struct seen_present *present);

#endif
