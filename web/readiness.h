/* SPDX-License-Identifier: MIT */
/*
 * readiness.h - what the store knows of a domain, judged by analysis/readiness.h: under the policy
 * of its next step, or under one that a visitor asks about.
 */
#ifndef WEB_READINESS_H
#define WEB_READINESS_H

#include <glib.h>
#include <jansson.h>

#include "analysis/readiness.h"
#include "store/query_readiness.h"

struct readiness_ask {
	const char *domain;
	const struct simulate_policy *what_if; /* tags in place of the published; NULL: next step */
	guint senders;                         /* at most so many are told apart ... */
	guint count_max; /* ... and so many reporters and sources to review counted */
};

struct readiness_case {
	struct query_readiness *found;
	struct readiness_limits limits;
	struct simulate_policy published; /* as seen last, folded; nothing where none was seen */
	struct simulate_policy asked;     /* the whole policy that this is about */
	struct simulation classes[N_CLASSES];
	/* struct readiness_sender: one for each of found->senders, then what is left of each own
	 * class, of which nothing else is known. Ids and names are "". */
	GArray *senders;
	gint64 unchanged_days; /* FACT_N_UNKNOWN */
	struct readiness result;
};

/* FALSE without error where there is no such domain; then there is nothing to clear. */
gboolean readiness_case_read(struct readiness_case *c, struct store_view *view,
			     const struct readiness_ask *ask, GError **error);
void readiness_case_clear(struct readiness_case *c);
typedef struct readiness_case readiness_case_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(readiness_case_auto, readiness_case_clear)

/* "p=reject; adkim=s": p, and what else differs from the published policy. Caller frees. */
char *readiness_tags(const struct readiness_case *c);

/*
 * Into the row of a domain: readiness (the verdict, null = no such domain), for HTML _ready
 * ("Nearly", "At reject") and _ready_href.
 */
gboolean readiness_add(json_t *row, struct store_view *view, const char *domain, GError **error);

/* The rows of a list of domains (struct query_domain *), each with its readiness. New reference. */
json_t *readiness_domains(struct store_view *view, const GPtrArray *domains, GError **error);

#endif
