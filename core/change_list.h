/* SPDX-License-Identifier: MIT */
/*
 * change_list.h - which changes of a list are to be told, and in how many lines.
 *
 * Lists are arrays of struct change *. Pure; threads: any.
 */
#ifndef CORE_CHANGE_LIST_H
#define CORE_CHANGE_LIST_H

#include "core/change.h"

/*
 * The changes whose key is not in seen and whose mute key is not in muted (hash sets of texts;
 * NULL = empty), and of those with equal keys the first. A network that is muted mutes its sources.
 * Borrows from changes. Caller unrefs.
 */
GPtrArray *changes_unseen(const GPtrArray *changes, GHashTable *seen, GHashTable *muted);

/*
 * The same list in fewer lines, for people: new sources of one day, domain, class and network are
 * one change of kind CHANGE_NETWORK_NEW. What was told is kept by the keys of changes, not by
 * those of the folded list: a network gets new sources later, and it is often known later than they
 * are. Copies; in the order of change_compare. Caller unrefs.
 */
GPtrArray *changes_folded(const GPtrArray *changes);

/* Is it a new source whose network is known? */
gboolean change_has_network(const struct change *change);

/*
 * The change of kind CHANGE_NETWORK_NEW that such a one becomes a part of, with so many sources and
 * their messages. Borrows its texts.
 */
struct change change_network(const struct change *change, gint64 messages, gint64 sources);

#endif
