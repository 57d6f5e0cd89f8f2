/* SPDX-License-Identifier: MIT */
#include "core/change_list.h"

struct change
change_network(const struct change *change, gint64 messages, gint64 sources)
{
	struct change network = *change;

	network.kind = CHANGE_NETWORK_NEW;
	network.object = change->is;
	network.is = "";
	network.numbers[0].n = messages;
	network.numbers[1].n = sources;
	return network;
}

gboolean
change_has_network(const struct change *change)
{
	return change->kind == CHANGE_SOURCE_NEW && change->is[0] != '\0';
}
