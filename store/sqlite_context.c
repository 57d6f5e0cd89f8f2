/* SPDX-License-Identifier: MIT */
#include "store/sqlite_context_private.h"

#include "core/report.h"
#include "store/sqlite_domain_figures.h"
#include "store/sqlite_rules.h"

struct domain_context {
	struct domain_figures figures[N_SIDES];
	gboolean is_parked;
	struct spf_facts spf;
};

static void
domain_context_free(gpointer data)
{
	struct domain_context *context = data;

	spf_facts_clear(&context->spf);
	g_free(context);
}

struct contexts *
contexts_new(struct db *db, const struct store_judge *judge, gint64 now)
{
	struct contexts *contexts = g_new0(struct contexts, 1);

	contexts->db = db;
	contexts->judge = judge;
	contexts->now = now;
	contexts->names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	contexts->domains = g_hash_table_new_full(NULL, NULL, NULL, domain_context_free);
	contexts->signatures = context_signatures_new();
	contexts->sets = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	contexts->senders = g_hash_table_new(NULL, NULL);
	contexts->passes = context_passes_new();
	contexts->notes = context_notes_new();
	return contexts;
}

void
contexts_forget(struct contexts *contexts)
{
	g_hash_table_remove_all(contexts->domains);
	g_hash_table_remove_all(contexts->signatures);
	contexts->has_lost_guesses = FALSE;
	contexts->hosts = HOSTS_UNASKED;
	g_hash_table_remove_all(contexts->passes);
	g_array_set_size(contexts->notes, 0);
	contexts->host_address = 0;
	g_clear_pointer(&contexts->rules, rules_free);
}

void
contexts_free(struct contexts *contexts)
{
	if (!contexts)
		return;
	contexts_forget(contexts);
	g_hash_table_unref(contexts->names);
	g_hash_table_unref(contexts->domains);
	g_hash_table_unref(contexts->signatures);
	g_hash_table_unref(contexts->sets);
	g_hash_table_unref(contexts->senders);
	g_hash_table_unref(contexts->passes);
	g_array_unref(contexts->notes);
	g_free(contexts);
}

const char *
contexts_name(struct contexts *contexts, guint32 id, GError **error)
{
	char *text = g_hash_table_lookup(contexts->names, GUINT_TO_POINTER(id));
	sqlite3_stmt *statement;

	if (text)
		return text;
	if (g_hash_table_size(contexts->names) >= CACHED_MAX)
		g_hash_table_remove_all(contexts->names);
	statement = db_prepare(contexts->db, "SELECT text FROM name WHERE id = ?", error);
	if (!statement)
		return NULL;
	enum db_row row = db_step(contexts->db, db_bind(statement, "i", (gint64)id), error);
	if (row == DB_FAILED)
		return NULL;
	text = row == DB_ROW ? db_text(statement, 0) : g_strdup("");
	sqlite3_reset(statement);
	g_hash_table_insert(contexts->names, GUINT_TO_POINTER(id), text);
	return text;
}

/* The id of a text that the store has; PACK_NO_NAME where it has it not. */
gboolean
contexts_find_name(struct contexts *contexts, const char *text, guint32 *ret_id, GError **error)
{
	gint64 id;
	sqlite3_stmt *statement =
		db_prepare(contexts->db, "SELECT id FROM name WHERE text = ?", error);

	if (!statement ||
	    !db_number(contexts->db, db_bind(statement, "t", text), PACK_NO_NAME, &id, error))
		return FALSE;
	*ret_id = (guint32)id;
	return TRUE;
}

/* --- Domain and sender --- */

static const struct domain_context *
read_domain(struct contexts *contexts, guint32 domain, GError **error)
{
	struct domain_context *context =
		g_hash_table_lookup(contexts->domains, GUINT_TO_POINTER(domain));

	if (context)
		return context;
	const char *text = contexts_name(contexts, domain, error);
	if (!text)
		return NULL;
	struct domain_context made = { .is_parked = contexts->judge->is_parked(
					       contexts->judge->cookie, text) };
	if (!context_domain_figures(contexts->db, domain, made.figures, error) ||
	    !spf_facts_read(contexts->db, contexts->judge, domain, &made.spf, error))
		return NULL;
	context = g_memdup2(&made, sizeof(made));
	g_hash_table_insert(contexts->domains, GUINT_TO_POINTER(domain), context);
	return context;
}

