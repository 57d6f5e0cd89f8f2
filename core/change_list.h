/* SPDX-License-Identifier: MIT */
/*
 * change_list.h - new sources of one day, domain, class and network are one line for people.
 *
 * What was told is kept by the keys of changes, not by those of lines: a network gets new sources
 * later, and it is often known later than they are. Who mutes a network mutes its sources. Pure;
 * threads: any.
 */
#ifndef CORE_CHANGE_LIST_H
#define CORE_CHANGE_LIST_H

#include "core/change.h"

/* Is it a new source whose network is known? */
gboolean change_has_network(const struct change *change);

/*
 * The change of kind CHANGE_NETWORK_NEW that such a one becomes a part of, with so many sources and
 * their messages. Borrows its texts.
 */
struct change change_network(const struct change *change, gint64 messages, gint64 sources);

#endif
