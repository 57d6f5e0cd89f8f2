/* SPDX-License-Identifier: MIT */
/*
 * catalogue.h - which known service is this? Senders by reverse name, DKIM domain, SPF domain, AS
 * number and selector.
 *
 * The program carries schema/known_senders.tsv; a user may add tables of the same columns, and
 * parsedmarc's map (base_reverse_dns,name,type). What is added later wins. Rows without a usable id
 * and items that are no domain are left out and counted; a table over a limit is refused as a
 * whole.
 *
 * How much a find tells, in this order: a confirmed reverse name; a customer's selector with
 * another sign; an unaligned d= or envelope domain; an AS number. A result that failed and a name
 * that is not confirmed tell nothing: do not ask with them.
 *
 * Owner: senders live as long as the catalogue. Threads: any, once all tables are added.
 */
#ifndef ENRICH_CATALOGUE_H
#define ENRICH_CATALOGUE_H

#include "core/sender.h"

struct catalogue;

/* Empty. */
struct catalogue *catalogue_new(void);

/* With the table that the program carries. */
struct catalogue *catalogue_new_builtin(void);
void catalogue_free(struct catalogue *catalogue);
typedef struct catalogue catalogue_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(catalogue_auto, catalogue_free)

/*
 * Add a table. INVALID or LIMIT with the line, and nothing is added; else *ret_left_out counts the
 * rows and items that were not usable (may be NULL).
 */
gboolean catalogue_add_senders(struct catalogue *catalogue, const char *bytes, gsize len,
			       guint *ret_left_out, GError **error);

/*
 * The same for parsedmarc's map. Marketing is taken as ESP, Email Security as gateway, Email
 * Provider as mailbox; every other type only names.
 */
gboolean catalogue_add_map(struct catalogue *catalogue, const char *bytes, gsize len,
			   guint *ret_left_out, GError **error);

/* By a name that is a suffix's own or below it, the longest suffix first; NULL where none fits. */
const struct sender *catalogue_find_rdns(const struct catalogue *catalogue, const char *name);
const struct sender *catalogue_find_dkim(const struct catalogue *catalogue, const char *domain);
const struct sender *catalogue_find_spf(const struct catalogue *catalogue, const char *domain);

const struct sender *catalogue_find_asn(const struct catalogue *catalogue, guint32 asn);
const struct sender *catalogue_find_id(const struct catalogue *catalogue, const char *id);

/* The only sender that uses a selector like this; NULL where several do, or none. */
const struct sender *catalogue_find_selector(const struct catalogue *catalogue,
					     const char *selector);

guint catalogue_n_senders(const struct catalogue *catalogue);

#endif
