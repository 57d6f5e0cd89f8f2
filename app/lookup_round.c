/* SPDX-License-Identifier: MIT */
#include "app/lookup_round.h"

static void
clear_address(gpointer data)
{
	struct lookup_address *address = data;

	g_clear_pointer(&address->dnsbl.said, g_array_unref);
}

static void
clear_domain(gpointer data)
{
	struct lookup_domain *domain = data;

	g_free(domain->name);
	own_spf_free(domain->spf);
	own_org_clear(&domain->org);
}

struct lookup_round *
lookup_round_new(gint64 now)
{
	struct lookup_round *round = g_new0(struct lookup_round, 1);

	round->now = now;
	round->addresses = g_array_new(FALSE, TRUE, sizeof(struct lookup_address));
	g_array_set_clear_func(round->addresses, clear_address);
	round->domains = g_array_new(FALSE, TRUE, sizeof(struct lookup_domain));
	g_array_set_clear_func(round->domains, clear_domain);
	return round;
}

void
lookup_round_free(struct lookup_round *round)
{
	if (!round)
		return;
	g_array_unref(round->addresses);
	g_array_unref(round->domains);
	g_free(round);
}

gboolean
lookup_round_add_address(struct lookup_round *round, const struct ip *ip, gboolean wants_rdns,
			 gboolean wants_dnsbl)
{
	struct lookup_address address = {
		.ip = *ip,
		.wants_rdns = wants_rdns && round->does_rdns,
		.wants_dnsbl = wants_dnsbl && round->does_dnsbl,
	};

	if (round->addresses->len >= LOOKUP_ADDRESSES_MAX)
		return FALSE;
	if (address.wants_rdns || address.wants_dnsbl)
		g_array_append_val(round->addresses, address);
	return TRUE;
}

gboolean
lookup_round_add_domain(struct lookup_round *round, const char *name, gboolean wants_spf,
			gboolean wants_org)
{
	struct lookup_domain domain = {
		.wants_spf = wants_spf && round->does_own_spf,
		.wants_org = wants_org && round->does_org_domain,
	};

	if (round->domains->len >= LOOKUP_DOMAINS_MAX)
		return FALSE;
	if (domain.wants_spf || domain.wants_org) {
		domain.name = g_strdup(name);
		g_array_append_val(round->domains, domain);
	}
	return TRUE;
}

static struct lookup_address *
address_at(const struct lookup_round *round, guint i)
{
	return &g_array_index(round->addresses, struct lookup_address, i);
}

static struct lookup_domain *
domain_at(const struct lookup_round *round, guint i)
{
	return &g_array_index(round->domains, struct lookup_domain, i);
}

/* ---- answers ---- */

static void
take_rdns(gpointer data, const struct ip *ip, const struct ip_rdns *rdns)
{
	struct lookup_address *address = data;

	(void)ip;
	address->rdns = *rdns;
	address->has_rdns = TRUE;
}

static void
take_dnsbl(gpointer data, const struct ip *ip, const struct ip_dnsbl *dnsbl)
{
	struct lookup_address *address = data;

	(void)ip;
	address->dnsbl = *dnsbl;
	g_array_ref(dnsbl->said);
	address->has_dnsbl = TRUE;
}

static void
take_own_spf(gpointer data, const char *name, struct own_spf *spf)
{
	struct lookup_domain *domain = data;

	(void)name;
	domain->spf = spf;
}

static void
take_org(gpointer data, const struct own_org *org)
{
	struct lookup_domain *domain = data;

	domain->org = *org;
	domain->has_org = TRUE;
}

/* ---- questions ---- */

/* Nobody can know anything about it: it is not asked for again soon. */
static void
settle_private(const struct lookup_round *round, struct lookup_address *address)
{
	gint64 good_until = round->now + IP_RDNS_GOOD_MAX_S;

	address->has_rdns = address->wants_rdns;
	address->rdns = (struct ip_rdns){ .is_known = TRUE, .good_until = good_until };
	address->has_dnsbl = address->wants_dnsbl;
	address->dnsbl = (struct ip_dnsbl){
		.n_spam = FACT_N_UNKNOWN,
		.is_known = TRUE,
		.good_until = good_until,
		.said = g_array_new(FALSE, FALSE, sizeof(struct dnsbl_said)),
	};
}

static void
ask_address(const struct lookup_round *round, struct lookup_address *address,
	    const struct lookup_means *means)
{
	const struct ip_dnsbl_question question = {
		.zones = means->zones,
		.ip = address->ip,
		.now = round->now,
	};

	if (!ip_is_reportable(&address->ip, TRUE)) {
		settle_private(round, address);
		return;
	}
	if (address->wants_rdns)
		ip_rdns_ask(means->resolver, &address->ip, round->now, take_rdns, address);
	if (address->wants_dnsbl && means->zones)
		ip_dnsbl_ask(means->resolver, &question, take_dnsbl, address);
}

static void
forget_unknown(const struct lookup_round *round)
{
	for (guint i = 0; i < round->addresses->len; i++) {
		struct lookup_address *address = address_at(round, i);
		address->has_rdns = address->has_rdns && address->rdns.is_known;
		address->has_dnsbl = address->has_dnsbl && address->dnsbl.is_known;
	}
	for (guint i = 0; i < round->domains->len; i++) {
		struct lookup_domain *domain = domain_at(round, i);
		if (domain->spf && !domain->spf->is_known)
			g_clear_pointer(&domain->spf, own_spf_free);
		domain->has_org = domain->has_org && domain->org.state != OWN_ORG_UNKNOWN;
	}
}

static void
ask_domain(const struct lookup_round *round, struct lookup_domain *domain,
	   const struct lookup_means *means)
{
	const struct own_spf_question question = {
		.domain = domain->name,
		.now = round->now,
		.is_service = means->is_service,
		.is_service_data = means->is_service_data,
	};

	if (domain->wants_spf)
		own_spf_ask(means->resolver, &question, take_own_spf, domain);
	if (domain->wants_org)
		own_org_ask(means->resolver, domain->name, round->now, take_org, domain);
}

gboolean
lookup_round_ask(struct lookup_round *round, const struct lookup_means *means, GError **error)
{
	/* Domains first: they are few, and each tells of many addresses. */
	for (guint i = 0; i < round->domains->len; i++)
		ask_domain(round, domain_at(round, i), means);
	for (guint i = 0; i < round->addresses->len; i++)
		ask_address(round, address_at(round, i), means);
	gboolean is_done = resolver_run(means->resolver, means->cancel, error);
	if (!is_done || resolver_n_asked(means->resolver) >= means->budget)
		forget_unknown(round);
	return is_done;
}

guint
lookup_round_n_facts(const struct lookup_round *round)
{
	guint n = 0;

	for (guint i = 0; i < round->addresses->len; i++)
		n += (address_at(round, i)->has_rdns ? 1U : 0U) +
		     (address_at(round, i)->has_dnsbl ? 1U : 0U);
	for (guint i = 0; i < round->domains->len; i++)
		n += (domain_at(round, i)->spf ? 1U : 0U) +
		     (domain_at(round, i)->has_org ? 1U : 0U);
	return n;
}
