/* SPDX-License-Identifier: MIT */
#include "enrich/ip_rdns.h"

#include "enrich/fact_age.h"
#include "enrich/generic_name.h"

#define V4_ZONE ".in-addr.arpa"
#define V6_ZONE ".ip6.arpa"

struct candidate {
	struct look_up *look_up;
	char name[DNS_NAME_LEN_MAX + 1];
	enum dns_state forward;
	gboolean is_confirmed;
	guint32 ttl_s;
};

/* One address that is being looked up. */
struct look_up {
	struct resolver *resolver;
	struct ip ip;
	gint64 now;
	ip_rdns_fn fn;
	gpointer data;
	guint32 ttl_s; /* of the reverse record */
	guint n_candidates;
	guint n_open;
	struct candidate candidates[IP_RDNS_NAMES_MAX];
};

static const struct fact_age age = { IP_RDNS_GOOD_MIN_S, IP_RDNS_GOOD_MAX_S };

static void
finish(struct look_up *look_up, enum rdns_state state, const struct candidate *candidate,
       gboolean is_known)
{
	guint32 ttl_s = candidate && candidate->is_confirmed ? MIN(look_up->ttl_s, candidate->ttl_s)
							     : look_up->ttl_s;
	struct ip_rdns rdns = {
		.state = state,
		.is_known = is_known,
		.good_until = fact_good_until(&age, look_up->now, ttl_s, is_known),
	};

	if (candidate)
		g_strlcpy(rdns.name, candidate->name, sizeof(rdns.name));
	look_up->fn(look_up->data, &look_up->ip, &rdns);
	g_free(look_up);
}

static void
decide(struct look_up *look_up)
{
	const struct candidate *generic = NULL;
	gboolean is_known = TRUE;

	for (guint i = 0; i < look_up->n_candidates; i++) {
		const struct candidate *candidate = &look_up->candidates[i];
		is_known = is_known && candidate->forward != DNS_FAILED;
		if (!candidate->is_confirmed)
			continue;
		if (!generic_name_is(candidate->name, &look_up->ip)) {
			finish(look_up, RDNS_CONFIRMED, candidate, TRUE);
			return;
		}
		if (!generic)
			generic = candidate;
	}
	/* One that was not answered might have been the better name. */
	if (generic)
		finish(look_up, RDNS_GENERIC, generic, is_known);
	else
		finish(look_up, RDNS_UNKNOWN, &look_up->candidates[0], is_known);
}

static void
on_forward(gpointer data, const struct dns_answer *answer)
{
	struct candidate *candidate = data;
	struct look_up *look_up = candidate->look_up;

	candidate->forward = answer->state;
	candidate->ttl_s = answer->ttl_s;
	for (guint i = 0; i < answer->records->len; i++)
		if (ip_equal(&dns_answer_record(answer, i)->ip, &look_up->ip))
			candidate->is_confirmed = TRUE;
	if (--look_up->n_open == 0)
		decide(look_up);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* Answers come in any order: the same names are looked at each time. */
static void
choose_candidates(struct look_up *look_up, const struct dns_answer *answer)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < answer->records->len; i++)
		g_ptr_array_add(names, g_strdup(dns_answer_record(answer, i)->text));
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len && look_up->n_candidates < IP_RDNS_NAMES_MAX; i++) {
		if (i > 0 && g_str_equal(names->pdata[i], names->pdata[i - 1]))
			continue;
		struct candidate *candidate = &look_up->candidates[look_up->n_candidates++];
		candidate->look_up = look_up;
		g_strlcpy(candidate->name, names->pdata[i], sizeof(candidate->name));
	}
}

static void
on_reverse(gpointer data, const struct dns_answer *answer)
{
	struct look_up *look_up = data;
	enum dns_type type = ip_is_v4(&look_up->ip) ? DNS_A : DNS_AAAA;

	look_up->ttl_s = answer->ttl_s;
	choose_candidates(look_up, answer);
	look_up->n_open = look_up->n_candidates;
	if (look_up->n_candidates == 0) {
		finish(look_up, answer->state == DNS_NONE ? RDNS_NONE : RDNS_UNKNOWN, NULL,
		       answer->state != DNS_FAILED);
		return;
	}
	for (guint i = 0; i < look_up->n_candidates; i++)
		resolver_ask(look_up->resolver, type, look_up->candidates[i].name, on_forward,
			     &look_up->candidates[i]);
}

void
ip_rdns_ask(struct resolver *resolver, const struct ip *ip, gint64 now, ip_rdns_fn fn,
	    gpointer data)
{
	struct look_up *look_up = g_new0(struct look_up, 1);
	g_autoptr(GString) name = g_string_new(NULL);

	look_up->resolver = resolver;
	look_up->ip = *ip;
	look_up->now = now;
	look_up->fn = fn;
	look_up->data = data;
	ip_append_reversed(ip, name);
	g_string_append(name, ip_is_v4(ip) ? V4_ZONE : V6_ZONE);
	resolver_ask(resolver, DNS_PTR, name->str, on_reverse, look_up);
}
