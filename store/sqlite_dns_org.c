/* SPDX-License-Identifier: MIT */
#include "store/sqlite_dns_org.h"

#include "store/sqlite_view.h"

static const char known_sql[] =
	"INSERT OR REPLACE INTO domain_org (domain_id, good_until, org, has_record, known_at) "
	"VALUES (?, ?, ?, ?, ?)";

static const char postpone_sql[] =
	"INSERT INTO domain_org (domain_id, good_until, org, has_record, known_at) "
	"VALUES (?, ?, '', 0, 0) ON CONFLICT DO UPDATE SET good_until = excluded.good_until";

gboolean
dns_org_keep(struct db *db, gint64 domain, const struct dns_domain *found, gint64 now,
	     GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db, found->is_org_known ? known_sql : postpone_sql, error);

	if (!statement)
		return FALSE;
	if (found->is_org_known)
		db_bind(statement, "iitii", domain, found->org_until, found->org,
			(gint64)(found->has_record ? 1 : 0), now);
	else
		db_bind(statement, "ii", domain, found->org_until);
	return db_run(db, statement, error);
}

void
query_org_clear(struct query_org *org)
{
	g_clear_pointer(&org->domain, g_free);
}

gboolean
query_org(struct store_view *view, const char *domain, struct query_org *ret_org, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT o.org, o.has_record, o.known_at FROM name n "
			   "JOIN domain_org o ON o.domain_id = n.id WHERE n.text = ?",
			   error);

	*ret_org = (struct query_org){ 0 };
	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "t", domain), error);
	if (row == DB_ROW) {
		ret_org->was_asked = TRUE;
		ret_org->domain = db_text(statement, 0);
		ret_org->has_record = sqlite3_column_int(statement, 1) != 0;
		ret_org->known_at = sqlite3_column_int64(statement, 2);
		ret_org->is_known = ret_org->known_at != 0;
		sqlite3_reset(statement);
	}
	if (!ret_org->domain)
		ret_org->domain = g_strdup("");
	return row != DB_FAILED;
}
