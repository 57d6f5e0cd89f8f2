/* SPDX-License-Identifier: MIT */
#include "app/lookup_store.h"

#include "core/list_word.h"
#include "core/log.h"
#include "store/dns_facts.h"

/* So often it is begun with the most urgent sources again, however many are left. */
#define WALK_AGAIN_S 600

struct lookup_store {
	struct store *store;
	struct dns_walk walk;
	gint64 walk_begun_at; /* Unix seconds; 0 = never */
};

struct lookup_store *
lookup_store_new(struct store *store)
{
	struct lookup_store *lookup_store = g_new0(struct lookup_store, 1);

	lookup_store->store = store;
	return lookup_store;
}

void
lookup_store_free(struct lookup_store *lookup_store)
{
	g_free(lookup_store);
}

gboolean
lookup_store_is_service(gpointer data, const char *domain)
{
	struct lookup_store *lookup_store = data;
	const struct store_judge *judge = store_judge(lookup_store->store);

	return !g_str_equal(judge->name_sender(judge->cookie, domain), domain);
}

/* ---- what is due ---- */

static gboolean
add_domains(struct store_view *view, struct lookup_round *round, GError **error)
{
	const struct dns_due_domains_question question = {
		.now = round->now,
		.does_spf = round->does_own_spf,
		.does_org = round->does_org_domain,
		.limit = LOOKUP_DOMAINS_MAX,
	};
	g_autoptr(GArray) domains = query_dns_due_domains(view, &question, error);

	for (guint i = 0; domains && i < domains->len; i++) {
		const struct dns_due_domain *due =
			&g_array_index(domains, struct dns_due_domain, i);
		lookup_round_add_domain(round, due->name, due->wants_spf, due->wants_org);
	}
	return domains != NULL;
}

static void
begin_walk(struct lookup_store *lookup_store, gint64 now)
{
	lookup_store->walk = (struct dns_walk){ 0 };
	lookup_store->walk_begun_at = now;
}

/* From where the walk stands to the first sources that are due, or its end. */
static gboolean
walk_on(struct lookup_store *lookup_store, struct store_view *view, struct lookup_round *round,
	GError **error)
{
	g_autoptr(GArray) due = g_array_new(FALSE, FALSE, sizeof(struct dns_due));
	const struct dns_due_question question = {
		.now = round->now,
		.does_rdns = round->does_rdns,
		.does_dnsbl = round->does_dnsbl,
		.limit = LOOKUP_ADDRESSES_MAX,
	};

	do
		if (!query_dns_due(view, &question, &lookup_store->walk, due, error))
			return FALSE;
	while (due->len == 0 && !lookup_store->walk.is_done);
	for (guint i = 0; i < due->len; i++) {
		const struct dns_due *one = &g_array_index(due, struct dns_due, i);
		lookup_round_add_address(round, &one->ip, one->wants_rdns, one->wants_dnsbl);
	}
	return TRUE;
}

static gboolean
add_addresses(struct lookup_store *lookup_store, struct store_view *view,
	      struct lookup_round *round, GError **error)
{
	gint64 age = round->now - lookup_store->walk_begun_at;
	gboolean is_new = lookup_store->walk.is_done || age < 0 || age >= WALK_AGAIN_S;

	if (is_new)
		begin_walk(lookup_store, round->now);
	if (!walk_on(lookup_store, view, round, error))
		return FALSE;
	/* Nothing is left behind the place where it stood, but there may be before it. */
	if (is_new || round->addresses->len > 0)
		return TRUE;
	begin_walk(lookup_store, round->now);
	return walk_on(lookup_store, view, round, error);
}

void
lookup_store_next(gpointer data, struct lookup_round *round)
{
	struct lookup_store *lookup_store = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(store_view_auto) view = store_view_open(lookup_store->store, &error);

	if (!view || !add_domains(view, round, &error) ||
	    !add_addresses(lookup_store, view, round, &error))
		log_event(LOG_WARNING, "cannot find out what to look up", "error", error->message,
			  NULL);
}

/* ---- what was found out ---- */

/* Listings that nobody understands, and errors, are no listings. */
static const char *const listing_words[N_LISTINGS] = {
	[LISTING_UNKNOWN] = "unknown",
	[LISTING_SPAM] = "spam",
	[LISTING_EXPLOIT] = "exploit",
	[LISTING_POLICY] = "policy",
	[LISTING_NEIGHBOURHOOD] = "neighbourhood",
	[LISTING_WELCOME] = "welcome",
	[LISTING_ERROR] = "unknown",
};

