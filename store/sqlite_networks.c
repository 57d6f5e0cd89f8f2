/* SPDX-License-Identifier: MIT */
/* Questions about networks: sources by the leading bits of their address, or by its AS. */
#include "store/query_groups.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_view.h"

#define PREFIX_V4 120 /* /24 */
#define PREFIX_V6 48

guint
query_network_prefix(const struct ip *ip)
{
	return ip_is_v4(ip) ? PREFIX_V4 : PREFIX_V6;
}

/* --- The list --- */

void
query_networks_free(struct query_networks *networks)
{
	if (!networks)
		return;
	g_array_unref(networks->rows);
	g_free(networks);
}

struct listing {
	struct store_view *view;
	enum network_by by;
	struct query_networks *networks;
	GHashTable *places;    /* struct query_network -> index in the rows, plus one */
	GHashTable *addresses; /* ids that were counted */
};

/* What a source adds to its network. */
struct listed {
	struct ip ip;
	guint8 score;
	struct source_place place;
};

static guint
network_hash(gconstpointer key)
{
	const struct query_network *network = key;

	return ip_hash(&network->first) ^ network->asn;
}

static gboolean
network_equal(gconstpointer a, gconstpointer b)
{
	const struct query_network *x = a;
	const struct query_network *y = b;

	return ip_equal(&x->first, &y->first) && x->asn == y->asn;
}

/* ?1 is a domain, ?2 an address. */
#define LISTED(columns, join)                             \
	"SELECT s.score, " columns " FROM source s " join \
	"WHERE s.address_id = ?2 AND s.domain_id = ?1"
static const char *const listed_sql[] = {
	[NETWORK_BY_PREFIX] = LISTED("a.ip", "JOIN address a ON a.id = s.address_id "),
	[NETWORK_BY_AS] = LISTED(PLACE_COLUMNS, PLACE_JOIN("s.address_id")),
};

static gboolean
read_source(struct listing *l, const struct source_key *key, struct listed *ret_listed,
	    GError **error)
{
	struct db *db = view_db(l->view);
	sqlite3_stmt *statement = db_prepare(db, listed_sql[l->by], error);

	if (!statement)
		return FALSE;
	memset(ret_listed, 0, sizeof(*ret_listed));
	enum db_row row = db_step(db, db_bind(statement, "ii", key->domain, key->address), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	ret_listed->score = (guint8)sqlite3_column_int(statement, 0);
	if (l->by == NETWORK_BY_AS)
		source_place_read(l->view, statement, 1, &ret_listed->place);
	else if (sqlite3_column_bytes(statement, 1) == (int)sizeof(ret_listed->ip))
		memcpy(&ret_listed->ip, sqlite3_column_blob(statement, 1), sizeof(ret_listed->ip));
	sqlite3_reset(statement);
	return TRUE;
}

static struct query_network
network_of(const struct listing *l, const struct listed *listed, enum class class)
{
	struct query_network network = { .class = class };

	if (l->by == NETWORK_BY_PREFIX) {
		network.prefix = query_network_prefix(&listed->ip);
		network.first = ip_network_first(&listed->ip, network.prefix);
	} else if (listed->place.asn != 0) {
		network.asn = listed->place.asn;
		g_strlcpy(network.as_name, listed->place.as_name, sizeof(network.as_name));
	}
	return network;
}

static struct query_network *
find_network(struct listing *l, const struct query_network *wanted)
{
	GArray *rows = l->networks->rows;
	guint place = GPOINTER_TO_UINT(g_hash_table_lookup(l->places, wanted));

	if (place == 0) {
		g_array_append_val(rows, *wanted);
		place = rows->len;
		g_hash_table_insert(l->places, g_memdup2(wanted, sizeof(*wanted)),
				    GUINT_TO_POINTER(place));
	}
	return &g_array_index(rows, struct query_network, place - 1);
}

static gboolean
add_source(struct listing *l, const struct source_key *key, GError **error)
{
	struct listed listed;

	if (!read_source(l, key, &listed, error))
		return FALSE;
	if (l->by == NETWORK_BY_PREFIX && ip_is_none(&listed.ip))
		return TRUE;
	const struct query_network wanted = network_of(l, &listed, key->class);
	struct query_network *network = find_network(l, &wanted);
	network->sources++;
	network->addresses += g_hash_table_add(l->addresses, GSIZE_TO_POINTER((gsize)key->address));
	network->messages = count_add(network->messages, key->messages);
	network->score = MAX(network->score, listed.score);
	return TRUE;
}

static gint
compare_networks(gconstpointer a, gconstpointer b)
{
	const struct query_network *x = a;
	const struct query_network *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return memcmp(&x->first, &y->first, sizeof(x->first));
}

static gboolean
add_sources(struct listing *l, const GArray *keys, guint n, GError **error)
{
	for (guint i = 0; i < n; i++)
		if (!add_source(l, &g_array_index(keys, struct source_key, i), error))
			return FALSE;
	g_array_sort(l->networks->rows, compare_networks);
	return TRUE;
}

struct query_networks *
query_networks(struct store_view *view, const struct scope *scope, enum network_by by,
	       enum class class, guint sources_max, GError **error)
{
	g_autoptr(query_networks_auto) networks = g_new0(struct query_networks, 1);
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct source_key));
	g_autoptr(GHashTable) places =
		g_hash_table_new_full(network_hash, network_equal, g_free, NULL);
	g_autoptr(GHashTable) addresses = g_hash_table_new(NULL, NULL);
	struct listing l = { view, by, networks, places, addresses };
	struct source_walk walk = {
		.window = scope->window,
		.class = class,
		.from = source_key_first,
		.limit = sources_max + 1,
	};

	networks->rows = g_array_new(FALSE, TRUE, sizeof(struct query_network));
	if (!view_domain(view, scope->domain, &walk.domain, error))
		return NULL;
	if (walk.domain < 0)
		return g_steal_pointer(&networks);
	if (!source_list_walk(view, &walk, keys, error))
		return NULL;
	networks->is_cut = keys->len > sources_max;
	networks->sources_read = MIN(keys->len, sources_max);
	if (!add_sources(&l, keys, (guint)networks->sources_read, error))
		return NULL;
	return g_steal_pointer(&networks);
}

