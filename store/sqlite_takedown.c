/* SPDX-License-Identifier: MIT */
/* The takedown list: addresses that no guard leaves out, most messages first, with evidence. */
#include "store/query_takedown.h"
#include "store/sqlite_guard.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_takedown_evidence.h"
#include "store/sqlite_view.h"

/* Sources read at once while addresses are looked for. */
#define WALK_LEN 200

static void
takedown_free(gpointer data)
{
	struct query_takedown *row = data;
	char *const texts[] = {
		row->domains,     row->header_froms,   row->worst_domain,     row->reporters,
		row->spf_results, row->spf_domains,    row->dkim_results,     row->dkim_domains,
		row->report_ids,  row->envelope_froms, row->override_reasons, row->rdns,
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_array_unref(row->sources);
	g_free(row);
}

struct listing {
	struct takedown_scope scope;
	const struct takedown_question *question;
	struct contexts *contexts;
	struct query_page *page;
};

/* An address, and its sources. */
struct place {
	guint32 id;
	struct ip ip;
	enum reach reach;
	struct source_place where;
	gint64 rdns;  /* name */
	GArray *rows; /* struct source_row */
};

static gboolean
read_address(struct store_view *view, struct place *place, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT a.ip, a.reach, d.rdns, " PLACE_COLUMNS " FROM address a " PLACE_JOIN(
			"a.id") "LEFT JOIN address_dns d ON d.address_id = a.id WHERE a.id = ?",
		error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", (gint64)place->id), error);
	gboolean is_good =
		row == DB_ROW && sqlite3_column_bytes(statement, 0) == (int)sizeof(place->ip);
	if (is_good) {
		memcpy(&place->ip, sqlite3_column_blob(statement, 0), sizeof(place->ip));
		place->reach = (enum reach)sqlite3_column_int(statement, 1);
		place->rdns = sqlite3_column_int64(statement, 2);
		source_place_read(view, statement, 3, &place->where);
	}
	sqlite3_reset(statement);
	return is_good || (row != DB_FAILED && db_fail_damaged(db, "address", place->id, error));
}

/* Documentation addresses are left out for what they are, unless they are allowed. */
static guint8
effective_guard(const struct takedown_question *question, guint8 guard, enum reach reach)
{
	gboolean is_allowed = question->allow_documentation && reach == REACH_DOCUMENTATION;

	return guard == GUARD_ADDRESS && is_allowed ? GUARD_LISTED : guard;
}

/* Is this source of the place one of those that are listed? */
static gboolean
is_listed(const struct listing *l, const struct place *place, const struct source_row *row)
{
	return (l->scope.domain == 0 || l->scope.domain == row->domain) &&
	       row->guard != GUARD_OTHER_CLASS &&
	       row->body.totals[l->question->scope.window].messages > 0 &&
	       effective_guard(l->question, row->guard, place->reach) == l->question->left_out_by;
}

/* --- One address --- */

/* The source of domain that is listed, NULL where there is none. */
static const struct source_row *
find_listed(const struct listing *l, const struct place *place, guint32 domain)
{
	for (guint i = 0; i < place->rows->len; i++) {
		const struct source_row *row = &g_array_index(place->rows, struct source_row, i);
		if (row->domain == domain)
			return is_listed(l, place, row) ? row : NULL;
	}
	return NULL;
}

/* Mail to other domains goes to no abuse desk. */
static void
keep_listed_days(const struct listing *l, const struct place *place, struct source_days *days)
{
	guint n = 0;

	for (guint i = 0; i < days->rows->len; i++) {
		const struct source_day day = g_array_index(days->rows, struct source_day, i);
		if (find_listed(l, place, day.domain))
			g_array_index(days->rows, struct source_day, n++) = day;
	}
	g_array_set_size(days->rows, n);
}

