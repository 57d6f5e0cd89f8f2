/* SPDX-License-Identifier: MIT */
/* Lists of sources: walks of the ordered indexes, one class after the other or merged. */
#include "core/error.h"
#include "store/pack.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_view.h"

/* An address search reads at most so many sources. */
#define FIND_MAX 1000

void
query_source_free(gpointer data)
{
	struct query_source *source = data;

	g_free(source->domain);
	g_free(source->sender);
	g_free(source);
}

/* The columns that read_source() expects. */
#define SOURCE_COLUMNS                                                                       \
	"s.address_id, s.domain_id, s.class, s.rule, s.first_day, s.last_day, s.reporters, " \
	"s.n_7d, s.n_30d, s.n_90d, s.n_all, s.body, a.ip, s.score, s.unruled, s.user_rule, " \
	"s.sender, " PLACE_COLUMNS
#define SOURCE_PLACE PLACE_JOIN("s.address_id")
#define SOURCE_FROM  " FROM source s JOIN address a ON a.id = s.address_id " SOURCE_PLACE

static const char *const one_sql =
	"SELECT " SOURCE_COLUMNS SOURCE_FROM "WHERE s.address_id = ? AND s.domain_id = ?";

static void
fill_spark(struct query_source *source, struct unpack *in, struct totals totals[N_WINDOWS],
	   gint64 last_day)
{
	g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(struct day_count));

	unpack_source_body(in, totals, days);
	for (guint i = 0; i < days->len; i++) {
		const struct day_count *day = &g_array_index(days, struct day_count, i);
		gint64 age = last_day - day->day;
		if (age >= 0 && age < QUERY_SPARK_DAYS)
			source->spark[QUERY_SPARK_DAYS - 1 - age] = day->messages;
	}
}

static void
read_verdict(struct query_source *source, sqlite3_stmt *statement)
{
	gint64 unruled = sqlite3_column_int64(statement, 14);
	gint64 user_rule = sqlite3_column_int64(statement, 15);

	source->class = (enum class)sqlite3_column_int(statement, 2);
	source->rule = (guint8)sqlite3_column_int(statement, 3);
	source->verdict = (struct verdict){
		.class = source->class,
		.rule = source->rule,
		.score = (guint8)sqlite3_column_int(statement, 13),
		.unruled_class = (enum class)(unruled >> 4),
		.unruled_rule = (guint8)(unruled & 15),
		.is_ignored = user_rule < 0,
		.user_rule = ABS(user_rule),
	};
}

void
source_place_read(struct store_view *view, sqlite3_stmt *statement, int first,
		  struct source_place *ret_place)
{
	ret_place->asn = (guint32)sqlite3_column_int64(statement, first);
	g_strlcpy(ret_place->country, db_peek_text(statement, first + 1),
		  sizeof(ret_place->country));
	g_strlcpy(ret_place->as_name,
		  view_peek_name(view, sqlite3_column_int64(statement, first + 2)),
		  sizeof(ret_place->as_name));
}

struct query_source *
source_list_read(struct store_view *view, sqlite3_stmt *statement, enum window window,
		 gint64 last_day)
{
	struct query_source *source = g_new0(struct query_source, 1);
	struct totals totals[N_WINDOWS] = { { 0 } };
	struct unpack in = db_peek_unpack(statement, 11);

	for (int w = 0; w < N_WINDOWS; w++)
		totals[w].messages = sqlite3_column_int64(statement, 7 + w);
	fill_spark(source, &in, totals, last_day);
	source->totals = totals[window];
	read_verdict(source, statement);
	source->first_day = sqlite3_column_int64(statement, 4);
	source->last_day = sqlite3_column_int64(statement, 5);
	source->reporters = sqlite3_column_int64(statement, 6);
	if (sqlite3_column_bytes(statement, 12) == (int)sizeof(source->ip))
		memcpy(&source->ip, sqlite3_column_blob(statement, 12), sizeof(source->ip));
	source->domain = view_name(view, sqlite3_column_int64(statement, 1));
	source->sender = view_name(view, sqlite3_column_int64(statement, 16));
	source_place_read(view, statement, 17, &source->place);
	return source;
}

/*
 * Walks through a class, from a key downwards: rank, messages, domain, address. The index for one
 * domain has the same columns but the domain first.
 */
enum walk_sql {
	WALK_RANKS, /* all ranks from ?1 on, the highest first */
	WALK_RANK,  /* the rank ?1 */
	N_WALKS,
};

