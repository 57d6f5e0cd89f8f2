/* SPDX-License-Identifier: MIT */
/*
 * suspect.h - an address that may be reported to its network: what the guards of the takedown list
 * are asked about.
 *
 * A list names addresses, and an address is reported with all it does: what one of its sources
 * tells in its favour holds for the others, whatever domain they are seen for. Passive; no pointer
 * in it is owned.
 */
#ifndef CORE_SUSPECT_H
#define CORE_SUSPECT_H

#include <glib.h>

#include "core/facts.h"
#include "core/ip.h"
#include "core/source.h"

/* Recent is who sent in so many days before the last day; the store judges again when that ends. */
#define SUSPECT_RECENT_DAYS 7

/* One source of the address. */
struct suspect_source {
	struct facts facts;
	struct verdict verdict;
	gint64 forwarded;   /* messages with an override that tells of forwarding, of every
			     * report, whole retention */
	gint64 silent_days; /* from its last day with mail to the store's last day;
			     * FACT_N_UNKNOWN where all its mail is dated later */
};

struct suspect {
	enum reach reach;
	const struct suspect_source *sources; /* all of the address */
	gsize n_sources;
};

#endif