static void
sum_days(const struct listing *l, const struct source_days *days, struct query_takedown *row)
{
	g_autoptr(GHashTable) seen_days = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GHashTable) reporters = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) voices = g_hash_table_new(NULL, NULL);
	struct words names;
	struct words domains;

	words_init(&names);
	words_init(&domains);
	for (guint i = 0; i < days->rows->len; i++) {
		struct source_day *day = &g_array_index(days->rows, struct source_day, i);
		if (day->day < l->scope.from_day || day->day > l->scope.last_day)
			continue;
		gboolean is_first = g_hash_table_size(seen_days) == 0;
		row->first_day = is_first ? day->day : MIN(row->first_day, day->day);
		row->last_day = is_first ? day->day : MAX(row->last_day, day->day);
		totals_add(&row->totals, &day->totals);
		g_hash_table_add(seen_days, &day->day);
		words_add(&domains, view_peek_name(l->scope.view, day->domain));
		if (day->voice != 0)
			g_hash_table_add(voices, GUINT_TO_POINTER(day->voice));
		if (g_hash_table_add(reporters, GUINT_TO_POINTER(day->reporter))) {
			g_autofree char *reporter = view_reporter(l->scope.view, day->reporter);
			words_add(&names, reporter);
		}
	}
	row->days_active = g_hash_table_size(seen_days);
	row->reporters_count = g_hash_table_size(reporters);
	row->reporters_counted = g_hash_table_size(voices);
	row->reporters = words_finish(&names);
	row->domains = words_finish(&domains);
}

/* The highest score, and of equals the most messages. */
static gboolean
is_worse(const struct source_row *one, const struct source_row *other, enum window window)
{
	if (one->verdict.score != other->verdict.score)
		return one->verdict.score > other->verdict.score;
	return one->body.totals[window].messages > other->body.totals[window].messages;
}

static gboolean
add_suspect(const struct listing *l, const struct place *place, struct query_takedown *row,
	    GError **error)
{
	const struct guarded_address address = { place->id, place->reach, l->scope.last_day };
	const struct source_row *worst = NULL;

	row->reach = place->reach;
	if (!guards_suspect(l->contexts, &address, place->rows, row->sources, error))
		return FALSE;
	for (guint i = 0; i < place->rows->len; i++) {
		const struct source_row *of_domain =
			&g_array_index(place->rows, struct source_row, i);
		if (!is_listed(l, place, of_domain))
			continue;
		row->ruf_samples = count_add(row->ruf_samples, of_domain->facts.ruf_samples);
		if (worst && !is_worse(of_domain, worst, l->question->scope.window))
			continue;
		worst = of_domain;
		row->worst = i;
	}
	row->worst_domain = view_name(l->scope.view, worst ? worst->domain : PACK_NO_NAME);
	return TRUE;
}

static char *
empty(void)
{
	return g_strdup("");
}

static gboolean
add_row(const struct listing *l, const struct place *place, GError **error)
{
	g_autoptr(source_days_auto) days = source_days_new();
	if (!source_days_read(view_db(l->scope.view), place->id, days, error))
		return FALSE;
	struct query_takedown *row = g_new0(struct query_takedown, 1);

	g_ptr_array_add(l->page->rows, row);
	row->ip = place->ip;
	row->place = place->where;
	row->rdns = view_name(l->scope.view, place->rdns);
	row->sources = g_array_new(FALSE, FALSE, sizeof(struct suspect_source));
	keep_listed_days(l, place, days);
	sum_days(l, days, row);
	if (!add_suspect(l, place, row, error))
		return FALSE;
	if (l->question->want_evidence)
		return takedown_add_evidence(&l->scope, place->id, days, row, error);
	row->header_froms = empty();
	row->spf_results = empty();
	row->spf_domains = empty();
	row->dkim_results = empty();
	row->dkim_domains = empty();
	row->envelope_froms = empty();
	row->override_reasons = empty();
	row->report_ids = empty();
	return TRUE;
}

/* --- The walk --- */

/* One walk through what a guard leaves out, from a key downwards. */
#define WALK_ALL(column)                                                                         \
	"SELECT " #column ", domain_id, address_id FROM source WHERE guard = ?1 AND guard <> 1 " \
	"AND " #column " > 0 AND address_id <> 0 AND (" #column                                  \
	", domain_id, address_id) < (?2, ?3, ?4) "                                               \
	"ORDER BY " #column " DESC, domain_id DESC, address_id DESC LIMIT ?5"
#define WALK_DOMAIN(column)                                                               \
	"SELECT " #column ", domain_id, address_id FROM source WHERE domain_id = ?6 AND " \
	"guard = ?1 AND guard <> 1 AND " #column " > 0 AND address_id <> 0 AND (" #column \
	", address_id) < (?2, ?4) ORDER BY " #column " DESC, address_id DESC LIMIT ?5"

