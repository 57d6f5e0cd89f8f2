/* SPDX-License-Identifier: MIT */
/*
 * lookups.h - a thread of serve that looks up facts about addresses and domains, as far as the
 * administrator allows.
 *
 * It takes what is missing or stale from a hook, asks the DNS within an hourly budget, and hands
 * the facts to another hook, a round at a time. Where nothing is wanted it looks again every few
 * minutes. Nobody waits for it: it holds no lock while it
 * asks or is in a hook, and where the resolver does not answer it backs off and tries again.
 *
 * Threads: any may call what is below; hooks are called in its own thread.
 */
#ifndef APP_LOOKUPS_H
#define APP_LOOKUPS_H

#include "app/lookup_options.h"
#include "app/lookup_round.h"

struct lookup_hooks {
	/* Put in what is wanted, what matters most first. Nothing put in = nothing to do now. */
	void (*next)(gpointer data, struct lookup_round *round);
	/* Keep what has been found out. A fact that is not known (is_known) need not replace one
	 * that was; it is good until then all the same. May wait. FALSE:
	 * it pauses. */
	gboolean (*store)(gpointer data, const struct lookup_round *round, GError **error);
	/* As own_spf.h wants it; NULL = no domain belongs to a service. */
	own_spf_is_service_fn is_service;
	gpointer data; /* outlives the thread */
};

#define LOOKUPS_WHY_LEN 256

struct lookups_status {
	gboolean is_enabled;
	char why[LOOKUPS_WHY_LEN]; /* nothing can be looked up; "" = it can */
	gint64 tried_at;           /* Unix seconds; 0 = never */
	gint64 n_asked;            /* questions since it was started */
	gint64 n_facts;
};

struct lookups;

/* Copies options and hooks. Sleeps while options say that nothing may be looked up. */
struct lookups *lookups_start(const struct lookup_options *options,
			      const struct lookup_hooks *hooks);

/* From the next round on. */
void lookups_set_options(struct lookups *lookups, const struct lookup_options *options);

struct lookups_status lookups_get_status(struct lookups *lookups);

/* Gives up what is being asked, and ends. NULL is fine. */
void lookups_stop(struct lookups *lookups);

#endif
