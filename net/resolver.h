/* SPDX-License-Identifier: MIT */
/*
 * resolver.h - many questions to the DNS at once, and one answer to each.
 *
 * A resolver is made for one run: put questions, then resolver_run() asks them, so many at a time,
 * and hands each answer to its function, which may put further questions. What is put while an
 * answer is handed over goes first, so that what was begun is finished before other things begin.
 * Every question gets exactly one answer, at the latest from resolver_free(), which puts no more on
 * the net.
 *
 * The next server is asked where one does not answer; SERVFAIL is an answer. A message that was cut
 * is asked for again over TCP. Search domains, /etc/hosts and single labels are not used.
 *
 * A resolver that is not there is noticed: where several questions in a row got no answer while
 * nothing else did either, one more is asked that everybody can answer (the servers of the root).
 * Without an answer to that one the run is over, and the rest FAILED.
 *
 * Threads: one. Nothing happens but in resolver_run().
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <gio/gio.h>

#include "net/dns_answer.h"

#define RESOLVER_SERVERS_MAX  8
#define RESOLVER_UNANSWERED_N 8 /* so many without an answer make it ask for the root */

struct resolver_options {
	const char *const *servers; /* see resolver_check_server(); NULL or none = those of the
				     * system */
	guint timeout_ms;           /* of the first try; each further one waits twice as long */
	guint tries;                /* of each server */
	guint in_flight;            /* questions at a time */
	guint budget;               /* questions a run; the rest is not asked */
};

/* 2 s, 2 tries, 64 at a time, 10000 a run. */
extern const struct resolver_options resolver_default_options;

/* answer is gone when it returns. */
typedef void (*resolver_fn)(gpointer data, const struct dns_answer *answer);

struct resolver;

/* Copies options. INVALID: not a server. */
struct resolver *resolver_new(const struct resolver_options *options, GError **error);
void resolver_free(struct resolver *resolver);
typedef struct resolver resolver_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(resolver_auto, resolver_free)

/* Put a question. A name that is none is not asked; its answer is FAILED. */
void resolver_ask(struct resolver *resolver, enum dns_type type, const char *name, resolver_fn fn,
		  gpointer data);

/*
 * Ask until all is answered. FALSE with AGAIN: the resolver does not answer, or cancel (may be
 * NULL) was heard; what was left FAILED.
 */
gboolean resolver_run(struct resolver *resolver, GCancellable *cancel, GError **error);

/* How many were put on the net, retries not counted. */
guint resolver_n_asked(const struct resolver *resolver);

/* "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53": an address, and a port other than 53. */
gboolean resolver_check_server(const char *server, GError **error);

#endif
