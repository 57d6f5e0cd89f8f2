/* SPDX-License-Identifier: MIT */
#include "store/sqlite_rules.h"

#include "store/sqlite_context.h"

#define DOMAINKEY "_domainkey."

struct rules {
	GArray *list;
	GStringChunk *texts;
};

struct rules_subject {
	GStringChunk *texts;
	GArray *signatures; /* struct rule_signature */
	GPtrArray *spf_domains;
};

struct rules *
rules_new(void)
{
	struct rules *rules = g_new(struct rules, 1);

	rules->list = g_array_new(FALSE, FALSE, sizeof(struct user_rule));
	rules->texts = g_string_chunk_new(1024);
	return rules;
}

void
rules_add(struct rules *rules, const struct user_rule *rule)
{
	struct user_rule copy = *rule;

	copy.text = g_string_chunk_insert(rules->texts, rule->text);
	copy.domain = g_string_chunk_insert(rules->texts, rule->domain);
	g_array_append_val(rules->list, copy);
}

void
rules_drop(struct rules *rules, gint64 id)
{
	for (guint i = rules->list->len; i-- > 0;)
		if (g_array_index(rules->list, struct user_rule, i).id == id)
			g_array_remove_index(rules->list, i);
}

/* One of a newer schema is none that can be judged by. */
static void
add_row(struct rules *rules, sqlite3_stmt *statement)
{
	struct user_rule rule = {
		.id = sqlite3_column_int64(statement, 0),
		.kind = (enum rule_kind)sqlite3_column_int(statement, 1),
		.class = (enum rule_class)sqlite3_column_int(statement, 2),
		.text = db_peek_text(statement, 3),
		.domain = db_peek_text(statement, 4),
		.expires_at = sqlite3_column_int64(statement, 5),
		.prefix = (guint32)sqlite3_column_int64(statement, 7),
		.asn = (guint32)sqlite3_column_int64(statement, 8),
	};

	if (sqlite3_column_bytes(statement, 6) == (int)sizeof(rule.ip))
		memcpy(&rule.ip, sqlite3_column_blob(statement, 6), sizeof(rule.ip));
	if (rule.kind < N_RULE_KINDS && rule.class < N_RULE_CLASSES)
		rules_add(rules, &rule);
}

struct rules *
rules_read(struct db *db, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT id, kind, class, match, domain, expires_at, ip, prefix, asn "
			   "FROM user_rule WHERE ended_at = 0 ORDER BY id",
			   error);
	enum db_row row;

	if (!statement)
		return NULL;
	g_autoptr(rules_auto) rules = rules_new();
	while ((row = db_step(db, statement, error)) == DB_ROW)
		add_row(rules, statement);
	return row == DB_DONE ? g_steal_pointer(&rules) : NULL;
}

void
rules_free(struct rules *rules)
{
	if (!rules)
		return;
	g_array_unref(rules->list);
	g_string_chunk_free(rules->texts);
	g_free(rules);
}

const struct user_rule *
rules_list(const struct rules *rules)
{
	return (const struct user_rule *)(gconstpointer)rules->list->data;
}

gsize
rules_count(const struct rules *rules)
{
	return rules->list->len;
}

/* --- What they may match --- */

void
rules_subject_free(struct rules_subject *subject)
{
	if (!subject)
		return;
	g_string_chunk_free(subject->texts);
	g_array_unref(subject->signatures);
	g_ptr_array_unref(subject->spf_domains);
	g_free(subject);
}

/* "s1._domainkey.example.com" into selector and domain. */
static void
add_signature(struct rules_subject *subject, const char *text)
{
	const char *key = strstr(text, DOMAINKEY);

	if (!key)
		return;
	gssize selector_len = key > text ? key - text - 1 : 0;
	const struct rule_signature signature = {
		.domain = g_string_chunk_insert(subject->texts, key + strlen(DOMAINKEY)),
		.selector = g_string_chunk_insert_len(subject->texts, text, selector_len),
	};
	g_array_append_val(subject->signatures, signature);
}

