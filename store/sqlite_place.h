/* SPDX-License-Identifier: MIT */
/*
 * sqlite_place.h - the network and the country of an address (table address_place).
 */
#ifndef STORE_SQLITE_PLACE_H
#define STORE_SQLITE_PLACE_H

#include <glib.h>

#include "core/ip.h"
#include "store/judge.h"
#include "store/sqlite_dictionary.h"

/* Keep what the judge knows of the place of an address now, or forget what it knew. */
gboolean place_settle(struct dictionaries *dictionaries, const struct store_judge *judge,
		      guint32 address, const struct ip *ip, GError **error);

#endif
