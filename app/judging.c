/* SPDX-License-Identifier: MIT */
#include "app/judging.h"

#include <string.h>

#include "analysis/align.h"
#include "analysis/judge.h"
#include "analysis/row_facts.h"
#include "analysis/row_origin.h"
#include "enrich/own_spf.h"
#include "takedown/guards.h"

/* A reporter that nobody knows is established once it has sent reports for so long. */
#define ESTABLISHED_S (30 * 86400)

/* So many names are remembered, about 100 bytes each; beyond, they are looked up anew. */
#define ORGS_MAX        50000
#define ORG_NAMES_BLOCK 16384
/* No domain is longer (RFC 1035, 2.3.4). */
#define ORG_NAME_LEN_MAX 253

struct judging {
	struct weights weights;
	char **parked;
	struct enrichment *enrichment;
	/* Of the names of records, for the thread that writes: where in a name that of its
	 * organisation begins, from 1. */
	GHashTable *orgs;
	GStringChunk *org_names;
	struct store_judge ops;
};

/* --- Records --- */

/* A record names few domains, and each of them several times; names of a report are one text each.
 */
#define ROW_NAMES_MAX 8

struct row {
	struct judging *judging;
	const char *policy_domain;
	const char *names[ROW_NAMES_MAX];
	const char *orgs[ROW_NAMES_MAX]; /* of names */
	guint n_names;
};

/* Reports name the same domains again and again. */
static const char *
find_org(struct judging *judging, const char *domain)
{
	gsize at = GPOINTER_TO_SIZE(g_hash_table_lookup(judging->orgs, domain));

	if (at > 0)
		return domain + at - 1;
	const char *org = org_domain_of(judging->enrichment->org_domains, domain);
	if (strlen(domain) > ORG_NAME_LEN_MAX)
		return org;
	if (g_hash_table_size(judging->orgs) >= ORGS_MAX) {
		g_hash_table_remove_all(judging->orgs);
		g_string_chunk_clear(judging->org_names);
	}
	g_hash_table_insert(judging->orgs, g_string_chunk_insert(judging->org_names, domain),
			    GSIZE_TO_POINTER(org - domain + 1));
	return org;
}

static const char *
org_domain(gpointer cookie, const char *domain)
{
	struct row *row = cookie;

	for (guint i = 0; i < row->n_names; i++)
		if (row->names[i] == domain)
			return row->orgs[i];
	const char *org = find_org(row->judging, domain);
	if (row->n_names < ROW_NAMES_MAX) {
		row->names[row->n_names] = domain;
		row->orgs[row->n_names++] = org;
	}
	return org;
}

/* Is domain this one, or below it? Then alone can both be of one organisation, whose name ends
 * them: most domains are told apart without a look at the list. */
static gboolean
is_within(const char *domain, const char *org)
{
	gsize len = strlen(domain);
	gsize org_len = strlen(org);

	return len >= org_len && g_ascii_strcasecmp(domain + len - org_len, org) == 0 &&
	       (len == org_len || domain[len - org_len - 1] == '.');
}

static gboolean
is_same_org(gpointer cookie, const char *a, const char *b)
{
	const char *org = org_domain(cookie, b);

	return is_within(a, org) && g_ascii_strcasecmp(org_domain(cookie, a), org) == 0;
}

static gboolean
is_own(gpointer cookie, const char *domain)
{
	const struct row *row = cookie;

	return is_same_org(cookie, domain, row->policy_domain);
}

/* Whether a selector passed elsewhere the store finds out when it knows all records. */
static gboolean
may_have_passed(gpointer cookie, const char *domain, const char *selector)
{
	(void)cookie;
	(void)domain;
	(void)selector;
	return TRUE;
}

static const struct sender *
find_sender(const struct judging *judging, const char *domain)
{
	const struct sender *sender = catalogue_find_dkim(judging->enrichment->catalogue, domain);

	return sender ? sender : catalogue_find_spf(judging->enrichment->catalogue, domain);
}

/* Of which nobody is sure has no effect on a judgement. */
static gboolean
is_sure(const struct sender *sender)
{
	return sender && sender->confidence != CONFIDENCE_LOW;
}