static const char *const walk_sql[N_WINDOWS][2] = {
	[WINDOW_7D] = { WALK_ALL(n_7d), WALK_DOMAIN(n_7d) },
	[WINDOW_30D] = { WALK_ALL(n_30d), WALK_DOMAIN(n_30d) },
	[WINDOW_90D] = { WALK_ALL(n_90d), WALK_DOMAIN(n_90d) },
	[WINDOW_ALL] = { WALK_ALL(n_all), WALK_DOMAIN(n_all) },
};

static gboolean
walk_guard(const struct listing *l, guint8 guard, const struct source_key *from, GArray *keys,
	   GError **error)
{
	struct db *db = view_db(l->scope.view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db, walk_sql[l->question->scope.window][l->scope.domain > 0], error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiii", (gint64)guard, from->messages, from->domain, from->address,
		(gint64)MIN(l->question->limit + 1, WALK_LEN));
	if (l->scope.domain > 0)
		sqlite3_bind_int64(statement, 6, l->scope.domain);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct source_key key = {
			.messages = sqlite3_column_int64(statement, 0),
			.domain = sqlite3_column_int64(statement, 1),
			.address = sqlite3_column_int64(statement, 2),
		};
		g_array_append_val(keys, key);
	}
	return row == DB_DONE;
}

/*
 * The next keys, in order. Where documentation addresses are allowed they stand among the others:
 * what two walks found is one list as far as both of them reach.
 */
static gboolean
walk(const struct listing *l, const struct source_key *from, GArray *keys, GError **error)
{
	g_array_set_size(keys, 0);
	if (!walk_guard(l, l->question->left_out_by, from, keys, error))
		return FALSE;
	if (l->question->left_out_by != GUARD_LISTED || !l->question->allow_documentation)
		return TRUE;
	guint n_first = keys->len;
	if (!walk_guard(l, GUARD_ADDRESS, from, keys, error))
		return FALSE;
	guint n_max = MAX(n_first, keys->len - n_first);
	g_array_sort(keys, source_key_compare);
	g_array_set_size(keys, MIN(n_max, keys->len));
	return TRUE;
}

