/* SPDX-License-Identifier: MIT */
/*
 * sqlite_spread.h - which UTC days a report counts on.
 *
 * Up to 36 hours it is one day (report_day()). A period of up to 31 days is spread over its days in
 * whole messages, sums exact; a longer one counts on the day it begins.
 */
#ifndef STORE_SQLITE_SPREAD_H
#define STORE_SQLITE_SPREAD_H

#include <glib.h>

#include "core/source.h"

struct spread {
	gint64 first_day;
	gint64 last_day;
};

/* day: report_day() of the report. */
struct spread spread_of(gint64 day, gint64 begin_at, gint64 end_at);

/* The part of n messages that falls on one day of the spread. */
gint64 spread_count(const struct spread *spread, gint64 n, gint64 day);

/* The part of totals that falls on one day of the spread. */
struct totals spread_part(const struct spread *spread, const struct totals *totals, gint64 day);

#endif