const struct host_facts *
contexts_host(struct contexts *contexts, guint32 address, GError **error)
{
	if (address == 0 || contexts->host_address != address) {
		contexts->host_address = 0;
		if (!host_facts_read(contexts->db, address, &contexts->host, error))
			return NULL;
		/* It may be known still from databases that are there no more. */
		if (!contexts->judge->know_place)
			contexts->host.asn = 0;
		contexts->host_address = address;
	}
	return &contexts->host;
}

void
contexts_forget_host(struct contexts *contexts)
{
	contexts->host_address = 0;
}

static gboolean
ask_for_hosts(struct contexts *contexts, GError **error)
{
	gint64 is_any = contexts->judge->know_place != NULL;
	sqlite3_stmt *statement =
		db_prepare(contexts->db,
			   "SELECT EXISTS (SELECT 1 FROM address_dns) OR EXISTS (SELECT 1 FROM "
			   "address_place)",
			   error);

	if (!statement || (!is_any && !db_number(contexts->db, statement, 0, &is_any, error)))
		return FALSE;
	contexts->hosts = is_any ? HOSTS_SOME : HOSTS_NONE;
	return TRUE;
}

/* What look-ups found, without the address itself: most stores know of none. */
static const struct host_facts *
known_host(struct contexts *contexts, guint32 address, GError **error)
{
	static const struct host_facts nothing = { .dnsbl_spam = FACT_N_UNKNOWN };

	if (contexts->hosts == HOSTS_UNASKED && !ask_for_hosts(contexts, error))
		return NULL;
	return contexts->hosts == HOSTS_NONE ? &nothing : contexts_host(contexts, address, error);
}

static gboolean
fill_dns(struct contexts *contexts, guint32 address, const struct domain_context *domain,
	 struct facts *facts, GError **error)
{
	const struct host_facts *host = known_host(contexts, address, error);

	if (!host)
		return FALSE;
	facts->rdns = host->rdns;
	facts->dnsbl_spam = host->dnsbl_spam;
	facts->on_policy_list = host->on_policy_list;
	if (!domain->spf.networks)
		return TRUE;
	const struct host_facts *whole = contexts_host(contexts, address, error);
	if (whole)
		facts->in_own_spf = spf_facts_names(&domain->spf, contexts->judge, &whole->ip);
	return whole != NULL;
}

static gboolean
fill_sender(struct contexts *contexts, guint32 address, const struct source_row *row,
	    struct facts *facts, GError **error)
{
	gboolean is_customer;
	struct sender_question question = { 0 };
	const struct host_facts *host = known_host(contexts, address, error);
	const struct domain_context *domain =
		host ? read_domain(contexts, row->domain, error) : NULL;

	if (!domain || !context_has_passes(contexts, address, row->sender, &is_customer, error))
		return FALSE;
	question.host = host->name;
	question.asn = host->asn;
	question.sender = contexts_name(contexts, row->sender, error);
	if (!question.sender)
		return FALSE;
	is_customer = is_customer || spf_facts_includes(&domain->spf, question.sender);
	facts->is_customer = is_customer && row->sender != PACK_NO_NAME ? FACT_YES : FACT_UNKNOWN;
	contexts->judge->know_sender(contexts->judge->cookie, &question, facts);
	return TRUE;
}

/* The domain that most messages pass for; of two equals the one that is first by name. */
static gboolean
pick_domain(struct contexts *contexts, const struct source_row *row, guint32 *ret_domain,
	    GError **error)
{
	gint64 most = row->facts.figures[SIDE_ALL].spf_pass;

	*ret_domain = most > 0 ? row->domain : PACK_NO_NAME;
	for (guint i = 0; i < row->facts.lists->len; i++) {
		const struct tally_item *item =
			&g_array_index(row->facts.lists, struct tally_item, i);
		if (tally_kind(item) != TALLY_VIA || item->n < most)
			continue;
		if (item->n == most) {
			const char *one = contexts_name(contexts, *ret_domain, error);
			g_autofree char *copy = g_strdup(one);
			const char *other =
				one ? contexts_name(contexts, tally_key(item), error) : NULL;
			if (!other)
				return FALSE;
			if (strcmp(copy, other) <= 0)
				continue;
		}
		most = item->n;
		*ret_domain = tally_key(item);
	}
	return TRUE;
}

