/* SPDX-License-Identifier: MIT */
#include "store/sqlite_rule_reach.h"

#include "core/facts.h"

/* In the text of HOST. */
G_STATIC_ASSERT(RDNS_CONFIRMED == 1 && RDNS_GENERIC == 2);

enum reach_by {
	BY_NETWORK,
	BY_SENDER,
	BY_DOMAIN,
	BY_ASN,
	BY_HOST,
	BY_NOTHING,
	BY_LABEL,
};

/* A source without messages has no signature, no SPF domain and no sender: n_all may be asked for.
 */
#define NETWORK "SELECT id FROM address WHERE ip BETWEEN ?1 AND ?2"
#define SENDER                                                                               \
	"SELECT address_id FROM source WHERE sender = (SELECT id FROM name WHERE text = ?1)" \
	" AND sender > 1"
#define DOMAIN                                                                                  \
	"SELECT address_id FROM source WHERE domain_id = (SELECT id FROM name WHERE text = ?1)" \
	" AND n_all > 0"
#define ASN "SELECT address_id FROM address_place WHERE asn = ?1"
/* Those with a name that is confirmed, generic or not: no other is matched. */
#define HOST  "SELECT address_id FROM address_dns WHERE rdns_state IN (1, 2)"
#define EVERY "SELECT id FROM address WHERE id > 0"
#define LABEL "SELECT address_id FROM source WHERE user_rule IN (?1, -?1) AND user_rule <> 0"

#define MARK(select) "INSERT INTO unjudged " select " ON CONFLICT DO NOTHING"
#define LIST(select) select " LIMIT ?3"

static const struct {
	const char *mark;
	const char *list;
} texts[] = {
	[BY_NETWORK] = { MARK(NETWORK), LIST(NETWORK) },
	[BY_SENDER] = { MARK(SENDER), LIST(SENDER) },
	[BY_DOMAIN] = { MARK(DOMAIN), LIST(DOMAIN) },
	[BY_ASN] = { MARK(ASN), LIST(ASN) },
	[BY_HOST] = { MARK(HOST), LIST(HOST) },
	[BY_NOTHING] = { MARK(EVERY), LIST(EVERY) },
	[BY_LABEL] = { MARK(LABEL), LIST(LABEL) },
};

/* The first and the last address of a network. */
struct network {
	struct ip low;
	struct ip high;
};

static enum reach_by
reach_of(const struct user_rule *rule)
{
	switch (rule->kind) {
	case RULE_KIND_IP:
	case RULE_KIND_CIDR:
		return BY_NETWORK;
	case RULE_KIND_SENDER:
		return BY_SENDER;
	case RULE_KIND_SELECTOR:
	case RULE_KIND_SPF:
		return *rule->domain ? BY_DOMAIN : BY_NOTHING;
	case RULE_KIND_RDNS:
		return BY_HOST;
	case RULE_KIND_ASN:
		return BY_ASN;
	case N_RULE_KINDS:
		break;
	}
	return BY_NOTHING;
}

static void
find_network(const struct user_rule *rule, struct network *network)
{
	guint prefix = rule->kind == RULE_KIND_IP ? IP_BITS : MIN(rule->prefix, IP_BITS);

	network->low = ip_network_first(&rule->ip, prefix);
	network->high = ip_network_last(&rule->ip, prefix);
}

static void
bind_reach(sqlite3_stmt *statement, const struct user_rule *rule, struct network *network)
{
	switch (reach_of(rule)) {
	case BY_NETWORK:
		find_network(rule, network);
		db_bind(statement, "bb", network->low.bytes, (int)sizeof(network->low.bytes),
			network->high.bytes, (int)sizeof(network->high.bytes));
		break;
	case BY_SENDER:
		db_bind(statement, "t", rule->text);
		break;
	case BY_DOMAIN:
		db_bind(statement, "t", rule->domain);
		break;
	case BY_ASN:
		db_bind(statement, "i", (gint64)rule->asn);
		break;
	case BY_HOST:
	case BY_NOTHING:
	case BY_LABEL:
		break;
	}
}

static gboolean
list_ids(struct db *db, sqlite3_stmt *statement, guint max, GArray *ids, GError **error)
{
	enum db_row row;

	sqlite3_bind_int64(statement, 3, max);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 id = sqlite3_column_int64(statement, 0);
		g_array_append_val(ids, id);
	}
	return row == DB_DONE;
}

gboolean
rule_reach_mark(struct db *db, const struct user_rule *rule, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, texts[reach_of(rule)].mark, error);
	struct network network;

	if (!statement)
		return FALSE;
	bind_reach(statement, rule, &network);
	return db_run(db, statement, error);
}

gboolean
rule_reach_list(struct db *db, const struct user_rule *rule, guint max, GArray *ids, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, texts[reach_of(rule)].list, error);
	struct network network;

	if (!statement)
		return FALSE;
	bind_reach(statement, rule, &network);
	return list_ids(db, statement, max, ids, error);
}

gboolean
rule_reach_mark_labelled(struct db *db, gint64 id, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, texts[BY_LABEL].mark, error);

	return statement && db_run(db, db_bind(statement, "i", id), error);
}

gboolean
rule_reach_list_labelled(struct db *db, gint64 id, guint max, GArray *ids, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, texts[BY_LABEL].list, error);

	return statement && list_ids(db, db_bind(statement, "i", id), max, ids, error);
}
