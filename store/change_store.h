/* SPDX-License-Identifier: MIT */
/*
 * change_store.h - what changed, kept: which domains are to be looked at, what was found there, and
 * what people said of it.
 *
 * Whoever finds changes asks which domains are due, finds, and hands both back in one edit. What
 * came for a domain meanwhile makes it due again. A change is kept under its key (core/change.h)
 * with the time when it was first told; found again, it only gets its newer numbers. It stays where
 * later reports take it back: it was told.
 *
 * "" stands for all domains together. Errors are those of store/store.h.
 */
#ifndef STORE_CHANGE_STORE_H
#define STORE_CHANGE_STORE_H

#include <glib.h>

#include "core/change.h"
#include "store/query.h"

/* What nobody looks back to is forgotten after so many days. */
#define CHANGE_KEPT_DAYS 400
/* A domain without a report for so long is not looked at any more. */
#define CHANGE_ASLEEP_DAYS 90
/* Counts of new changes end here. */
#define CHANGE_COUNT_MAX 1000

/* --- Finding --- */

struct change_look {
	char *domain;
	gint64 id;  /* the store's own */
	gint64 due; /* what it was due for */
};

/*
 * Up to limit domains (struct change_look *) that something came for, or that were not looked at
 * today; those that waited longest first. Caller unrefs.
 */
GPtrArray *query_change_looks(struct store_view *view, guint limit, GError **error);

struct change_findings {
	const GPtrArray *looks;   /* that were looked at */
	const GPtrArray *changes; /* struct change *, what was found */
	gint64 n_new;             /* set: how many of them were not known */
};
gboolean store_edit_changes(struct store *store, struct change_findings *findings, GError **error);

/* --- Telling --- */

/* One line: a change, or the new sources of one network on one day. */
struct query_change {
	struct change *change;
	char *key; /* of the change, or of one of those sources */
	gint64 first_told_at;
};

struct change_question {
	const char *domain;    /* NULL = all of them, and each */
	enum change_rule rule; /* 0 = all */
	gint64 since;          /* UTC day */
	const char *after;
	guint limit;
};
/* rows: struct query_change *, newest day first, without what is muted. */
struct query_page *query_changes(struct store_view *view, const struct change_question *question,
				 GError **error);

/* How many of these lines were told after an instant; at most CHANGE_COUNT_MAX. */
gboolean query_change_count(struct store_view *view, const struct change_question *question,
			    gint64 told_after, gint64 *ret_n, GError **error);

/* --- People --- */

/* When the user said last that all was seen; 0 = never. */
gboolean query_change_visit(struct store_view *view, const char *user, gint64 *ret_seen_at,
			    GError **error);
gboolean store_edit_change_visit(struct store *store, const char *user, GError **error);

struct query_change_mute {
	char *key;
	struct change *change; /* kind, domain, object and part */
	char *author;
	gint64 made_at;
};
/* struct query_change_mute *, the newest first, at most 1000. Caller unrefs. */
GPtrArray *query_change_mutes(struct store_view *view, GError **error);

struct change_mute {
	const char *key;       /* of a change */
	gboolean want_network; /* all of the network that it is a new source of */
	const char *author;
};
/* INVALID where there is no such change. What is muted already stays so. */
gboolean store_edit_change_mute(struct store *store, const struct change_mute *mute,
				GError **error);
/* key: of the mute. INVALID where there is none. */
gboolean store_edit_change_unmute(struct store *store, const char *key, GError **error);

#endif
