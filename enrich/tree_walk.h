/* SPDX-License-Identifier: MIT */
/*
 * tree_walk.h - the organisational domain of a name by the DNS tree walk (RFC 9989 section 4.10).
 *
 * Pure: who walks brings the look-up. At most TREE_WALK_QUERIES_MAX names are asked for, the start
 * first, then its parents. One failed look-up leaves the answer unknown, since the name that could
 * not be asked may be the one that decides.
 *
 * Owner: nothing is kept. Threads: any.
 */
#ifndef ENRICH_TREE_WALK_H
#define ENRICH_TREE_WALK_H

#include <glib.h>

#define TREE_WALK_QUERIES_MAX 8

enum lookup_answer {
	LOOKUP_FAILED, /* not known now */
	LOOKUP_NONE,   /* no such name, or no TXT there */
	LOOKUP_FOUND,
};

/*
 * The TXT records of name ("_dmarc." is in it already): add each as one string to texts, which
 * frees them with g_free; the walk sorts out what is no DMARC record.
 */
typedef enum lookup_answer (*tree_walk_lookup_fn)(gpointer cookie, const char *name,
						  GPtrArray *texts);

/*
 * The suffix of name that is its organisational domain; name itself where no DMARC record was met,
 * which ret_has_record (may be NULL) tells. NULL = unknown: a look-up failed, or name is none of
 * DNS (longer than 253 bytes, a label that is empty or longer than 63). A trailing dot is no part
 * of name.
 */
const char *tree_walk_find(const char *name, tree_walk_lookup_fn lookup, gpointer cookie,
			   gboolean *ret_has_record);

#endif