#define WALK_COLUMNS(column) "SELECT " #column ", domain_id, address_id, rank FROM source WHERE "
#define RANKS_ALL(column)                                                                        \
	WALK_COLUMNS(column)                                                                     \
	"rank >= ?1 AND " #column " > 0 AND address_id <> 0 AND (rank, " #column ", domain_id, " \
	"address_id) < (?7, ?2, ?3, ?4) ORDER BY rank DESC, " #column " DESC, domain_id DESC, "  \
	"address_id DESC LIMIT ?5"
#define RANKS_DOMAIN(column)                                        \
	WALK_COLUMNS(column)                                        \
	"domain_id = ?6 AND rank >= ?1 AND " #column                \
	" > 0 AND address_id <> 0 AND (rank, " #column              \
	", address_id) < (?7, ?2, ?4) ORDER BY rank DESC, " #column \
	" DESC, address_id DESC LIMIT ?5"
#define RANK_ALL(column)                                                                    \
	WALK_COLUMNS(column)                                                                \
	"rank = ?1 AND " #column " > 0 AND address_id <> 0 AND (" #column ", "              \
	"domain_id, address_id) < (?2, ?3, ?4) ORDER BY " #column " DESC, domain_id DESC, " \
	"address_id DESC LIMIT ?5"
#define RANK_DOMAIN(column)                                                         \
	WALK_COLUMNS(column)                                                        \
	"domain_id = ?6 AND rank = ?1 AND " #column " > 0 AND address_id <> 0 AND " \
	"(" #column ", address_id) < (?2, ?4) ORDER BY " #column " DESC, address_id DESC LIMIT ?5"
#define WALKS(column)                                              \
	{                                                          \
		{ RANKS_ALL(column), RANKS_DOMAIN(column) },       \
			{ RANK_ALL(column), RANK_DOMAIN(column) }, \
	}

static const char *const walk_sql[N_WINDOWS][N_WALKS][2] = {
	[WINDOW_7D] = WALKS(n_7d),
	[WINDOW_30D] = WALKS(n_30d),
	[WINDOW_90D] = WALKS(n_90d),
	[WINDOW_ALL] = WALKS(n_all),
};

/* The highest rank from ?1 to below ?2, of which there are few. max(rank) would read all. */
#define RANK_BELOW(column)                                                                         \
	{                                                                                          \
		"SELECT rank FROM source WHERE rank >= ?1 AND " #column " > 0 AND rank < ?2 "      \
		"ORDER BY rank DESC LIMIT 1",                                                      \
			"SELECT rank FROM source WHERE domain_id = ?3 AND rank >= ?1 AND " #column \
			" > 0 AND rank < ?2 ORDER BY rank DESC LIMIT 1",                           \
	}
static const char *const rank_sql[N_WINDOWS][2] = {
	[WINDOW_7D] = RANK_BELOW(n_7d),
	[WINDOW_30D] = RANK_BELOW(n_30d),
	[WINDOW_90D] = RANK_BELOW(n_90d),
	[WINDOW_ALL] = RANK_BELOW(n_all),
};

gint
source_key_compare(gconstpointer a, gconstpointer b)
{
	const struct source_key *x = a;
	const struct source_key *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	if (x->domain != y->domain)
		return x->domain > y->domain ? -1 : 1;
	return x->address > y->address ? -1 : x->address < y->address;
}

/* ?1 to ?7, as far as the statement has them. */
static void
bind_walk(sqlite3_stmt *statement, const struct source_walk *walk, gint64 rank)
{
	const gint64 values[] = {
		rank,
		walk->from.messages,
		walk->from.domain,
		walk->from.address,
		walk->limit,
		walk->domain,
		SOURCE_RANK(walk->class, MIN(walk->from.score, SOURCE_SCORE_MAX)),
	};
	int n = MIN(sqlite3_bind_parameter_count(statement), (int)G_N_ELEMENTS(values));

	for (int i = 0; i < n; i++)
		sqlite3_bind_int64(statement, i + 1, values[i]);
}

/* As far as there are no less than least messages. */
static gboolean
walk_sources(struct store_view *view, const struct source_walk *walk, sqlite3_stmt *statement,
	     gint64 least, GArray *keys, GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;

	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct source_key key = {
			.class = walk->class,
			.score = walk->by_score
					 ? sqlite3_column_int64(statement, 3) & SOURCE_SCORE_MAX
					 : 0,
			.messages = sqlite3_column_int64(statement, 0),
			.domain = sqlite3_column_int64(statement, 1),
			.address = sqlite3_column_int64(statement, 2),
		};
		if (key.messages < least) {
			sqlite3_reset(statement);
			return TRUE;
		}
		g_array_append_val(keys, key);
	}
	return row == DB_DONE;
}