static void
append_word(GString *out, const struct dnsbl_said *said, const char *what, const char *meaning)
{
	const struct list_word word = {
		.zone = (char *)(guintptr)said->zone,
		.operator=(char *)(guintptr) said->operator,
		.what =(char *)(guintptr) what,
		.meaning = (char *)(guintptr)meaning,
	};

	list_word_append(out, &word);
}

static void
append_said(GString *out, const struct dnsbl_said *said)
{
	for (guint i = 0; i < said->n_listings; i++)
		append_word(out, said, listing_words[said->listings[i]->listing],
			    said->listings[i]->meaning);
	if (said->n_listings == 0)
		append_word(out, said, said->is_known ? "clean" : "unknown", "");
}

static const char *
said_text(const struct ip_dnsbl *dnsbl, GStringChunk *texts)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < dnsbl->said->len; i++)
		append_said(out, &g_array_index(dnsbl->said, struct dnsbl_said, i));
	return g_string_chunk_insert(texts, out->str);
}

static struct dns_address
found_address(const struct lookup_address *address, GStringChunk *texts)
{
	return (struct dns_address){
		.ip = address->ip,
		.has_rdns = address->has_rdns,
		.is_rdns_known = address->rdns.is_known,
		.rdns = address->rdns.state,
		.name = address->rdns.name,
		.rdns_until = address->rdns.good_until,
		.has_dnsbl = address->has_dnsbl,
		.is_dnsbl_known = address->dnsbl.is_known,
		.dnsbl_spam = address->dnsbl.n_spam,
		.on_policy_list = address->dnsbl.on_policy_list,
		.said = address->has_dnsbl ? said_text(&address->dnsbl, texts) : "",
		.dnsbl_until = address->dnsbl.good_until,
	};
}

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, since the DNS answers in any. */
static const char *
services_text(const GPtrArray *services, GStringChunk *texts)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();

	for (guint i = 0; i < services->len; i++)
		g_ptr_array_add(sorted, g_ptr_array_index(services, i));
	g_ptr_array_sort(sorted, compare_texts);
	g_ptr_array_add(sorted, NULL);
	g_autofree char *text = g_strjoinv(" ", (char **)sorted->pdata);
	return g_string_chunk_insert(texts, text);
}

/* The last array takes what has to live as long. */
static void
take_spf(const struct own_spf *spf, GStringChunk *texts, GPtrArray *blobs, struct dns_domain *found)
{
	GByteArray *networks = g_byte_array_new();

	g_ptr_array_add(blobs, networks);
	own_spf_pack(spf, networks);
	found->has_spf = TRUE;
	found->is_spf_known = spf->is_known;
	found->spf_state = spf->state;
	found->spf_notes = spf->notes;
	found->networks = networks;
	found->services = services_text(spf->services, texts);
	found->spf_until = spf->good_until;
}

static struct dns_domain
found_domain(const struct lookup_domain *domain, GStringChunk *texts, GPtrArray *blobs)
{
	struct dns_domain found = {
		.domain = domain->name,
		.has_org = domain->has_org,
		.is_org_known = domain->org.state != OWN_ORG_UNKNOWN,
		.has_record = domain->org.state == OWN_ORG_FOUND,
		.org = domain->org.domain,
		.org_until = domain->org.good_until,
	};

	if (domain->spf)
		take_spf(domain->spf, texts, blobs, &found);
	return found;
}

gboolean
lookup_store_keep(gpointer data, const struct lookup_round *round, GError **error)
{
	struct lookup_store *lookup_store = data;
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	g_autoptr(GPtrArray) blobs =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	GStringChunk *texts = g_string_chunk_new(1024);

	for (guint i = 0; i < round->addresses->len; i++) {
		const struct lookup_address *address =
			&g_array_index(round->addresses, struct lookup_address, i);
		if (!address->has_rdns && !address->has_dnsbl)
			continue;
		const struct dns_address found = found_address(address, texts);
		g_array_append_val(addresses, found);
	}
	for (guint i = 0; i < round->domains->len; i++) {
		const struct lookup_domain *domain =
			&g_array_index(round->domains, struct lookup_domain, i);
		if (!domain->spf && !domain->has_org)
			continue;
		const struct dns_domain found = found_domain(domain, texts, blobs);
		g_array_append_val(domains, found);
	}
	const struct dns_found found = { round->now, addresses, domains };
	gboolean is_kept = store_edit_lookups(lookup_store->store, &found, error);
	if (!is_kept)
		g_prefix_error(error, "cannot keep what was looked up: ");
	g_string_chunk_free(texts);
	return is_kept;
}
