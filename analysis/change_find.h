/* SPDX-License-Identifier: MIT */
/*
 * change_find.h - the rules of analysis/changes.h, for changes.c alone.
 *
 * A rule looks at its arrays of the history and hands over what it found. Days are indices of
 * days->base wherever they are not called a day.
 */
#ifndef ANALYSIS_CHANGE_FIND_H
#define ANALYSIS_CHANGE_FIND_H

#include "analysis/change_days.h"
#include "core/change.h"

struct change_finder {
	const struct history *history;
	const struct change_limits *limits;
	const struct change_days *days;
	GPtrArray *found; /* struct change * */
};

/* Note a change whose day is wanted, as a copy; domain is filled in. */
void change_found(const struct change_finder *finder, const struct change *change);

/* Is this UTC day one that counts, late enough in the domain's life for news? */
gboolean change_is_news(const struct change_finder *finder, gint64 day);

/* A copy of n rows of size bytes in the order of compare. Caller unrefs. */
GArray *change_sort(gconstpointer rows, gsize n, gsize size, GCompareFunc compare);

void change_find_sources(const struct change_finder *finder);        /* C1 */
void change_find_silent_senders(const struct change_finder *finder); /* C2 */
void change_find_pass_rates(const struct change_finder *finder);     /* C3 */
void change_find_spoofing(const struct change_finder *finder);       /* C4 */
void change_find_selectors(const struct change_finder *finder);      /* C5 */
void change_find_subdomains(const struct change_finder *finder);     /* C6 */
void change_find_policies(const struct change_finder *finder);       /* C7 */
void change_find_reporters(const struct change_finder *finder);      /* C8 */
void change_find_faults(const struct change_finder *finder);         /* C9 */
void change_find_own_addresses(const struct change_finder *finder);  /* C10 */
void change_find_incidents(const struct change_finder *finder);      /* C11 */
void change_find_records(const struct change_finder *finder);        /* C12 */

#endif
