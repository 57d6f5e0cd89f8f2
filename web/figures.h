/* SPDX-License-Identifier: MIT */
/*
 * figures.h - numbers, days and sizes as people read them.
 *
 * Every function returns a new string that the caller frees. Days are UTC days since 1970-01-01,
 * instants Unix seconds.
 */
#ifndef WEB_FIGURES_H
#define WEB_FIGURES_H

#include <glib.h>

/* "43,466" */
char *figures_count(gint64 n);

/*
 * "99.3 %". Only all of it is "100 %" and only nothing "0 %": in between it is at most ">99.9 %"
 * and at least "<0.1 %". Of nothing there is no share: "no mail".
 */
char *figures_share(gint64 part, gint64 whole);

/* "2026-11-22" */
char *figures_day(gint64 day);

/* "22 Nov", or "Nov 2024" where that is more than ten months before (or after) the day near. */
char *figures_short_day(gint64 day, gint64 near);

/* "Nov 2026" */
char *figures_month(gint64 day);

/* "2026-11-22T05:10:00Z", for machines. */
char *figures_instant(gint64 at);

/* "2026-11-22 05:10", for people; UTC. */
char *figures_minute(gint64 at);

/* "84 MB", powers of ten. */
char *figures_size(gint64 bytes);

#endif
