/* SPDX-License-Identifier: MIT */
/* Questions about networks: sources by the leading bits of their address. */
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
	struct query_networks *networks;
	GHashTable *places;    /* struct ip -> index in the rows, plus one */
	GHashTable *addresses; /* ids that were counted */
};

static gboolean
read_source(struct listing *l, const struct source_key *key, struct ip *ret_ip, guint8 *ret_score,
	    GError **error)
{
	struct db *db = view_db(l->view);
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT a.ip, s.score FROM address a JOIN source s ON s.address_id = "
			   "a.id AND s.domain_id = ? WHERE a.id = ?",
			   error);

	if (!statement)
		return FALSE;
	memset(ret_ip, 0, sizeof(*ret_ip));
	enum db_row row = db_step(db, db_bind(statement, "ii", key->domain, key->address), error);
	if (row != DB_ROW)
		return row == DB_DONE;
	if (sqlite3_column_bytes(statement, 0) == (int)sizeof(*ret_ip))
		memcpy(ret_ip, sqlite3_column_blob(statement, 0), sizeof(*ret_ip));
	*ret_score = (guint8)sqlite3_column_int(statement, 1);
	sqlite3_reset(statement);
	return TRUE;
}

static struct query_network *
find_network(struct listing *l, const struct ip *ip, enum class class)
{
	GArray *rows = l->networks->rows;
	guint prefix = query_network_prefix(ip);
	const struct ip first = ip_network_first(ip, prefix);
	guint place = GPOINTER_TO_UINT(g_hash_table_lookup(l->places, &first));

	if (place == 0) {
		const struct query_network row = { .first = first,
						   .prefix = prefix,
						   .class = class };
		g_array_append_val(rows, row);
		place = rows->len;
		g_hash_table_insert(l->places, g_memdup2(&first, sizeof(first)),
				    GUINT_TO_POINTER(place));
	}
	return &g_array_index(rows, struct query_network, place - 1);
}

static gboolean
add_source(struct listing *l, const struct source_key *key, GError **error)
{
	struct ip ip;
	guint8 score = 0;

	if (!read_source(l, key, &ip, &score, error))
		return FALSE;
	if (ip_is_none(&ip))
		return TRUE;
	struct query_network *network = find_network(l, &ip, key->class);
	network->sources++;
	network->addresses += g_hash_table_add(l->addresses, GSIZE_TO_POINTER((gsize)key->address));
	network->messages = count_add(network->messages, key->messages);
	network->score = MAX(network->score, score);
	return TRUE;
}

static gint
compare_networks(gconstpointer a, gconstpointer b)
{
	const struct query_network *x = a;
	const struct query_network *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
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
query_networks(struct store_view *view, const struct scope *scope, enum class class,
	       guint sources_max, GError **error)
{
	g_autoptr(query_networks_auto) networks = g_new0(struct query_networks, 1);
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct source_key));
	g_autoptr(GHashTable) places = g_hash_table_new_full(ip_hash, ip_equal, g_free, NULL);
	g_autoptr(GHashTable) addresses = g_hash_table_new(NULL, NULL);
	struct listing l = { view, networks, places, addresses };
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

/* Sources come by address: one after the other of the same address is no new one of its class. */
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

static gboolean
read_sources(const struct reading *r, GError **error)
{
	struct query_network_detail *detail = r->detail;
	struct query_page page = { .rows = detail->sources };
	const struct ip last = ip_network_last(&detail->first, detail->prefix);
	struct db *db = view_db(r->view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, in_network_sql[r->window], error);

	if (!statement)
		return FALSE;
	db_bind(statement, "bbii", detail->first.bytes, (int)sizeof(detail->first.bytes),
		last.bytes, (int)sizeof(last.bytes), r->domain, (gint64)r->sources_max + 1);
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
	sum_sources(detail);
	g_ptr_array_sort(detail->sources, compare_sources);
	return g_steal_pointer(&detail);
}