/* An address with several sources stands where its largest one stands. */
static gboolean
is_largest(const struct listing *l, const struct place *place, const struct source_key *key)
{
	for (guint i = 0; i < place->rows->len; i++) {
		const struct source_row *row = &g_array_index(place->rows, struct source_row, i);
		gint64 messages = row->body.totals[l->question->scope.window].messages;
		if (is_listed(l, place, row) &&
		    (messages > key->messages ||
		     (messages == key->messages && row->domain > key->domain)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
consider(const struct listing *l, const struct source_key *key, struct place *place, GError **error)
{
	place->id = (guint32)key->address;
	source_rows_clear(place->rows);
	if (!read_address(l->scope.view, place, error) ||
	    !source_rows_read(view_db(l->scope.view), place->id, place->rows, error))
		return FALSE;
	if (!find_listed(l, place, (guint32)key->domain) || !is_largest(l, place, key))
		return TRUE;
	return add_row(l, place, error);
}

static gboolean
list_addresses(const struct listing *l, struct source_key from, struct place *place, GError **error)
{
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct source_key));

	do {
		if (!walk(l, &from, keys, error))
			return FALSE;
		for (guint i = 0; i < keys->len; i++) {
			const struct source_key *key = &g_array_index(keys, struct source_key, i);
			if (l->page->rows->len == l->question->limit) {
				l->page->next = source_key_write(&from);
				return TRUE;
			}
			if (!consider(l, key, place, error))
				return FALSE;
			from = *key;
		}
	} while (keys->len > 0);
	return TRUE;
}

struct query_page *
query_takedown(struct store_view *view, const struct takedown_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(takedown_free);
	struct listing l = { .scope.view = view, .question = question, .page = page };
	struct source_key from = source_key_first;
	gint64 cursor[5];

	if (!view_domain(view, question->scope.domain, &l.scope.domain, error) ||
	    !view_last_day(view, &l.scope.last_day, error) ||
	    (question->after &&
	     !view_cursor_read(question->after, cursor, G_N_ELEMENTS(cursor), error)))
		return NULL;
	if (question->after) {
		from.messages = cursor[1];
		from.domain = cursor[2];
		from.address = cursor[3];
	}
	if (l.scope.domain < 0)
		return g_steal_pointer(&page);
	l.scope.from_day = window_first_day(question->scope.window, l.scope.last_day);
	g_autoptr(contexts_auto) contexts =
		contexts_new(view_db(view), view_judge(view), view_now(view));
	g_autoptr(GArray) rows = source_rows_new();
	struct place place = { .rows = rows };
	l.contexts = contexts;
	/* One snapshot, and one lock, for all of it. */
	if (!db_do(view_db(view), "BEGIN", error))
		return NULL;
	gboolean is_listed_whole = list_addresses(&l, from, &place, error);
	return db_do(view_db(view), "COMMIT", is_listed_whole ? error : NULL) && is_listed_whole
		       ? g_steal_pointer(&page)
		       : NULL;
}

/* --- How many --- */

static void
count_row(const struct takedown_question *question, sqlite3_stmt *statement,
	  struct query_takedown_counts *counts)
{
	gint64 class = sqlite3_column_int64(statement, 0);
	guint8 guard = effective_guard(question, (guint8)sqlite3_column_int(statement, 1),
				       (enum reach)sqlite3_column_int(statement, 2));
	gint64 addresses = sqlite3_column_int64(statement, 3);

	if (guard == GUARD_LISTED) {
		counts->addresses += addresses;
		counts->messages += sqlite3_column_int64(statement, 4);
	} else if (guard == GUARD_OTHER_CLASS) {
		counts->left_out[class] += addresses;
	} else if (guard < QUERY_GUARDS_MAX) {
		counts->guarded[guard] += addresses;
	}
}

gboolean
query_takedown_counts(struct store_view *view, const struct scope *scope,
		      gboolean allow_documentation, struct query_takedown_counts *ret_counts,
		      GError **error)
{
	const struct takedown_question question = { .allow_documentation = allow_documentation };
	struct db *db = view_db(view);
	gint64 domain;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT class, guard, reach, guarded, messages FROM class_window "
			   "WHERE domain_id = ? AND window = ?",
			   error);

	memset(ret_counts, 0, sizeof(*ret_counts));
	if (!statement || !view_domain(view, scope->domain, &domain, error))
		return FALSE;
	db_bind(statement, "ii", domain, (gint64)scope->window);
	while ((row = db_step(db, statement, error)) == DB_ROW)
		count_row(&question, statement, ret_counts);
	return row == DB_DONE;
}

/* --- One address, for its page --- */

void
query_suspect_free(struct query_suspect *suspect)
{
	if (!suspect)
		return;
	g_array_unref(suspect->sources);
	g_ptr_array_unref(suspect->domains);
	g_free(suspect);
}

struct query_suspect *
query_suspect(struct store_view *view, const struct ip *ip, GError **error)
{
	g_autoptr(GArray) rows = source_rows_new();
	g_autoptr(contexts_auto) contexts =
		contexts_new(view_db(view), view_judge(view), view_now(view));
	struct place place = { .rows = rows };
	gint64 id;

	if (!view_address(view, ip, &id, error) || id == 0)
		return NULL;
	place.id = (guint32)id;
	gint64 last_day;
	if (!view_last_day(view, &last_day, error) || !read_address(view, &place, error) ||
	    !source_rows_read(view_db(view), place.id, rows, error))
		return NULL;
	const struct guarded_address address = { place.id, place.reach, last_day };
	g_autoptr(query_suspect_auto) suspect = g_new0(struct query_suspect, 1);
	suspect->reach = place.reach;
	suspect->sources = g_array_new(FALSE, FALSE, sizeof(struct suspect_source));
	suspect->domains = g_ptr_array_new_with_free_func(g_free);
	if (!guards_suspect(contexts, &address, rows, suspect->sources, error))
		return NULL;
	for (guint i = 0; i < rows->len; i++)
		g_ptr_array_add(suspect->domains,
				view_name(view, g_array_index(rows, struct source_row, i).domain));
	return suspect->sources->len > 0 ? g_steal_pointer(&suspect) : NULL;
}