static gboolean
next_rank(struct store_view *view, const struct source_walk *walk, gint64 *rank, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(db, rank_sql[walk->window][walk->domain > 0], error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", SOURCE_RANK(walk->class, 0), *rank);
	if (walk->domain > 0)
		sqlite3_bind_int64(statement, 3, walk->domain);
	enum db_row row = db_step(db, statement, error);
	*rank = row == DB_ROW ? sqlite3_column_int64(statement, 0) : -1;
	sqlite3_reset(statement);
	return row != DB_FAILED;
}

/* Rank after rank, each as far as it may be among the limit rows with most messages. */
static gboolean
walk_by_messages(struct store_view *view, const struct source_walk *walk, GArray *keys,
		 GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct source_key));
	const char *sql = walk_sql[walk->window][WALK_RANK][walk->domain > 0];
	gint64 rank = SOURCE_RANK(walk->class, SOURCE_SCORE_MAX + 1);
	gint64 least = walk->least;

	for (;;) {
		sqlite3_stmt *statement = db_prepare(view_db(view), sql, error);
		if (!statement || !next_rank(view, walk, &rank, error))
			return FALSE;
		if (rank < 0)
			break;
		bind_walk(statement, walk, rank);
		if (!walk_sources(view, walk, statement, least, found, error))
			return FALSE;
		g_array_sort(found, source_key_compare);
		if (found->len < walk->limit)
			continue;
		g_array_set_size(found, walk->limit);
		least = g_array_index(found, struct source_key, walk->limit - 1).messages;
	}
	g_array_append_vals(keys, found->data, found->len);
	return TRUE;
}

gboolean
source_list_walk(struct store_view *view, const struct source_walk *walk, GArray *keys,
		 GError **error)
{
	enum walk_sql kind = walk->by_score ? WALK_RANKS : WALK_RANK;

	if (walk->limit == 0)
		return TRUE;
	if (walk->class == CLASS_REVIEW && !walk->by_score)
		return walk_by_messages(view, walk, keys, error);
	sqlite3_stmt *statement =
		db_prepare(view_db(view), walk_sql[walk->window][kind][walk->domain > 0], error);
	if (!statement)
		return FALSE;
	bind_walk(statement, walk, SOURCE_RANK(walk->class, 0));
	return walk_sources(view, walk, statement, walk->by_score ? 0 : walk->least, keys, error);
}

static gboolean
is_wanted(const struct source_question *question, enum class class)
{
	return question->class == CLASS_NONE ? class != CLASS_NONE : question->class == class;
}

