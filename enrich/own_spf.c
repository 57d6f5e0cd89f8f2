/* SPDX-License-Identifier: MIT */
#include "enrich/own_spf.h"

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

static gboolean
is_in_one_of(const GArray *networks, const struct ip *ip)
{
	for (guint i = 0; i < networks->len; i++) {
		const struct own_spf_network *network =
			&g_array_index(networks, struct own_spf_network, i);
		if (ip_is_in(ip, &network->ip, network->bits))
			return TRUE;
	}
	return FALSE;
}

enum fact
own_spf_names(const struct own_spf *spf, const struct ip *ip)
{
	if (spf->state != OWN_SPF_KNOWN)
		return spf->state == OWN_SPF_NONE ? FACT_NO : FACT_UNKNOWN;
	if (is_in_one_of(spf->networks, ip))
		/* Which of the two comes first depends on the order of all records. */
		return is_in_one_of(spf->refused, ip) ? FACT_UNKNOWN : FACT_YES;
	return spf->notes & OWN_SPF_PARTIAL ? FACT_UNKNOWN : FACT_NO;
}
