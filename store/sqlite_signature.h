/* SPDX-License-Identifier: MIT */
/*
 * sqlite_signature.h - the signatures of a domain's own: which sources show them, and at which
 * sender each is at home.
 *
 * source_signature is derived from the facts of the sources; signature_home from source_signature.
 */
#ifndef STORE_SQLITE_SIGNATURE_H
#define STORE_SQLITE_SIGNATURE_H

#include <glib.h>

#include "store/sqlite_context.h"

struct signatures;

struct signatures *signatures_new(struct db *db, struct contexts *contexts);
void signatures_free(struct signatures *signatures);
typedef struct signatures signatures_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(signatures_auto, signatures_free)

/* A source of address is made anew; either row may be NULL. */
gboolean signatures_move(struct signatures *signatures, guint32 address,
			 const struct source_row *from, const struct source_row *to,
			 GError **error);

/* Find the homes of what was touched, and mark the addresses to be judged again. */
gboolean signatures_settle(struct signatures *signatures, GError **error);

#endif