/* Class after class, each from its start but the one the cursor stands in. */
static gboolean
walk_by_class(struct store_view *view, const struct source_question *question,
	      struct source_walk *walk, const struct source_key *cursor, GArray *keys,
	      GError **error)
{
	for (enum class c = CLASS_FIX; c < N_CLASSES && keys->len <= question->limit; c++) {
		if (!is_wanted(question, c) || (cursor && c < cursor->class))
			continue;
		walk->class = c;
		walk->by_score = c == CLASS_REVIEW;
		walk->from = cursor && c == cursor->class ? *cursor : source_key_first;
		walk->limit = question->limit + 1 - keys->len;
		if (!source_list_walk(view, walk, keys, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
walk_merged(struct store_view *view, const struct source_question *question,
	    struct source_walk *walk, const struct source_key *cursor, GArray *keys, GError **error)
{
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		if (!is_wanted(question, c))
			continue;
		walk->class = c;
		walk->from = cursor ? *cursor : source_key_first;
		walk->limit = question->limit + 1;
		if (!source_list_walk(view, walk, keys, error))
			return FALSE;
	}
	g_array_sort(keys, source_key_compare);
	return TRUE;
}

const struct source_key source_key_first = {
	.score = G_MAXINT64,
	.messages = G_MAXINT64,
	.domain = G_MAXINT64,
	.address = G_MAXINT64,
};

static gboolean
read_cursor(const char *after, struct source_key *key, GError **error)
{
	gint64 numbers[5];

	if (!view_cursor_read(after, numbers, G_N_ELEMENTS(numbers), error))
		return FALSE;
	*key = (struct source_key){
		.class = (enum class)MIN(numbers[0], N_CLASSES),
		.messages = numbers[1],
		.domain = numbers[2],
		.address = numbers[3],
		.score = numbers[4],
	};
	return TRUE;
}

char *
source_key_write(const struct source_key *key)
{
	const gint64 numbers[] = { key->class, key->messages, key->domain, key->address,
				   key->score };

	return view_cursor_write(numbers, G_N_ELEMENTS(numbers));
}

gboolean
source_list_add(struct store_view *view, const struct source_key *key, enum window window,
		struct query_page *page, GError **error)
{
	struct db *db = view_db(view);
	gint64 last_day;
	sqlite3_stmt *statement = db_prepare(db, one_sql, error);

	if (!statement || !view_last_day(view, &last_day, error))
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "ii", key->address, key->domain), error);
	if (row == DB_ROW) {
		g_ptr_array_add(page->rows, source_list_read(view, statement, window, last_day));
		sqlite3_reset(statement);
	}
	return row != DB_FAILED;
}

/* --- By address --- */

static gboolean
address_range(const char *find, struct ip *from, struct ip *to)
{
	g_autofree char *first = g_strdup(find);
	gsize len = strlen(first);
	gboolean is_v4 = strchr(find, ':') == NULL;
	g_autofree char *low = NULL;

	if (ip_parse(find, from)) {
		*to = *from;
		return TRUE;
	}
	if (len == 0 || (first[len - 1] != '.' && first[len - 1] != ':'))
		return FALSE;
	first[len - 1] = '\0';
	g_auto(GStrv) parts = g_strsplit(first, is_v4 ? "." : ":", 8);
	guint n = g_strv_length(parts);
	low = is_v4 ? g_strdup_printf("%s%s", first, &".0.0.0"[2 * (n - 1) > 6 ? 6 : 2 * (n - 1)])
		    : g_strdup_printf("%s::", first);
	if (!ip_parse(low, from))
		return FALSE;
	*to = *from;
	gsize known = is_v4 ? 12 + n : 2 * n;
	if (known < sizeof(to->bytes))
		memset(to->bytes + known, 0xff, sizeof(to->bytes) - known);
	return TRUE;
}

static struct query_page *
find_sources(struct store_view *view, const struct source_question *question, gint64 domain,
	     GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(query_source_free);
	struct db *db = view_db(view);
	struct ip from;
	struct ip to;
	gint64 last_day;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT " SOURCE_COLUMNS " FROM address a JOIN source s ON "
			   "s.address_id = a.id " SOURCE_PLACE
			   "WHERE a.ip BETWEEN ? AND ? ORDER BY a.ip LIMIT ?",
			   error);

	if (!statement || !view_last_day(view, &last_day, error))
		return NULL;
	if (!address_range(question->find, &from, &to))
		return g_steal_pointer(&page);
	db_bind(statement, "bbi", from.bytes, (int)sizeof(from.bytes), to.bytes,
		(int)sizeof(to.bytes), (gint64)FIND_MAX);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		enum class class = (enum class)sqlite3_column_int(statement, 2);
		gint64 of_domain = sqlite3_column_int64(statement, 1);
		if ((domain == 0 || domain == of_domain) && is_wanted(question, class) &&
		    page->rows->len < question->limit)
			g_ptr_array_add(page->rows,
					source_list_read(view, statement, question->scope.window,
							 last_day));
	}
	return row == DB_DONE ? g_steal_pointer(&page) : NULL;
}

static gboolean
add_keys(struct store_view *view, const struct source_question *question, const GArray *keys,
	 struct query_page *page, GError **error)
{
	for (guint i = 0; i < MIN(keys->len, question->limit); i++)
		if (!source_list_add(view, &g_array_index(keys, struct source_key, i),
				     question->scope.window, page, error))
			return FALSE;
	return TRUE;
}

struct query_page *
query_sources(struct store_view *view, const struct source_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(query_source_free);
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct source_key));
	struct source_walk walk = { .window = question->scope.window };
	struct source_key cursor;

	if (!view_domain(view, question->scope.domain, &walk.domain, error) ||
	    (question->after && !read_cursor(question->after, &cursor, error)))
		return NULL;
	if (walk.domain < 0)
		return g_steal_pointer(&page);
	if (question->find)
		return find_sources(view, question, walk.domain, error);
	const struct source_key *from = question->after ? &cursor : NULL;
	if (!(question->order == SOURCE_ORDER_MESSAGES ? walk_merged : walk_by_class)(
		    view, question, &walk, from, keys, error) ||
	    !add_keys(view, question, keys, page, error))
		return NULL;
	if (keys->len > question->limit && question->limit > 0)
		page->next = source_key_write(
			&g_array_index(keys, struct source_key, question->limit - 1));
	return g_steal_pointer(&page);
}
