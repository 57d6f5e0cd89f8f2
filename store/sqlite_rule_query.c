/* SPDX-License-Identifier: MIT */
/* Questions about the rules of users. */
#include "store/rules.h"
#include "store/sqlite_view.h"

/* The columns that make_rule() expects. What a rule labels is found by an index of its own. */
#define COLUMNS                                                                                 \
	"r.id, r.kind, r.class, r.match, r.domain, r.note, r.author, r.made_at, r.expires_at, " \
	"r.ended_at, r.ended_by, " LABELLED("count(*)") ", " LABELLED("coalesce(sum(n_30d), 0)")
#define LABELLED(what)                                                                       \
	"(SELECT " what " FROM source s WHERE s.user_rule IN (r.id, -r.id) AND s.user_rule " \
	"<> 0 AND s.n_30d > 0)"

void
query_rule_free(struct query_rule *rule)
{
	if (!rule)
		return;
	g_free(rule->match);
	g_free(rule->domain);
	g_free(rule->note);
	g_free(rule->author);
	g_free(rule->ended_by);
	g_free(rule);
}

static void
free_row(gpointer data)
{
	query_rule_free(data);
}

/* A number that this program has no name for shows as the first of them. */
static gint64
known(gint64 number, gint64 n)
{
	return number >= 0 && number < n ? number : 0;
}

static struct query_rule *
make_rule(sqlite3_stmt *statement)
{
	struct query_rule *rule = g_new0(struct query_rule, 1);

	rule->id = sqlite3_column_int64(statement, 0);
	rule->kind = (enum rule_kind)known(sqlite3_column_int64(statement, 1), N_RULE_KINDS);
	rule->class = (enum rule_class)known(sqlite3_column_int64(statement, 2), N_RULE_CLASSES);
	rule->match = db_text(statement, 3);
	rule->domain = db_text(statement, 4);
	rule->note = db_text(statement, 5);
	rule->author = db_text(statement, 6);
	rule->made_at = sqlite3_column_int64(statement, 7);
	rule->expires_at = sqlite3_column_int64(statement, 8);
	rule->ended_at = sqlite3_column_int64(statement, 9);
	rule->ended_by = db_text(statement, 10);
	rule->sources = sqlite3_column_int64(statement, 11);
	rule->messages = sqlite3_column_int64(statement, 12);
	return rule;
}

static sqlite3_stmt *
prepare(struct db *db, const struct rule_question *question, GError **error)
{
	if (question->want_ended)
		return db_prepare(db,
				  "SELECT " COLUMNS " FROM user_rule r WHERE r.id < ?1 "
				  "ORDER BY r.id DESC LIMIT ?2",
				  error);
	return db_prepare(db,
			  "SELECT " COLUMNS " FROM user_rule r WHERE r.id < ?1 AND r.ended_at = 0 "
			  "ORDER BY r.id DESC LIMIT ?2",
			  error);
}

/* One row more than is shown tells that there are more. */
static gboolean
read_page(struct db *db, sqlite3_stmt *statement, guint limit, struct query_page *page,
	  GError **error)
{
	enum db_row row;
	gint64 last = 0;

	while ((row = db_step(db, statement, error)) == DB_ROW) {
		if (page->rows->len == limit) {
			page->next = view_cursor_write(&last, 1);
			sqlite3_reset(statement);
			return TRUE;
		}
		struct query_rule *rule = make_rule(statement);
		last = rule->id;
		g_ptr_array_add(page->rows, rule);
	}
	return row == DB_DONE;
}

struct query_page *
query_rules(struct store_view *view, const struct rule_question *question, GError **error)
{
	struct db *db = view_db(view);
	gint64 before = G_MAXINT64;

	if (question->after && !view_cursor_read(question->after, &before, 1, error))
		return NULL;
	sqlite3_stmt *statement = prepare(db, question, error);
	if (!statement)
		return NULL;
	db_bind(statement, "ii", before, (gint64)question->limit + 1);
	g_autoptr(query_page_auto) page = view_page_new(free_row);
	return read_page(db, statement, question->limit, page, error) ? g_steal_pointer(&page)
								      : NULL;
}

struct query_rule *
query_rule(struct store_view *view, gint64 id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT " COLUMNS " FROM user_rule r WHERE r.id = ?1", error);
	struct query_rule *rule = NULL;

	if (statement && db_step(db, db_bind(statement, "i", id), error) == DB_ROW) {
		rule = make_rule(statement);
		sqlite3_reset(statement);
	}
	return rule;
}
