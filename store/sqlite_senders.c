/* SPDX-License-Identifier: MIT */
/* Questions about senders: lists and sums from sender_sum, addresses by an index of source. */
#include "store/query_groups.h"
#include "store/sqlite_sender_sums.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_view.h"

#define DOMAINS_MAX   100
#define SELECTORS_MAX 50
/* The days of a sender are those of so many sources. */
#define TREND_SOURCES 300

static void
sender_free(gpointer data)
{
	struct query_sender *sender = data;

	g_free(sender->sender);
	g_free(sender);
}

static void
domain_free(gpointer data)
{
	struct query_sender_domain *domain = data;

	g_free(domain->domain);
	g_free(domain);
}

void
query_sender_detail_free(struct query_sender_detail *detail)
{
	if (!detail)
		return;
	g_ptr_array_unref(detail->domains);
	g_ptr_array_unref(detail->selectors);
	g_array_unref(detail->days);
	g_free(detail);
}

static struct query_group
group_of(const struct sender_sum *sum, enum window window)
{
	return (struct query_group){ sum->class, sum->addresses[window], sum->totals[window] };
}

/* --- The list --- */

#define WALK(column)                                                                             \
	"SELECT " SENDER_SUM_COLUMNS                                                             \
	" FROM sender_sum WHERE domain_id = ?1 AND class = ?2 AND " #column " > 0 AND (" #column \
	", sender) < (?3, ?4) ORDER BY " #column " DESC, sender DESC LIMIT ?5"
static const char *const walk_sql[N_WINDOWS] = {
	[WINDOW_7D] = WALK(n_7d),
	[WINDOW_30D] = WALK(n_30d),
	[WINDOW_90D] = WALK(n_90d),
	[WINDOW_ALL] = WALK(n_all),
};

/* A place in the list; also its cursor. */
struct sender_key {
	gint64 class;
	gint64 messages;
	gint64 sender;
};

struct listing {
	struct store_view *view;
	const struct senders_question *question;
	gint64 domain;
	struct query_page *page;
	struct sender_key last; /* of the last row */
};

static gboolean
walk_class(struct listing *l, enum class class, const struct sender_key *from, GError **error)
{
	enum window window = l->question->scope.window;
	struct db *db = view_db(l->view);
	enum db_row row;
	gint64 limit = (gint64)l->question->limit + 1 - l->page->rows->len;
	sqlite3_stmt *statement = db_prepare(db, walk_sql[window], error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiii", l->domain, (gint64) class, from ? from->messages : G_MAXINT64,
		from ? from->sender : G_MAXINT64, limit);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct sender_sum sum;
		if (!sender_sum_read(statement, &sum)) {
			sqlite3_reset(statement);
			return db_fail_damaged(db, "the sums of sender", sum.sender, error);
		}
		struct query_sender *sender = g_new0(struct query_sender, 1);
		sender->sender = view_name(l->view, sum.sender);
		sender->group = group_of(&sum, window);
		g_ptr_array_add(l->page->rows, sender);
		if (l->page->rows->len == l->question->limit)
			l->last = (struct sender_key){ class, sum.totals[window].messages,
						       sum.sender };
	}
	return row == DB_DONE;
}

static gboolean
walk_all(struct listing *l, const struct sender_key *cursor, GError **error)
{
	const struct senders_question *question = l->question;

	for (enum class c = CLASS_FIX; c < N_CLASSES && l->page->rows->len <= question->limit;
	     c++) {
		gboolean is_wanted = question->class == CLASS_NONE || question->class == c;
		if (!is_wanted || (cursor && c < (enum class)cursor->class))
			continue;
		gboolean is_begun = cursor && c == (enum class)cursor->class;
		if (!walk_class(l, c, is_begun ? cursor : NULL, error))
			return FALSE;
	}
	return TRUE;
}

/* What was read beyond the limit only tells that there is more. */
static void
end_page(struct listing *l)
{
	const gint64 numbers[] = { l->last.class, l->last.messages, l->last.sender };

	if (l->page->rows->len <= l->question->limit)
		return;
	g_ptr_array_set_size(l->page->rows, (gint)l->question->limit);
	l->page->next = view_cursor_write(numbers, G_N_ELEMENTS(numbers));
}

