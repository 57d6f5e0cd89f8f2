/* SPDX-License-Identifier: MIT */
/* Keep what was looked up, and mark what it changes. */
#include "store/dns_facts.h"
#include "store/pack.h"
#include "store/sqlite_dns_org.h"
#include "store/sqlite_handle.h"
#include "store/sqlite_settle.h"
#include "store/store_private.h"

/* A row of address_dns. */
struct kept {
	gint64 rdns_state;
	gint64 rdns; /* name */
	gint64 rdns_at;
	gint64 rdns_until;
	gint64 dnsbl_spam; /* FACT_N_UNKNOWN */
	gint64 on_policy_list;
	gint64 said; /* name */
	gint64 dnsbl_at;
	gint64 dnsbl_until;
};

/* A row of domain_spf, as far as it is compared. */
struct kept_spf {
	GBytes *networks;
	char *services;
	gint64 known_at;
};

/* --- Names --- */

static gboolean
name_id(struct db *db, const char *text, gint64 *ret_id, GError **error)
{
	sqlite3_stmt *add =
		db_prepare(db, "INSERT INTO name (text) VALUES (?) ON CONFLICT DO NOTHING", error);
	sqlite3_stmt *find = db_prepare(db, "SELECT id FROM name WHERE text = ?", error);

	return add && find && db_run(db, db_bind(add, "t", text), error) &&
	       db_number(db, db_bind(find, "t", text), PACK_NO_NAME, ret_id, error);
}

/* --- Addresses --- */

static gboolean
read_kept(struct db *db, gint64 address, struct kept *kept, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT rdns_state, rdns, rdns_at, rdns_until, dnsbl_spam, on_policy_list, said, "
		"dnsbl_at, dnsbl_until FROM address_dns WHERE address_id = ?",
		error);

	*kept = (struct kept){
		.rdns_state = RDNS_UNKNOWN,
		.rdns = PACK_NO_NAME,
		.dnsbl_spam = FACT_N_UNKNOWN,
		.on_policy_list = FACT_UNKNOWN,
		.said = PACK_NO_NAME,
	};
	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", address), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	*kept = (struct kept){
		.rdns_state = sqlite3_column_int64(statement, 0),
		.rdns = sqlite3_column_int64(statement, 1),
		.rdns_at = sqlite3_column_int64(statement, 2),
		.rdns_until = sqlite3_column_int64(statement, 3),
		.dnsbl_spam = sqlite3_column_type(statement, 4) == SQLITE_NULL
				      ? FACT_N_UNKNOWN
				      : sqlite3_column_int64(statement, 4),
		.on_policy_list = sqlite3_column_int64(statement, 5),
		.said = sqlite3_column_int64(statement, 6),
		.dnsbl_at = sqlite3_column_int64(statement, 7),
		.dnsbl_until = sqlite3_column_int64(statement, 8),
	};
	sqlite3_reset(statement);
	return TRUE;
}

static gboolean
write_kept(struct db *db, gint64 address, const struct kept *kept, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT OR REPLACE INTO address_dns (address_id, rdns_state, rdns, "
			   "rdns_at, rdns_until, on_policy_list, said, dnsbl_at, dnsbl_until, "
			   "dnsbl_spam) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiiiiiii", address, kept->rdns_state, kept->rdns, kept->rdns_at,
		kept->rdns_until, kept->on_policy_list, kept->said, kept->dnsbl_at,
		kept->dnsbl_until);
	if (kept->dnsbl_spam == FACT_N_UNKNOWN)
		sqlite3_bind_null(statement, 10);
	else
		sqlite3_bind_int64(statement, 10, kept->dnsbl_spam);
	return db_run(db, statement, error);
}

static gboolean
take_rdns(struct db *db, const struct dns_address *found, gint64 now, struct kept *kept,
	  GError **error)
{
	if (!found->has_rdns)
		return TRUE;
	kept->rdns_until = found->rdns_until;
	if (!found->is_rdns_known)
		return TRUE;
	kept->rdns_state = found->rdns;
	kept->rdns_at = now;
	return name_id(db, found->name, &kept->rdns, error);
}