gboolean
query_knows_as(struct store_view *view, gboolean *ret_is_known, GError **error)
{
	struct db *db = view_db(view);
	gint64 n;
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT EXISTS (SELECT 1 FROM address_place WHERE asn > 0)", error);

	if (!statement || !db_number(db, statement, 0, &n, error))
		return FALSE;
	*ret_is_known = n != 0;
	return TRUE;
}

/* --- One network --- */

void
query_network_detail_free(struct query_network_detail *detail)
{
	if (!detail)
		return;
	g_ptr_array_unref(detail->sources);
	g_free(detail);
}

static gint
compare_sources(gconstpointer a, gconstpointer b)
{
	const struct query_source *x = *(const struct query_source *const *)a;
	const struct query_source *y = *(const struct query_source *const *)b;

	if (x->totals.messages != y->totals.messages)
		return x->totals.messages > y->totals.messages ? -1 : 1;
	return memcmp(&x->ip, &y->ip, sizeof(x->ip));
}

static gint
compare_addresses(gconstpointer a, gconstpointer b)
{
	const struct query_source *x = *(const struct query_source *const *)a;
	const struct query_source *y = *(const struct query_source *const *)b;

	return memcmp(&x->ip, &y->ip, sizeof(x->ip));
}

/* By address: one after the other of the same address is no new one of its class. */
static void
sum_sources(struct query_network_detail *detail)
{
	guint seen_mask = 0;

	for (guint i = 0; i < detail->sources->len; i++) {
		const struct query_source *source = g_ptr_array_index(detail->sources, i);
		const struct query_source *before =
			i > 0 ? g_ptr_array_index(detail->sources, i - 1) : NULL;
		struct query_group *group = &detail->groups[source->class];
		guint bit = 1U << source->class;
		if (!before || !ip_equal(&before->ip, &source->ip))
			seen_mask = 0;
		group->addresses += (seen_mask & bit) == 0;
		seen_mask |= bit;
		totals_add(&group->totals, &source->totals);
	}
}

#define IN_NETWORK(column)                                                                      \
	"SELECT s.domain_id, s.address_id FROM address a JOIN source s ON s.address_id = a.id " \
	"WHERE a.ip BETWEEN ?1 AND ?2 AND s." #column " > 0 AND (s.domain_id = ?3 OR ?3 = 0) "  \
	"ORDER BY a.ip LIMIT ?4"
static const char *const in_network_sql[N_WINDOWS] = {
	[WINDOW_7D] = IN_NETWORK(n_7d),
	[WINDOW_30D] = IN_NETWORK(n_30d),
	[WINDOW_90D] = IN_NETWORK(n_90d),
	[WINDOW_ALL] = IN_NETWORK(n_all),
};

struct reading {
	struct store_view *view;
	enum window window;
	gint64 domain;
	guint sources_max;
	struct query_network_detail *detail;
};

/* Add the sources that statement selects, up to sources_max. */
static gboolean
add_selected(const struct reading *r, sqlite3_stmt *statement, GError **error)
{
	struct query_network_detail *detail = r->detail;
	struct query_page page = { .rows = detail->sources };
	struct db *db = view_db(r->view);
	enum db_row row;

	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct source_key key = { .domain = sqlite3_column_int64(statement, 0),
						.address = sqlite3_column_int64(statement, 1) };
		if (detail->sources->len == r->sources_max) {
			detail->is_cut = TRUE;
			continue;
		}
		if (!source_list_add(r->view, &key, r->window, &page, error)) {
			sqlite3_reset(statement);
			return FALSE;
		}
	}
	return row == DB_DONE;
}

