/* SPDX-License-Identifier: MIT */
/*
 * suffix.h - the longest suffix of a domain name that a table has, on a label border.
 */
#ifndef ENRICH_SUFFIX_H
#define ENRICH_SUFFIX_H

#include <glib.h>

/* The value for name itself, or for the nearest name above it; keys are lower case. NULL if none.
 */
gpointer suffix_find(GHashTable *table, const char *name);

#endif
