/* SPDX-License-Identifier: MIT */
/*
 * history_make.h - histories in few words, for tests of what changed.
 *
 * A row stands for the days from "first" to "last" in steps, counted from today: -1 is yesterday.
 * Without a row REPORTS_NONE two reporters, "google" and "gmx", have reported every day for 80
 * days.
 */
#ifndef TESTS_SUPPORT_HISTORY_MAKE_H
#define TESTS_SUPPORT_HISTORY_MAKE_H

#include <glib.h>

#include "core/history.h"

#define TODAY 20780 /* 2026-11-23, a Monday */

enum made_row {
	MADE_END,
	MADE_REPORTS_NONE, /* no reports by default */
	MADE_WHOLE,        /* the history is that of all domains */
	MADE_FIRST_DAY,    /* first: of the domain; -80 without this row */
	MADE_FROM,         /* first: the day asked from; -30 without this row */
	MADE_REPORT,       /* name; kind: 1 = the reporter began on "first" */
	MADE_ALIVE,        /* name: reports about another domain */
	MADE_CLASS,        /* kind: class; n */
	MADE_SENDER,       /* name; n messages, m pass */
	MADE_SOURCE,       /* name: address; kind: class; n; m: AS number; begins on "first" */
	MADE_SELECTOR,     /* name; first, last; n: days with passes; text: home */
	MADE_SUBDOMAIN,    /* name; first; n */
	MADE_POLICY,       /* name: "p sp adkim aspf", "-" = absent; n: reporters */
	MADE_DNS,          /* name: as MADE_POLICY; first: since */
	MADE_FAULT,        /* name; n */
	MADE_OWN,          /* name: address; text: list; kind: enum fact */
	MADE_RECORD,       /* name; text: which; kind: enum fact */
	MADE_INCIDENT,     /* name; kind: enum history_mark; text: network */
};

struct history_row {
	enum made_row row;
	const char *name;
	int first;
	int last; /* 0: that of first */
	int step; /* 0: every day */
	gint64 n;
	gint64 m;
	int kind;
	const char *text;
};

struct made_history {
	struct history history;
	GArray *reports, *other_reports, *classes, *senders, *sources, *selectors, *subdomains,
		*policies, *faults, *own_addresses, *incidents, *records;
	GStringChunk *texts;
};

/* rows end with MADE_END. */
struct made_history *history_make(const struct history_row *rows);
void history_make_free(struct made_history *made);
typedef struct made_history made_history_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(made_history_auto, history_make_free)

/* Point the history at its arrays again, after one was changed. */
void history_make_again(struct made_history *made);

/* Put the rows of every array into another order. */
void history_shuffle(struct made_history *made, GRand *rand);

/* "sender_silent mx1 -3 n=3 last=-6; ...", days as seen from TODAY. Caller frees. */
char *history_tell(const GPtrArray *changes);

#endif
