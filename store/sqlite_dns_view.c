/* SPDX-License-Identifier: MIT */
/* Questions about look-ups: what is due, and what is known of an address. */
#include "store/dns_facts.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_view.h"

/* --- What is due --- */

/* What is to be done about a source is told first. */
static const enum class walk_classes[] = {
	CLASS_UNAUTHORIZED, CLASS_REVIEW, CLASS_FIX, CLASS_FORWARDER, CLASS_AUTHORIZED,
};

/* In the order of the index source_30d. */
static const char walk_sql[] =
	"SELECT s.rank, s.n_30d, s.domain_id, s.address_id, a.ip, "
	"coalesce(d.rdns_until, 0), coalesce(d.dnsbl_until, 0) "
	"FROM source s JOIN address a ON a.id = s.address_id "
	"LEFT JOIN address_dns d ON d.address_id = s.address_id "
	"WHERE s.rank >= ?1 AND s.n_30d > 0 AND s.address_id <> 0 "
	"AND (s.rank, s.n_30d, s.domain_id, s.address_id) < (?6, ?2, ?3, ?4) "
	"ORDER BY s.rank DESC, s.n_30d DESC, s.domain_id DESC, s.address_id DESC LIMIT ?5";

struct due_search {
	const struct dns_due_question *question;
	struct dns_walk *walk;
	GArray *due;
	GHashTable *seen; /* ids of addresses that are in due */
	guint n_looked_at;
};

static void
take_row(struct due_search *search, sqlite3_stmt *statement)
{
	const struct dns_due_question *question = search->question;
	struct dns_walk *walk = search->walk;
	struct dns_due due = {
		.wants_rdns =
			question->does_rdns && sqlite3_column_int64(statement, 5) <= question->now,
		.wants_dnsbl =
			question->does_dnsbl && sqlite3_column_int64(statement, 6) <= question->now,
	};

	walk->rank = sqlite3_column_int64(statement, 0);
	walk->messages = sqlite3_column_int64(statement, 1);
	walk->domain = sqlite3_column_int64(statement, 2);
	walk->address = sqlite3_column_int64(statement, 3);
	search->n_looked_at++;
	if ((!due.wants_rdns && !due.wants_dnsbl) ||
	    sqlite3_column_bytes(statement, 4) != (int)sizeof(due.ip) ||
	    !g_hash_table_add(search->seen, GSIZE_TO_POINTER(walk->address)))
		return;
	memcpy(&due.ip, sqlite3_column_blob(statement, 4), sizeof(due.ip));
	g_array_append_val(search->due, due);
}

static gboolean
is_full(const struct due_search *search)
{
	return search->due->len >= search->question->limit || search->n_looked_at >= DNS_WALK_MAX;
}

static void
start_step(struct dns_walk *walk)
{
	if (walk->is_begun)
		return;
	walk->rank = SOURCE_RANK(walk_classes[walk->step], SOURCE_SCORE_MAX);
	walk->messages = walk->domain = walk->address = G_MAXINT64;
	walk->is_begun = TRUE;
}

/* One class, as far as there is room; then on to the next. */
static gboolean
walk_step(struct db *db, struct due_search *search, GError **error)
{
	struct dns_walk *walk = search->walk;
	enum db_row row = DB_ROW;
	sqlite3_stmt *statement = db_prepare(db, walk_sql, error);

	if (!statement)
		return FALSE;
	start_step(walk);
	db_bind(statement, "iiiiii", SOURCE_RANK(walk_classes[walk->step], 0), walk->messages,
		walk->domain, walk->address, (gint64)DNS_WALK_MAX, walk->rank);
	while (!is_full(search) && (row = db_step(db, statement, error)) == DB_ROW)
		take_row(search, statement);
	sqlite3_reset(statement);
	if (row == DB_FAILED)
		return FALSE;
	if (row == DB_DONE) {
		walk->step++;
		walk->is_begun = FALSE;
	}
	return TRUE;
}

gboolean
query_dns_due(struct store_view *view, const struct dns_due_question *question,
	      struct dns_walk *walk, GArray *due, GError **error)
{
	struct db *db = view_db(view);
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	struct due_search search = { question, walk, due, seen, 0 };