/* A listing that was heard counts, whoever else could not be asked. */
static gboolean
says_more(const struct dns_address *found, const struct kept *kept)
{
	return found->dnsbl_spam > MAX(kept->dnsbl_spam, 0) ||
	       (found->dnsbl_spam >= kept->dnsbl_spam && found->on_policy_list == FACT_YES &&
		kept->on_policy_list != FACT_YES);
}

static gboolean
take_dnsbl(struct db *db, const struct dns_address *found, gint64 now, struct kept *kept,
	   GError **error)
{
	if (!found->has_dnsbl)
		return TRUE;
	kept->dnsbl_until = found->dnsbl_until;
	/* What nobody knew before may at least be shown, list by list. */
	if (!found->is_dnsbl_known && kept->dnsbl_at != 0 && !says_more(found, kept))
		return TRUE;
	kept->dnsbl_spam = found->dnsbl_spam;
	if (found->is_dnsbl_known || found->on_policy_list != FACT_UNKNOWN)
		kept->on_policy_list = found->on_policy_list;
	kept->dnsbl_at = now;
	return name_id(db, found->said, &kept->said, error);
}

static gboolean
mark(struct db *db, sqlite3_stmt *statement, gint64 id, GError **error)
{
	return statement && db_run(db, db_bind(statement, "i", id), error);
}

/* A reverse name may say whose the source is, and so it is made anew as a whole. */
static gboolean
mark_address(struct db *db, gint64 address, const struct kept *old, const struct kept *new,
	     GError **error)
{
	if (old->rdns_state != new->rdns_state || old->rdns != new->rdns)
		return settle_mark(db, (guint32)address, error);
	if (old->dnsbl_spam != new->dnsbl_spam || old->on_policy_list != new->on_policy_list)
		return mark(db,
			    db_prepare(db, "INSERT INTO unjudged VALUES (?) ON CONFLICT DO NOTHING",
				       error),
			    address, error);
	return TRUE;
}

static gboolean
keep_address(struct db *db, const struct dns_address *found, gint64 now, GError **error)
{
	struct kept old;
	gint64 address;
	sqlite3_stmt *find =
		db_prepare(db, "SELECT id FROM address WHERE ip = ? AND id <> 0", error);

	if (!find)
		return FALSE;
	db_bind(find, "b", found->ip.bytes, (int)sizeof(found->ip.bytes));
	if (!db_number(db, find, 0, &address, error))
		return FALSE;
	if (address == 0)
		return TRUE;
	if (!read_kept(db, address, &old, error))
		return FALSE;
	struct kept new = old;
	return take_rdns(db, found, now, &new, error) && take_dnsbl(db, found, now, &new, error) &&
	       write_kept(db, address, &new, error) && mark_address(db, address, &old, &new, error);
}

/* --- Domains --- */

static void
kept_spf_clear(struct kept_spf *kept)
{
	g_clear_pointer(&kept->networks, g_bytes_unref);
	g_clear_pointer(&kept->services, g_free);
}
typedef struct kept_spf kept_spf_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kept_spf_auto, kept_spf_clear)

static gboolean
read_kept_spf(struct db *db, gint64 domain, struct kept_spf *kept, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT networks, services, known_at FROM domain_spf WHERE domain_id = ?",
		error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", domain), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	kept->networks = db_blob(statement, 0);
	kept->services = db_text(statement, 1);
	kept->known_at = sqlite3_column_int64(statement, 2);
	sqlite3_reset(statement);
	return TRUE;
}

static gboolean
is_same_spf(const struct kept_spf *kept, const struct dns_domain *found)
{
	gsize len;
	gconstpointer bytes = kept->networks ? g_bytes_get_data(kept->networks, &len) : NULL;

	return kept->known_at != 0 && bytes && len == found->networks->len &&
	       memcmp(bytes, found->networks->data, len) == 0 &&
	       g_str_equal(kept->services, found->services);
}

static gboolean
write_spf(struct db *db, gint64 domain, const struct dns_domain *found, gint64 now, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "INSERT OR REPLACE INTO domain_spf VALUES (?, ?, ?, ?, ?, ?, ?)", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiibtii", domain, found->spf_state, found->spf_notes,
		found->networks->data, (int)found->networks->len, found->services, now,
		found->spf_until);
	return db_run(db, statement, error);
}