static gboolean
read_sources(const struct reading *r, GError **error)
{
	const struct query_network_detail *detail = r->detail;
	const struct ip last = ip_network_last(&detail->first, detail->prefix);
	sqlite3_stmt *statement = db_prepare(view_db(r->view), in_network_sql[r->window], error);

	return statement &&
	       add_selected(r,
			    db_bind(statement, "bbii", detail->first.bytes,
				    (int)sizeof(detail->first.bytes), last.bytes,
				    (int)sizeof(last.bytes), r->domain, (gint64)r->sources_max + 1),
			    error);
}

static void
end_detail(struct query_network_detail *detail)
{
	g_ptr_array_sort(detail->sources, compare_addresses);
	sum_sources(detail);
	g_ptr_array_sort(detail->sources, compare_sources);
}

struct query_network_detail *
query_network(struct store_view *view, const struct scope *scope, const struct ip *ip,
	      guint sources_max, GError **error)
{
	g_autoptr(query_network_detail_auto) detail = g_new0(struct query_network_detail, 1);
	struct reading r = { view, scope->window, 0, sources_max, detail };

	detail->prefix = query_network_prefix(ip);
	detail->first = ip_network_first(ip, detail->prefix);
	detail->sources = g_ptr_array_new_with_free_func(query_source_free);
	if (!view_domain(view, scope->domain, &r.domain, error))
		return NULL;
	if (r.domain >= 0 && !read_sources(&r, error))
		return NULL;
	end_detail(detail);
	return g_steal_pointer(&detail);
}

/* --- One AS --- */

/*
 * Those with most messages, of so many addresses that the page stays quick. The ids of addresses
 * stand in the order of their arrival.
 */
#define IN_AS(column)                                                                            \
	"SELECT s.domain_id, s.address_id FROM (SELECT address_id FROM address_place WHERE asn " \
	"= ?1 LIMIT ?2) p CROSS JOIN source s ON s.address_id = p.address_id WHERE s." #column   \
	" > 0 AND (s.domain_id = ?3 OR ?3 = 0) ORDER BY s." #column                              \
	" DESC, s.address_id, s.domain_id LIMIT ?4"
static const char *const in_as_sql[N_WINDOWS] = {
	[WINDOW_7D] = IN_AS(n_7d),
	[WINDOW_30D] = IN_AS(n_30d),
	[WINDOW_90D] = IN_AS(n_90d),
	[WINDOW_ALL] = IN_AS(n_all),
};

static gboolean
read_as_sources(const struct reading *r, GError **error)
{
	sqlite3_stmt *statement = db_prepare(view_db(r->view), in_as_sql[r->window], error);

	return statement && add_selected(r,
					 db_bind(statement, "iiii", (gint64)r->detail->asn,
						 (gint64)QUERY_AS_ADDRESSES_MAX, r->domain,
						 (gint64)r->sources_max + 1),
					 error);
}

/* Its name, and whether it has more addresses than are looked at. *ret_name = -1: no address. */
static gboolean
read_as(const struct reading *r, gint64 *ret_name, GError **error)
{
	struct db *db = view_db(r->view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT coalesce(max(as_name), -1), EXISTS (SELECT 1 FROM address_place WHERE asn "
		"= ?1 LIMIT 1 OFFSET ?2) FROM (SELECT as_name FROM address_place WHERE asn = ?1 "
		"LIMIT 1)",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", (gint64)r->detail->asn, (gint64)QUERY_AS_ADDRESSES_MAX);
	if (db_step(db, statement, error) != DB_ROW)
		return FALSE;
	*ret_name = sqlite3_column_int64(statement, 0);
	r->detail->is_cut = sqlite3_column_int(statement, 1) != 0;
	sqlite3_reset(statement);
	return TRUE;
}

struct query_network_detail *
query_as(struct store_view *view, const struct scope *scope, guint32 asn, guint sources_max,
	 GError **error)
{
	g_autoptr(query_network_detail_auto) detail = g_new0(struct query_network_detail, 1);
	struct reading r = { view, scope->window, 0, sources_max, detail };
	gint64 name;

	detail->asn = asn;
	detail->sources = g_ptr_array_new_with_free_func(query_source_free);
	if (!read_as(&r, &name, error) || name < 0 ||
	    !view_domain(view, scope->domain, &r.domain, error))
		return NULL;
	g_strlcpy(detail->as_name, view_peek_name(view, name), sizeof(detail->as_name));
	if (r.domain >= 0 && !read_as_sources(&r, error))
		return NULL;
	end_detail(detail);
	return g_steal_pointer(&detail);
}
