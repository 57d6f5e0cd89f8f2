/* SPDX-License-Identifier: MIT */
#include "store/sqlite_dns_facts.h"

gboolean
host_facts_read(struct db *db, guint32 address, struct host_facts *ret_facts, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT a.ip, p.asn, d.rdns_state, n.text, d.dnsbl_spam, d.on_policy_list FROM "
		"address a LEFT JOIN address_place p ON p.address_id = a.id LEFT JOIN address_dns "
		"d ON d.address_id = a.id LEFT JOIN name n ON n.id = d.rdns WHERE a.id = ?",
		error);

	*ret_facts = (struct host_facts){ .dnsbl_spam = FACT_N_UNKNOWN };
	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", (gint64)address), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	if (sqlite3_column_bytes(statement, 0) == (int)sizeof(ret_facts->ip))
		memcpy(&ret_facts->ip, sqlite3_column_blob(statement, 0), sizeof(ret_facts->ip));
	ret_facts->asn = (guint32)sqlite3_column_int64(statement, 1);
	ret_facts->rdns = (enum rdns_state)sqlite3_column_int(statement, 2);
	/* Anybody can write any name into his own zone. */
	if (ret_facts->rdns == RDNS_CONFIRMED || ret_facts->rdns == RDNS_GENERIC)
		g_strlcpy(ret_facts->name, db_peek_text(statement, 3), sizeof(ret_facts->name));
	if (sqlite3_column_type(statement, 4) != SQLITE_NULL)
		ret_facts->dnsbl_spam = sqlite3_column_int64(statement, 4);
	ret_facts->on_policy_list = (enum fact)sqlite3_column_int(statement, 5);
	sqlite3_reset(statement);
	return TRUE;
}

gboolean
spf_facts_read(struct db *db, const struct store_judge *judge, guint32 domain,
	       struct spf_facts *ret_facts, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT networks, services FROM domain_spf WHERE domain_id = ?", error);

	*ret_facts = (struct spf_facts){ 0 };
	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", (gint64)domain), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	ret_facts->networks = db_blob(statement, 0);
	ret_facts->senders = g_strsplit(db_peek_text(statement, 1), " ", -1);
	sqlite3_reset(statement);
	for (char **service = ret_facts->senders; *service; service++) {
		char *sender = g_strdup(judge->name_sender(judge->cookie, *service));
		g_free(*service);
		*service = sender;
	}
	return TRUE;
}

void
spf_facts_clear(struct spf_facts *facts)
{
	g_clear_pointer(&facts->networks, g_bytes_unref);
	g_clear_pointer(&facts->senders, g_strfreev);
}

enum fact
spf_facts_names(const struct spf_facts *facts, const struct store_judge *judge, const struct ip *ip)
{
	gsize len = 0;
	gconstpointer bytes = facts->networks ? g_bytes_get_data(facts->networks, &len) : NULL;

	return len > 0 ? judge->names_address(judge->cookie, bytes, len, ip) : FACT_UNKNOWN;
}

gboolean
spf_facts_includes(const struct spf_facts *facts, const char *sender)
{
	return facts->senders && *sender &&
	       g_strv_contains((const char *const *)facts->senders, sender);
}