/* It could not be found out: what was known stays. */
static gboolean
postpone_spf(struct db *db, gint64 domain, const struct dns_domain *found, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO domain_spf VALUES (?1, 0, ?3, x'', '', 0, ?2) "
			   "ON CONFLICT DO UPDATE SET good_until = excluded.good_until",
			   error);

	return statement &&
	       db_run(db, db_bind(statement, "iii", domain, found->spf_until, found->spf_notes),
		      error);
}

static gboolean
keep_spf(struct db *db, gint64 domain, const struct dns_domain *found, gint64 now, GError **error)
{
	g_auto(kept_spf_auto) kept = { 0 };

	if (!found->is_spf_known)
		return postpone_spf(db, domain, found, error);
	if (!read_kept_spf(db, domain, &kept, error) || !write_spf(db, domain, found, now, error))
		return FALSE;
	return is_same_spf(&kept, found) ||
	       mark(db,
		    db_prepare(db, "INSERT INTO unjudged_domain VALUES (?) ON CONFLICT DO NOTHING",
			       error),
		    domain, error);
}

static gboolean
keep_domain(struct db *db, const struct dns_domain *found, gint64 now, GError **error)
{
	gint64 domain;
	sqlite3_stmt *find = db_prepare(
		db, "SELECT d.id FROM name n JOIN domain d ON d.id = n.id WHERE n.text = ?", error);

	if (!find || !db_number(db, db_bind(find, "t", found->domain), 0, &domain, error))
		return FALSE;
	if (domain == 0)
		return TRUE;
	return (!found->has_spf || keep_spf(db, domain, found, now, error)) &&
	       (!found->has_org || dns_org_keep(db, domain, found, now, error));
}

/* --- All of a round --- */

static gboolean
keep(struct db *db, gpointer data, GError **error)
{
	const struct dns_found *found = data;

	for (guint i = 0; i < found->addresses->len; i++)
		if (!keep_address(db, &g_array_index(found->addresses, struct dns_address, i),
				  found->now, error))
			return FALSE;
	for (guint i = 0; i < found->domains->len; i++)
		if (!keep_domain(db, &g_array_index(found->domains, struct dns_domain, i),
				 found->now, error))
			return FALSE;
	return TRUE;
}

gboolean
store_edit_lookups(struct store *store, const struct dns_found *found, GError **error)
{
	struct dns_found copy = *found;

	return store_edit(store, keep, &copy, error);
}

static const char *const expire_sql[] = {
	"INSERT INTO unsettled SELECT address_id FROM address_dns WHERE rdns_at > 0 AND "
	"rdns_at < ?1 ON CONFLICT DO NOTHING",
	"UPDATE address_dns SET rdns_state = 0, rdns = 1, rdns_at = 0 WHERE rdns_at > 0 AND "
	"rdns_at < ?1",
	"INSERT INTO unjudged SELECT address_id FROM address_dns WHERE dnsbl_at > 0 AND "
	"dnsbl_at < ?1 ON CONFLICT DO NOTHING",
	"UPDATE address_dns SET dnsbl_spam = NULL, on_policy_list = 0, said = 1, dnsbl_at = 0 "
	"WHERE dnsbl_at > 0 AND dnsbl_at < ?1",
	"INSERT INTO unjudged_domain SELECT domain_id FROM domain_spf WHERE known_at > 0 AND "
	"known_at < ?1 ON CONFLICT DO NOTHING",
	"UPDATE domain_spf SET state = 0, notes = 0, networks = x'', services = '', known_at = 0 "
	"WHERE known_at > 0 AND known_at < ?1",
	"DELETE FROM domain_org WHERE known_at > 0 AND known_at < ?1",
};

static gboolean
expire(struct db *db, gpointer data, GError **error)
{
	const gint64 *before = data;

	for (gsize i = 0; i < G_N_ELEMENTS(expire_sql); i++)
		if (!mark(db, db_prepare(db, expire_sql[i], error), *before, error))
			return FALSE;
	return TRUE;
}

gboolean
store_edit_lookups_expire(struct store *store, gint64 before, GError **error)
{
	return store_edit(store, expire, &before, error);
}