struct query_page *
query_senders(struct store_view *view, const struct senders_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(sender_free);
	struct listing l = { .view = view, .question = question, .page = page };
	gint64 numbers[3];

	if (!view_domain(view, question->scope.domain, &l.domain, error) ||
	    (question->after &&
	     !view_cursor_read(question->after, numbers, G_N_ELEMENTS(numbers), error)))
		return NULL;
	const struct sender_key cursor = { question->after ? MIN(numbers[0], N_CLASSES) : 0,
					   question->after ? numbers[1] : 0,
					   question->after ? numbers[2] : 0 };
	if (l.domain >= 0 && !walk_all(&l, question->after ? &cursor : NULL, error))
		return NULL;
	end_page(&l);
	return g_steal_pointer(&page);
}

/* --- Addresses of one --- */

/* The id of a sender that has sources; 0 where there is none of this name. */
static gboolean
find_sender(struct store_view *view, const char *sender, gint64 *ret_id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT n.id FROM name n WHERE n.text = ? AND EXISTS (SELECT 1 FROM sender_sum s "
		"WHERE s.sender = n.id AND s.sender > 1)",
		error);

	return statement && db_number(db, db_bind(statement, "t", sender), 0, ret_id, error);
}

struct addresses {
	struct store_view *view;
	const struct scope *scope;
	gint64 domain;
	gint64 sender;
	guint limit;
	struct query_page *page;
	gint64 last[3]; /* of the last row: n_30d, domain, address */
	gboolean is_cut;
};

#define ADDRESSES(column)                                                                   \
	"SELECT n_30d, domain_id, address_id FROM source WHERE sender = ?1 AND sender > 1 " \
	"AND " #column                                                                      \
	" > 0 AND (domain_id = ?2 OR ?2 = 0) AND address_id <> 0 AND (n_30d, domain_id, "   \
	"address_id) < (?3, ?4, ?5) ORDER BY n_30d DESC, domain_id DESC, address_id DESC LIMIT ?6"
static const char *const addresses_sql[N_WINDOWS] = {
	[WINDOW_7D] = ADDRESSES(n_7d),
	[WINDOW_30D] = ADDRESSES(n_30d),
	[WINDOW_90D] = ADDRESSES(n_90d),
	[WINDOW_ALL] = ADDRESSES(n_all),
};

static gboolean
read_addresses(struct addresses *a, const gint64 from[3], GError **error)
{
	struct db *db = view_db(a->view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, addresses_sql[a->scope->window], error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiiii", a->sender, a->domain, from[0], from[1], from[2],
		(gint64)a->limit + 1);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		if (a->page->rows->len == a->limit) {
			a->is_cut = TRUE;
			continue;
		}
		for (int i = 0; i < 3; i++)
			a->last[i] = sqlite3_column_int64(statement, i);
		const struct source_key key = { .domain = a->last[1], .address = a->last[2] };
		if (!source_list_add(a->view, &key, a->scope->window, a->page, error)) {
			sqlite3_reset(statement);
			return FALSE;
		}
	}
	return row == DB_DONE;
}

struct query_page *
query_sender_sources(struct store_view *view, const struct scope *scope, const char *sender,
		     const char *after, guint limit, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(query_source_free);
	struct addresses a = { .view = view, .scope = scope, .limit = limit, .page = page };
	gint64 from[3] = { G_MAXINT64, G_MAXINT64, G_MAXINT64 };

	if (!view_domain(view, scope->domain, &a.domain, error) ||
	    !find_sender(view, sender, &a.sender, error) ||
	    (after && !view_cursor_read(after, from, G_N_ELEMENTS(from), error)))
		return NULL;
	if (a.domain < 0 || a.sender == 0)
		return g_steal_pointer(&page);
	if (!read_addresses(&a, from, error))
		return NULL;
	if (a.is_cut)
		page->next = view_cursor_write(a.last, G_N_ELEMENTS(a.last));
	return g_steal_pointer(&page);
}

/* --- One sender --- */

