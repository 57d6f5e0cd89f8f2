/* SPDX-License-Identifier: MIT */
/*
 * fact_age.h - until when a fact that was looked up may be believed.
 *
 * Found and absent facts live as long as the DNS says, within the limits of their kind; what could
 * not be found out is asked again soon.
 */
#ifndef ENRICH_FACT_AGE_H
#define ENRICH_FACT_AGE_H

#include <glib.h>

#define FACT_FAILED_S 3600

/* Limits of a kind of fact, in seconds. */
struct fact_age {
	guint32 shortest_s;
	guint32 longest_s;
};

/* Unix seconds. ttl_s: the lowest of all answers that made the fact. */
static inline gint64
fact_good_until(const struct fact_age *age, gint64 now, guint32 ttl_s, gboolean is_known)
{
	return now + (is_known ? CLAMP(ttl_s, age->shortest_s, age->longest_s) : FACT_FAILED_S);
}

#endif