static gboolean
sends_for_others(const struct sender *sender)
{
	if (!is_sure(sender))
		return FALSE;
	enum category category = sender_category(sender);
	return category == CATEGORY_ESP || category == CATEGORY_GATEWAY;
}

static gboolean
is_service(gpointer cookie, const char *domain)
{
	const struct row *row = cookie;

	return sends_for_others(find_sender(row->judging, domain));
}

static void
read_row(gpointer cookie, const struct report *report, const struct record *record,
	 struct row_reading *reading)
{
	struct judging *judging = cookie;
	struct row row = { .judging = judging, .policy_domain = report->policy.domain };
	const struct row_context facts = {
		.is_own = is_own,
		.has_passed = may_have_passed,
		.is_service = is_service,
		.cookie = &row,
	};
	const struct align_context align = { is_same_org, &row };
	const struct origin_context origin = { is_own, org_domain, &row };

	reading->marks = row_facts(report, record, &facts);
	reading->alignment = align_record(report, record, &align);
	reading->via = row_origin_via(report, record, &origin);
	row_origin_signatures(report, record, &origin, reading->signatures);
}

/* --- Reporters --- */

/* Where strangers can send authenticated mail from a domain, the address is who speaks. */
static char *
name_voice(gpointer cookie, const char *auth_domain, const char *from)
{
	const struct judging *judging = cookie;
	const struct known_reporter *known =
		known_reporters_find(judging->enrichment->reporters, auth_domain);

	if (known && known->is_shared)
		return g_strdup(from);
	if (known)
		return g_strdup(known->domain);
	return g_strdup(org_domain_of(judging->enrichment->org_domains, auth_domain));
}

static gboolean
is_established(gpointer cookie, const struct voice_question *question)
{
	const struct judging *judging = cookie;
	const char *at = strrchr(question->voice, '@');
	const char *domain = at ? at + 1 : question->voice;
	const struct known_reporter *known =
		known_reporters_find(judging->enrichment->reporters, domain);

	if (known && known_reporter_is_established(known, at ? question->voice : ""))
		return TRUE;
	return question->is_approved || question->last_at - question->first_at >= ESTABLISHED_S;
}

/* --- Addresses, senders and domains --- */

static gboolean
know_place(gpointer cookie, const struct ip *ip, struct source_place *place)
{
	const struct judging *judging = cookie;
	struct ip_place found;

	ip_geo_find(judging->enrichment->geo, ip, &found);
	place->asn = found.asn;
	g_strlcpy(place->as_name, found.as_name, sizeof(place->as_name));
	g_strlcpy(place->country, found.country, sizeof(place->country));
	return found.asn != 0 || *found.country;
}

static const char *
name_sender(gpointer cookie, const char *domain)
{
	const struct sender *sender = find_sender(cookie, domain);

	return sender ? sender->id : domain;
}

/* A name made of the address tells of the network, and no more. */
static const char *
name_host(gpointer cookie, const char *host, gboolean is_generic)
{
	const struct judging *judging = cookie;
	const struct sender *sender = catalogue_find_rdns(judging->enrichment->catalogue, host);

	if (sender)
		return sender->id;
	return is_generic ? "" : org_domain_of(judging->enrichment->org_domains, host);
}

/* By its reverse name, by what its mail passes for, or else by the network it comes from: hosts and
 * networks of a service send for the service alone. */
static void
know_sender(gpointer cookie, const struct sender_question *question, struct facts *facts)
{
	const struct judging *judging = cookie;
	const struct catalogue *catalogue = judging->enrichment->catalogue;
	const struct sender *found[] = {
		*question->host ? catalogue_find_rdns(catalogue, question->host) : NULL,
		*question->sender ? catalogue_find_id(catalogue, question->sender) : NULL,
		question->asn ? catalogue_find_asn(catalogue, question->asn) : NULL,
	};

	facts->category = CATEGORY_NONE;
	for (gsize i = G_N_ELEMENTS(found); i-- > 0;)
		if (is_sure(found[i]))
			facts->category = sender_category(found[i]);
	if (!sends_for_others(found[0]) && !sends_for_others(found[2]))
		return;
	facts->all.esp = figures_fail(&facts->all);
	facts->counted.esp = figures_fail(&facts->counted);
}

static enum fact
names_address(gpointer cookie, gconstpointer networks, gsize len, const struct ip *ip)
{
	(void)cookie;
	return own_spf_packed_names(networks, len, ip);
}

