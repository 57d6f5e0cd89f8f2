/* SPDX-License-Identifier: MIT */
/*
 * lookup_examine.h - do the name servers and block lists of the configuration answer? For doctor.
 */
#ifndef APP_LOOKUP_EXAMINE_H
#define APP_LOOKUP_EXAMINE_H

#include "app/lookup_options.h"

/* Hears of one server or list. */
typedef void (*lookup_tell_fn)(gpointer data, const char *what, gboolean is_well, const char *text);

/* Asks each server for a name that everybody knows, and each list for its test (RFC 5782 section
 * 5). Nothing where look-ups are not enabled. */
void lookup_examine(const struct lookup_options *options, lookup_tell_fn tell, gpointer data);

#endif
