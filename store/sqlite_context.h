/* SPDX-License-Identifier: MIT */
/*
 * sqlite_context.h - what judging a source needs beyond the source: figures and signatures of its
 * domain, what is known of its sender, what users said.
 *
 * Read once and kept until contexts_forget(). Threads: those of the handle.
 */
#ifndef STORE_SQLITE_CONTEXT_H
#define STORE_SQLITE_CONTEXT_H

#include <glib.h>

#include "store/judge.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_dns_facts.h"
#include "store/sqlite_source_row.h"

struct contexts;

/* now: Unix seconds, for rules of users. */
struct contexts *contexts_new(struct db *db, const struct store_judge *judge, gint64 now);
void contexts_free(struct contexts *contexts);
typedef struct contexts contexts_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(contexts_auto, contexts_free)

/* What was read may have changed. */
void contexts_forget(struct contexts *contexts);

/* All facts of the source of address and row. */
gboolean contexts_facts(struct contexts *contexts, guint32 address, const struct source_row *row,
			struct facts *facts, GError **error);

/* The verdict on it, of the judge and of users' rules, and the facts. */
gboolean contexts_judge(struct contexts *contexts, guint32 address, const struct source_row *row,
			struct facts *ret_facts, struct verdict *verdict, GError **error);

/* The verdict by other rules than those in force. */
struct rules;
gboolean contexts_judge_by(struct contexts *contexts, const struct rules *rules, guint32 address,
			   const struct source_row *row, struct verdict *verdict, GError **error);

/* The single signatures of a set of them ("s1._domainkey.a.example s2._domainkey.a.example"), as
 * names: guint32, the context's. */
const GArray *contexts_signatures(struct contexts *contexts, guint32 set, GError **error);

/* Was whoever passes with a signature that was never settled judged as if this were its home? */
gboolean contexts_have_guessed(const struct contexts *contexts, guint32 domain, guint32 signature,
			       gint64 home);

/* Who the source of address and row belongs to, PACK_NO_NAME where nobody can tell. */
struct sender_search {
	struct dictionaries *dictionaries;
	guint32 address;
	const struct source_row *row;
};
gboolean contexts_sender(struct contexts *contexts, const struct sender_search *search,
			 guint32 *ret_sender, GError **error);

/*
 * While sources are settled: the passes of a row's sender come (sign 1) or go (-1), and who is
 * judged after that is judged by it. At the end those are marked (unjudged) that were judged by
 * something else than what came out.
 */
gboolean contexts_move_passes(struct contexts *contexts, const struct source_row *row, int sign,
			      GError **error);
gboolean contexts_mark_misjudged(struct contexts *contexts, GError **error);

/* What is known of an address. The context's, until the next one is asked for. */
const struct host_facts *contexts_host(struct contexts *contexts, guint32 address, GError **error);
/* That may have changed. */
void contexts_forget_host(struct contexts *contexts);

/* How a sender is told from others: by name, or by its address where it has none. */
static inline gint64
source_sender_key(guint32 address, guint32 sender)
{
	return sender == PACK_NO_NAME ? -(gint64)address : (gint64)sender;
}

/* Text of a name; the context's. NULL and error on failure. */
const char *contexts_name(struct contexts *contexts, guint32 id, GError **error);

#endif
