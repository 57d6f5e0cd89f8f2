/* SPDX-License-Identifier: MIT */
/*
 * changing.h - find what changed, and keep it: rules of analysis/changes.h over the histories of
 * the domains that something came for, and of each domain once a day.
 *
 * One call looks at CHANGING_DOMAINS_MAX domains at most, so that it takes seconds however many
 * there are; the others have their turn in the next one. While rollups lag nothing is looked at:
 * there would be reporters whose messages are not there yet. A domain whose history cannot be read
 * is logged and passed over.
 */
#ifndef APP_CHANGING_H
#define APP_CHANGING_H

#include <glib.h>

#include "analysis/change_limits.h"
#include "store/store.h"

#define CHANGING_DOMAINS_MAX 2000
/* Changes of so many days before today are looked for. */
#define CHANGING_DAYS 30

/* ret_n_new: how many changes were not known before. */
gboolean changing_run(struct store *store, const struct change_limits *limits, gint64 *ret_n_new,
		      GError **error);

#endif
