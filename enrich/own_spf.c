/* SPDX-License-Identifier: MIT */
#include "enrich/own_spf.h"

#include <string.h>

void
own_spf_free(struct own_spf *spf)
{
	if (!spf)
		return;
	g_array_unref(spf->networks);
	g_array_unref(spf->refused);
	g_ptr_array_unref(spf->services);
	g_free(spf);
}

static enum fact
decide(enum own_spf_state state, guint notes, gboolean is_named, gboolean is_refused)
{
	if (state != OWN_SPF_KNOWN)
		return state == OWN_SPF_NONE ? FACT_NO : FACT_UNKNOWN;
	/* Which of the two comes first depends on the order of all records. */
	if (is_named)
		return is_refused ? FACT_UNKNOWN : FACT_YES;
	return notes & OWN_SPF_PARTIAL ? FACT_UNKNOWN : FACT_NO;
}

/* --- As bytes: a head, then the networks in order --- */

#define PACK_VERSION 1

struct packed_head {
	guint8 version;
	guint8 state;
	guint8 notes[2]; /* high byte first */
};

struct packed_network {
	guint8 is_refused;
	guint8 bits;
	struct ip ip;
};
G_STATIC_ASSERT(sizeof(struct packed_head) == 4);
G_STATIC_ASSERT(sizeof(struct packed_network) == 18);
G_STATIC_ASSERT(OWN_SPF_MANY_NETWORKS < 1 << 16);

static void
collect(const GArray *networks, gboolean is_refused, GArray *list)
{
	for (guint i = 0; i < networks->len; i++) {
		const struct own_spf_network *network =
			&g_array_index(networks, struct own_spf_network, i);
		const struct packed_network packed = {
			.is_refused = is_refused ? 1 : 0,
			.bits = (guint8)network->bits,
			.ip = network->ip,
		};
		g_array_append_val(list, packed);
	}
}

static gint
compare_packed(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct packed_network));
}

void
own_spf_pack(const struct own_spf *spf, GByteArray *out)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct packed_network));
	const struct packed_head head = {
		.version = PACK_VERSION,
		.state = (guint8)spf->state,
		.notes = { (guint8)(spf->notes >> 8), (guint8)spf->notes },
	};

	collect(spf->networks, FALSE, list);
	collect(spf->refused, TRUE, list);
	/* The DNS answers in any order. */
	g_array_sort(list, compare_packed);
	g_byte_array_append(out, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(out, (const guint8 *)list->data,
			    list->len * (guint)sizeof(struct packed_network));
}

enum fact
own_spf_packed_names(gconstpointer bytes, gsize len, const struct ip *ip)
{
	const guint8 *at = bytes;
	struct packed_head head;
	struct packed_network network;
	gboolean is_in[2] = { FALSE, FALSE };

	if (len < sizeof(head) || (len - sizeof(head)) % sizeof(network) != 0)
		return FACT_UNKNOWN;
	memcpy(&head, at, sizeof(head));
	if (head.version != PACK_VERSION)
		return FACT_UNKNOWN;
	for (gsize i = sizeof(head); i < len; i += sizeof(network)) {
		memcpy(&network, at + i, sizeof(network));
		if (ip_is_in(ip, &network.ip, network.bits))
			is_in[network.is_refused != 0] = TRUE;
	}
	return decide((enum own_spf_state)head.state, (guint)head.notes[0] << 8 | head.notes[1],
		      is_in[0], is_in[1]);
}