static gboolean
is_parked(gpointer cookie, const char *domain)
{
	const struct judging *judging = cookie;

	return judging->parked && g_strv_contains((const char *const *)judging->parked, domain);
}

static void
weigh_domain(gpointer cookie, const struct domain_figures domain[N_SIDES],
	     struct domain_effect *effect)
{
	const struct judging *judging = cookie;
	const struct facts facts = { .domain = { domain[SIDE_ALL], domain[SIDE_COUNTED] } };

	for (enum side side = SIDE_ALL; side < N_SIDES; side++) {
		effect->cap[side] = facts_cap(&facts, side, &judging->weights);
		effect->signs[side] = facts_domain_signs(&facts, side, &judging->weights);
	}
}

static struct verdict
judge_source(gpointer cookie, const struct judge_question *question)
{
	const struct judging *judging = cookie;
	const struct user_rule *rule = user_rules_find(question->rules, question->n_rules,
						       question->subject, question->now);
	const struct judgement judgement = judge(question->facts, rule, &judging->weights);
	/* Where another rule decided the score says nothing. */
	gboolean has_score = judgement.unruled_rule == RULE_UNAUTHORIZED ||
			     judgement.unruled_rule == RULE_REVIEW;

	return (struct verdict){
		.class = judgement.class,
		.rule = (guint8)judgement.rule,
		.score = has_score ? (guint8)judgement_score(&judgement) : 0,
		.unruled_class = judgement.unruled_class,
		.unruled_rule = (guint8)judgement.unruled_rule,
		.is_ignored = judgement.is_ignored,
		.user_rule = rule ? rule->id : 0,
	};
}

G_STATIC_ASSERT((int)GUARD_NONE == GUARD_LISTED && (int)GUARD_CLASS == GUARD_OTHER_CLASS &&
		(int)GUARD_REACHABLE == GUARD_ADDRESS);

static void
guard_sources(gpointer cookie, const struct suspect *suspect, guint8 *ret_guards)
{
	(void)cookie;
	for (gsize i = 0; i < suspect->n_sources; i++)
		ret_guards[i] = (guint8)guards_left_out_by(suspect, i, FALSE);
}

const struct sender *
judging_find_sender(gpointer cookie, const char *id)
{
	const struct judging *judging = cookie;

	return catalogue_find_id(judging->enrichment->catalogue, id);
}

const char *
judging_find_org(gpointer cookie, const char *domain)
{
	const struct judging *judging = cookie;

	return org_domain_of(judging->enrichment->org_domains, domain);
}

static void
judging_free(gpointer cookie)
{
	struct judging *judging = cookie;

	g_strfreev(judging->parked);
	g_hash_table_unref(judging->orgs);
	g_string_chunk_free(judging->org_names);
	enrichment_free(judging->enrichment);
	g_free(judging);
}

const struct store_judge *
judging_new(const struct judging_options *options)
{
	struct judging *judging = g_new0(struct judging, 1);

	judging->weights = options->weights;
	judging->parked = g_strdupv(options->parked);
	judging->enrichment = options->enrichment;
	judging->orgs = g_hash_table_new(g_str_hash, g_str_equal);
	judging->org_names = g_string_chunk_new(ORG_NAMES_BLOCK);
	judging->ops = (struct store_judge){
		.cookie = judging,
		.free = judging_free,
		.read_row = read_row,
		.name_voice = name_voice,
		.is_established = is_established,
		.know_place = ip_geo_n_files(options->enrichment->geo) > 0 ? know_place : NULL,
		.name_sender = name_sender,
		.name_host = name_host,
		.names_address = names_address,
		.know_sender = know_sender,
		.is_parked = is_parked,
		.weigh_domain = weigh_domain,
		.judge = judge_source,
		.guard = guard_sources,
	};
	return &judging->ops;
}

const struct store_judge *
judging_default(void)
{
	static gsize is_made;
	static struct store_judge ops;

	if (g_once_init_enter(&is_made)) {
		const struct judging_options options = {
			.weights = weights_default(),
			.enrichment = enrichment_new_builtin(),
		};
		ops = *judging_new(&options);
		ops.free = NULL;
		g_once_init_leave(&is_made, 1);
	}
	return &ops;
}