static gint
compare_domains(gconstpointer a, gconstpointer b)
{
	const struct query_sender_domain *x = *(const struct query_sender_domain *const *)a;
	const struct query_sender_domain *y = *(const struct query_sender_domain *const *)b;

	if (x->group.totals.messages != y->group.totals.messages)
		return x->group.totals.messages > y->group.totals.messages ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

struct asking {
	struct store_view *view;
	const struct scope *scope;
	gint64 domain;
	gint64 sender;
	gboolean has_any; /* in whatever window, in the scope's domain */
	struct query_sender_detail *detail;
};

static void
take_sum(struct asking *a, const struct sender_sum *sum)
{
	const struct query_group group = group_of(sum, a->scope->window);

	if (sum->domain == a->domain) {
		a->detail->groups[sum->class] = group;
		a->has_any = TRUE;
	}
	if (sum->domain == 0 || (a->domain != 0 && sum->domain != a->domain) ||
	    group.totals.messages == 0)
		return;
	struct query_sender_domain *row = g_new0(struct query_sender_domain, 1);
	row->domain = view_name(a->view, sum->domain);
	row->group = group;
	g_ptr_array_add(a->detail->domains, row);
}

static gboolean
read_sums(struct asking *a, GError **error)
{
	struct db *db = view_db(a->view);
	GPtrArray *domains = a->detail->domains;
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT " SENDER_SUM_COLUMNS " FROM sender_sum WHERE sender = ? AND sender > 1",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", a->sender);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct sender_sum sum;
		if (!sender_sum_read(statement, &sum)) {
			sqlite3_reset(statement);
			return db_fail_damaged(db, "the sums of sender", a->sender, error);
		}
		take_sum(a, &sum);
	}
	g_ptr_array_sort(domains, compare_domains);
	if (domains->len > DOMAINS_MAX)
		g_ptr_array_set_size(domains, DOMAINS_MAX);
	return row == DB_DONE;
}

static gboolean
read_selectors(struct asking *a, GError **error)
{
	struct db *db = view_db(a->view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT n.text FROM signature_home h JOIN name n ON n.id = h.signature "
			   "WHERE h.home = ?1 AND h.home > 1 AND (h.domain_id = ?2 OR ?2 = 0) "
			   "LIMIT ?3",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", a->sender, a->domain, (gint64)SELECTORS_MAX);
	while ((row = db_step(db, statement, error)) == DB_ROW)
		g_ptr_array_add(a->detail->selectors, db_text(statement, 0));
	return row == DB_DONE;
}

/* From the newest days that each source keeps. */
static gboolean
sum_days(struct asking *a, const char *sender, GError **error)
{
	struct query_day sums[QUERY_SPARK_DAYS] = { 0 };
	const struct scope recent = { a->scope->domain, WINDOW_30D };
	gint64 last_day;
	g_autoptr(query_page_auto) sources =
		query_sender_sources(a->view, &recent, sender, NULL, TREND_SOURCES, error);

	if (!sources || !view_last_day(a->view, &last_day, error))
		return FALSE;
	for (guint i = 0; i < sources->rows->len; i++) {
		const struct query_source *source = g_ptr_array_index(sources->rows, i);
		for (int d = 0; d < QUERY_SPARK_DAYS; d++) {
			gint64 *messages = &sums[d].totals[source->class].messages;
			*messages = count_add(*messages, source->spark[d]);
		}
	}
	for (int d = 0; d < QUERY_SPARK_DAYS; d++) {
		sums[d].day = last_day - QUERY_SPARK_DAYS + 1 + d;
		g_array_append_val(a->detail->days, sums[d]);
	}
	a->detail->days_sources = sources->rows->len;
	a->detail->days_is_cut = sources->next != NULL;
	return TRUE;
}

struct query_sender_detail *
query_sender(struct store_view *view, const struct scope *scope, const char *sender, GError **error)
{
	g_autoptr(query_sender_detail_auto) detail = g_new0(struct query_sender_detail, 1);
	struct asking a = { .view = view, .scope = scope, .detail = detail };

	detail->domains = g_ptr_array_new_with_free_func(domain_free);
	detail->selectors = g_ptr_array_new_with_free_func(g_free);
	detail->days = g_array_new(FALSE, TRUE, sizeof(struct query_day));
	if (!view_domain(view, scope->domain, &a.domain, error) ||
	    !find_sender(view, sender, &a.sender, error) || a.sender == 0 || a.domain < 0 ||
	    !read_sums(&a, error) || !a.has_any || !read_selectors(&a, error) ||
	    !sum_days(&a, sender, error))
		return NULL;
	return g_steal_pointer(&detail);
}
