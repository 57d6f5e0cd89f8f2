/* SPDX-License-Identifier: MIT */
/*
 * query_readiness.h - what it takes to tell whether a domain is ready for another policy.
 *
 * The same rules as in store/query.h. All counts are of the last 30 days; sources are those with
 * mail in them. A page costs the same however many sources the domain has: they were summed when
 * they were judged.
 */
#ifndef STORE_QUERY_READINESS_H
#define STORE_QUERY_READINESS_H

#include <glib.h>

#include "core/alignment.h"
#include "store/query.h"

enum sender_order {
	SENDER_ORDER_FAIL,  /* most failing messages first: those that lose by a harder policy */
	SENDER_ORDER_LOOSE, /* most messages first that would fail in strict modes */
};

struct readiness_question {
	const char *domain;
	enum sender_order order;
	guint senders;          /* at most so many are listed */
	guint count_max;        /* reporters and large sources are counted as far as here */
	gint64 review_messages; /* from which on a source to review is large */
};

/* Own sources of one name and one class: authorized or fix. */
struct readiness_sender_sum {
	char *sender; /* id of a known sender, or an organisational domain; "" = it has no name */
	struct ip ip; /* of one without a name */
	enum class class;
	GArray *counts;         /* struct alignment_count, by bits */
	struct figures figures; /* messages, pass, orgmta, ownsig, esp and tmp, ownsig by every
				 * broken signature; the others are 0 */
};

/* The policy that reports saw last; words in lower case, np and t "" where none says. */
struct query_policy {
	char *p, *sp, *np, *adkim, *aspf, *t;
	gint64 last_day;
	gint64 since;       /* first day on which nothing else was seen any more */
	gboolean is_change; /* it was another one until then; FALSE: the day is not certain, and it
			     * stands for so long at least */
};

struct query_readiness {
	char *domain;
	gint64 last_day;
	gint64 window_days;
	gint64 days;               /* with reports */
	gint64 reporters;          /* distinct, up to count_max */
	gint64 messages;           /* of all classes */
	GArray *counts[N_CLASSES]; /* struct alignment_count, by bits */
	GPtrArray *senders; /* struct readiness_sender_sum *; those that lose nothing either way are
			     * left out, so that the rest is that of counts */
	gint64 review_sources;
	gint64 review_large;         /* up to count_max */
	struct query_policy *policy; /* NULL = none was seen */
};
void query_readiness_free(struct query_readiness *readiness);
typedef struct query_readiness query_readiness_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_readiness_auto, query_readiness_free)

/* NULL without error where there is no such owned domain. Caller frees. */
struct query_readiness *query_readiness(struct store_view *view,
					const struct readiness_question *question, GError **error);

#endif