	if (!question->does_rdns && !question->does_dnsbl)
		walk->step = G_N_ELEMENTS(walk_classes);
	while (walk->step < G_N_ELEMENTS(walk_classes) && !is_full(&search))
		if (!walk_step(db, &search, error))
			return FALSE;
	walk->is_done = walk->step >= G_N_ELEMENTS(walk_classes);
	return TRUE;
}

static void
due_domain_clear(gpointer data)
{
	struct dns_due_domain *due = data;

	g_free(due->name);
}

GArray *
query_dns_due_domains(struct store_view *view, const struct dns_due_domains_question *question,
		      GError **error)
{
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_due_domain));
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT n.text, w.wants_spf, w.wants_org FROM (SELECT w.domain_id, "
			   "w.messages, ?3 AND coalesce(s.good_until, 0) <= ?2 AS wants_spf, "
			   "?4 AND coalesce(o.good_until, 0) <= ?2 AS wants_org "
			   "FROM domain_window w "
			   "LEFT JOIN domain_spf s ON s.domain_id = w.domain_id "
			   "LEFT JOIN domain_org o ON o.domain_id = w.domain_id "
			   "WHERE w.window = ?1 AND w.domain_id > 0 AND w.messages > 0) w "
			   "JOIN name n ON n.id = w.domain_id WHERE w.wants_spf OR w.wants_org "
			   "ORDER BY w.messages DESC, w.domain_id DESC LIMIT ?5",
			   error);

	if (!statement)
		return NULL;
	g_array_set_clear_func(domains, due_domain_clear);
	db_bind(statement, "iiiii", (gint64)WINDOW_30D, question->now,
		(gint64)(question->does_spf ? 1 : 0), (gint64)(question->does_org ? 1 : 0),
		(gint64)question->limit);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct dns_due_domain due = {
			.name = db_text(statement, 0),
			.wants_spf = sqlite3_column_int(statement, 1) != 0,
			.wants_org = sqlite3_column_int(statement, 2) != 0,
		};
		g_array_append_val(domains, due);
	}
	return row == DB_DONE ? g_steal_pointer(&domains) : NULL;
}

/* --- What is known --- */

void
query_dns_clear(struct query_dns *dns)
{
	g_clear_pointer(&dns->name, g_free);
	g_clear_pointer(&dns->said, g_free);
}

static void
read_dns(sqlite3_stmt *statement, struct query_dns *dns)
{
	dns->rdns = (enum rdns_state)sqlite3_column_int(statement, 0);
	dns->rdns_at = sqlite3_column_int64(statement, 1);
	dns->is_rdns_known = dns->rdns_at != 0;
	dns->name = db_text(statement, 2);
	if (sqlite3_column_type(statement, 3) != SQLITE_NULL)
		dns->dnsbl_spam = sqlite3_column_int64(statement, 3);
	dns->on_policy_list = (enum fact)sqlite3_column_int(statement, 4);
	dns->dnsbl_at = sqlite3_column_int64(statement, 5);
	dns->is_dnsbl_known = dns->dnsbl_at != 0;
	dns->said = db_text(statement, 6);
	dns->was_rdns_asked = sqlite3_column_int64(statement, 7) > 0;
}

gboolean
query_dns(struct store_view *view, const struct ip *ip, struct query_dns *ret_dns, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT d.rdns_state, d.rdns_at, r.text, d.dnsbl_spam, d.on_policy_list, "
		"d.dnsbl_at, s.text, d.rdns_until FROM address a JOIN address_dns d ON "
		"d.address_id = a.id "
		"JOIN name r ON r.id = d.rdns JOIN name s ON s.id = d.said WHERE a.ip = ?",
		error);

	*ret_dns = (struct query_dns){ .dnsbl_spam = FACT_N_UNKNOWN };
	if (!statement)
		return FALSE;
	db_bind(statement, "b", ip->bytes, (int)sizeof(ip->bytes));
	enum db_row row = db_step(db, statement, error);
	if (row == DB_ROW) {
		read_dns(statement, ret_dns);
		sqlite3_reset(statement);
	}
	if (!ret_dns->name)
		ret_dns->name = g_strdup("");
	if (!ret_dns->said)
		ret_dns->said = g_strdup("");
	return row != DB_FAILED;
}
