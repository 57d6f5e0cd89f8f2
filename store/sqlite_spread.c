/* SPDX-License-Identifier: MIT */
#include "store/sqlite_spread.h"

#define DAY_S        86400
#define ONE_DAY_S    (36 * 3600)
#define SPREAD_MAX_S (31 * DAY_S)

struct spread
spread_of(gint64 day, gint64 begin_at, gint64 end_at)
{
	gint64 length = end_at - begin_at;

	if (length <= ONE_DAY_S || length > SPREAD_MAX_S || begin_at / DAY_S != day)
		return (struct spread){ day, day };
	/* The end is exclusive, or the last second of its day: midnight starts no new day. */
	return (struct spread){ begin_at / DAY_S, (end_at - 1) / DAY_S };
}

/* Whole parts of n over days; the rest goes to the first days, one each. */
static gint64
part(gint64 n, gint64 days, gint64 place)
{
	return n / days + (place < n % days);
}

gint64
spread_count(const struct spread *spread, gint64 n, gint64 day)
{
	return part(n, spread->last_day - spread->first_day + 1, day - spread->first_day);
}

struct totals
spread_part(const struct spread *spread, const struct totals *totals, gint64 day)
{
	gint64 days = spread->last_day - spread->first_day + 1;
	gint64 place = day - spread->first_day;

	if (days == 1)
		return *totals;
	return (struct totals){
		.messages = part(totals->messages, days, place),
		.pass = part(totals->pass, days, place),
		.dkim_pass = part(totals->dkim_pass, days, place),
		.spf_pass = part(totals->spf_pass, days, place),
		.quarantined = part(totals->quarantined, days, place),
		.rejected = part(totals->rejected, days, place),
		.forwarded = part(totals->forwarded, days, place),
		.explained = part(totals->explained, days, place),
		/* A record is not cut: it counts on the first day. */
		.records = place == 0 ? totals->records : 0,
	};
}