/* By its reverse name, where nothing passes. */
static gboolean
name_host(struct contexts *contexts, const struct sender_search *search, guint32 *ret_sender,
	  GError **error)
{
	const struct host_facts *host = known_host(contexts, search->address, error);

	if (!host || !*host->name)
		return host != NULL;
	const char *sender = contexts->judge->name_host(contexts->judge->cookie, host->name,
							host->rdns == RDNS_GENERIC);
	return dictionary_text(search->dictionaries, DICTIONARY_NAME, sender, ret_sender, error);
}

gboolean
contexts_sender(struct contexts *contexts, const struct sender_search *search, guint32 *ret_sender,
		GError **error)
{
	guint32 domain;

	*ret_sender = PACK_NO_NAME;
	if (!pick_domain(contexts, search->row, &domain, error))
		return FALSE;
	if (domain == PACK_NO_NAME)
		return name_host(contexts, search, ret_sender, error);
	gpointer known = g_hash_table_lookup(contexts->senders, GUINT_TO_POINTER(domain));
	if (known) {
		*ret_sender = GPOINTER_TO_UINT(known);
		return TRUE;
	}
	const char *text = contexts_name(contexts, domain, error);
	if (!text)
		return FALSE;
	const char *sender = contexts->judge->name_sender(contexts->judge->cookie, text);
	if (!dictionary_text(search->dictionaries, DICTIONARY_NAME, sender, ret_sender, error))
		return FALSE;
	if (g_hash_table_size(contexts->senders) >= CACHED_MAX)
		g_hash_table_remove_all(contexts->senders);
	g_hash_table_insert(contexts->senders, GUINT_TO_POINTER(domain),
			    GUINT_TO_POINTER(*ret_sender));
	return TRUE;
}

/* --- Facts and verdict --- */

gboolean
contexts_facts(struct contexts *contexts, guint32 address, const struct source_row *row,
	       struct facts *facts, GError **error)
{
	const struct source_facts *known = &row->facts;
	const struct domain_context *domain = read_domain(contexts, row->domain, error);

	if (!domain)
		return FALSE;
	*facts = (struct facts){
		.all = known->figures[SIDE_ALL],
		.counted = known->figures[SIDE_COUNTED],
		.domain = { domain->figures[SIDE_ALL], domain->figures[SIDE_COUNTED] },
		.reporters = known->reporters,
		.last_seen = row->last_day,
		.ever_passed = known->ever_passed,
		.ruf_samples = known->ruf_samples,
		.is_multi = known->is_multi ? FACT_YES : FACT_NO,
		.dnsbl_spam = FACT_N_UNKNOWN,
		.is_parked = domain->is_parked,
	};
	return fill_dns(contexts, address, domain, facts, error) &&
	       context_fill_signing(contexts, address, row, facts, error) &&
	       fill_sender(contexts, address, row, facts, error);
}

struct known_source {
	guint32 address;
	const struct source_row *row;
	const struct facts *facts;
};

static gboolean
judge_by(struct contexts *contexts, const struct rules *rules, const struct known_source *source,
	 struct verdict *verdict, GError **error)
{
	struct rule_subject subject = { 0 };
	struct judge_question question = {
		.facts = source->facts,
		.subject = &subject,
		.now = contexts->now,
	};
	g_autoptr(rules_subject_auto) names = NULL;

	if (rules_count(rules) > 0) {
		names = rules_subject_new(contexts, source->address, source->row, &subject, error);
		if (!names)
			return FALSE;
		question.rules = rules_list(rules);
		question.n_rules = rules_count(rules);
	}
	*verdict = contexts->judge->judge(contexts->judge->cookie, &question);
	return TRUE;
}

gboolean
contexts_judge_by(struct contexts *contexts, const struct rules *rules, guint32 address,
		  const struct source_row *row, struct verdict *verdict, GError **error)
{
	struct facts facts;
	const struct known_source source = { address, row, &facts };

	return contexts_facts(contexts, address, row, &facts, error) &&
	       judge_by(contexts, rules, &source, verdict, error);
}

gboolean
contexts_judge(struct contexts *contexts, guint32 address, const struct source_row *row,
	       struct facts *ret_facts, struct verdict *verdict, GError **error)
{
	const struct known_source source = { address, row, ret_facts };

	if (!contexts->rules)
		contexts->rules = rules_read(contexts->db, error);
	return contexts->rules && contexts_facts(contexts, address, row, ret_facts, error) &&
	       judge_by(contexts, contexts->rules, &source, verdict, error);
}