static gboolean
add_signed(struct rules_subject *subject, struct contexts *contexts, guint32 set, GError **error)
{
	const GArray *parts = contexts_signatures(contexts, set, error);

	for (guint i = 0; parts && i < parts->len; i++) {
		const char *text = contexts_name(contexts, g_array_index(parts, guint32, i), error);
		if (!text)
			return FALSE;
		add_signature(subject, text);
	}
	return parts != NULL;
}

/* A domain that the mail passes for, by SPF or by a signature: the tally does not tell which. */
static void
add_domain(struct rules_subject *subject, const char *text)
{
	const struct rule_signature signature = {
		.domain = g_string_chunk_insert(subject->texts, text),
		.selector = "",
	};

	g_array_append_val(subject->signatures, signature);
	g_ptr_array_add(subject->spf_domains, (gpointer)(guintptr)signature.domain);
}

static gboolean
add_names(struct rules_subject *subject, struct contexts *contexts, const struct source_row *row,
	  GError **error)
{
	for (guint i = 0; i < row->facts.lists->len; i++) {
		const struct tally_item *item =
			&g_array_index(row->facts.lists, struct tally_item, i);
		if (tally_kind(item) == TALLY_SIGNED &&
		    !add_signed(subject, contexts, tally_key(item), error))
			return FALSE;
		if (tally_kind(item) != TALLY_VIA)
			continue;
		const char *via = contexts_name(contexts, tally_key(item), error);
		if (!via)
			return FALSE;
		add_domain(subject, via);
	}
	return TRUE;
}

static gboolean
fill_words(struct rules_subject *names, struct contexts *contexts, const struct source_row *row,
	   struct rule_subject *subject, GError **error)
{
	const char *domain = contexts_name(contexts, row->domain, error);

	if (!domain)
		return FALSE;
	subject->domain = g_string_chunk_insert(names->texts, domain);
	const char *sender = contexts_name(contexts, row->sender, error);
	if (!sender)
		return FALSE;
	subject->sender = g_string_chunk_insert(names->texts, sender);
	if (row->facts.figures[SIDE_ALL].spf_pass > 0)
		g_ptr_array_add(names->spf_domains, (gpointer)(guintptr)subject->domain);
	return TRUE;
}

static gboolean
fill_host(struct rules_subject *names, struct contexts *contexts, guint32 address,
	  struct rule_subject *subject, GError **error)
{
	const struct host_facts *host = contexts_host(contexts, address, error);

	if (!host)
		return FALSE;
	subject->ip = host->ip;
	subject->asn = host->asn;
	subject->rdns = g_string_chunk_insert(names->texts, host->name);
	return TRUE;
}

struct rules_subject *
rules_subject_new(struct contexts *contexts, guint32 address, const struct source_row *row,
		  struct rule_subject *subject, GError **error)
{
	g_autoptr(rules_subject_auto) names = g_new0(struct rules_subject, 1);

	names->texts = g_string_chunk_new(512);
	names->signatures = g_array_new(FALSE, FALSE, sizeof(struct rule_signature));
	names->spf_domains = g_ptr_array_new();
	if (!fill_host(names, contexts, address, subject, error) ||
	    !fill_words(names, contexts, row, subject, error) ||
	    !add_names(names, contexts, row, error))
		return NULL;
	subject->signatures = (gconstpointer)names->signatures->data;
	subject->n_signatures = names->signatures->len;
	subject->spf_domains = (gconstpointer)names->spf_domains->pdata;
	subject->n_spf_domains = names->spf_domains->len;
	return g_steal_pointer(&names);
}

gboolean
rules_expire(struct db *db, gint64 now, GError **error)
{
	sqlite3_stmt *mark = db_prepare(
		db,
		"INSERT INTO unjudged SELECT s.address_id FROM user_rule r JOIN source s ON "
		"s.user_rule IN (r.id, -r.id) AND s.user_rule <> 0 WHERE r.ended_at = 0 AND "
		"r.expires_at BETWEEN 1 AND ?1 ON CONFLICT DO NOTHING",
		error);
	sqlite3_stmt *end = db_prepare(db,
				       "UPDATE user_rule SET ended_at = expires_at WHERE ended_at "
				       "= 0 AND expires_at BETWEEN 1 AND ?1",
				       error);

	return mark && end && db_run(db, db_bind(mark, "i", now), error) &&
	       db_run(db, db_bind(end, "i", now), error);
}
