/* SPDX-License-Identifier: MIT */
/*
 * sqlite_context_private.h - what the parts of the context of judging share.
 */
#ifndef STORE_SQLITE_CONTEXT_PRIVATE_H
#define STORE_SQLITE_CONTEXT_PRIVATE_H

#include "store/sqlite_context.h"

/* A domain of millions of names in its signatures does not fill the memory: a cache starts anew. */
#define CACHED_MAX 100000

struct contexts {
	struct db *db;
	const struct store_judge *judge;
	gint64 now;
	GHashTable *names;         /* id -> char * */
	GHashTable *domains;       /* id -> struct domain_context */
	GHashTable *signatures;    /* struct signature_context, as its own key */
	gboolean has_lost_guesses; /* of signatures that were never settled */
	GHashTable *sets;          /* id of a set of signatures -> GArray of guint32 */
	GHashTable *senders;       /* id of a domain -> id of its sender */
	GHashTable *passes;        /* id of a sender -> gint64 * */
	GArray *notes;             /* what sources were judged by */
	enum { HOSTS_UNASKED, HOSTS_NONE, HOSTS_SOME } hosts; /* is any known of any address? */
	struct rules *rules;                                  /* NULL: not read yet */
	guint32 host_address; /* whose facts host holds, 0 = nobody's */
	struct host_facts host;
};

/* The table behind contexts->signatures, empty. */
GHashTable *context_signatures_new(void);

/* Those behind contexts->passes and contexts->notes, empty. */
GHashTable *context_passes_new(void);
GArray *context_notes_new(void);

/* Does mail of the sender pass anywhere? Notes that the source of address was judged by it. */
gboolean context_has_passes(struct contexts *contexts, guint32 address, guint32 sender,
			    gboolean *ret_has_passes, GError **error);

/* Fill selector_home and both ownsig. */
gboolean context_fill_signing(struct contexts *contexts, guint32 address,
			      const struct source_row *row, struct facts *facts, GError **error);

/* The id of a text that the store has; PACK_NO_NAME where it has it not. */
gboolean contexts_find_name(struct contexts *contexts, const char *text, guint32 *ret_id,
			    GError **error);

#endif
