/* SPDX-License-Identifier: MIT */
/* Questions about TLS reports: their policies, and the sessions by result. */
#include "store/noun.h"
#include "store/query_documents.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

#define RESULTS_MAX 100

/* Parameters of all: first day, domain (0 = all), its text. A report may have other domains. */
#define FROM_ALL                                                     \
	"FROM document d JOIN tls_policy p ON p.document_id = d.id " \
	"WHERE d.kind = 4 AND d.day >= ?1 AND ?2 = ?2 AND ?3 = ?3 "
#define FROM_DOMAIN                                                                       \
	"FROM document_domain m CROSS JOIN document d ON d.id = m.document_id "           \
	"CROSS JOIN tls_policy p ON p.document_id = d.id "                                \
	"WHERE m.kind = 4 AND m.day >= ?1 AND m.domain_id = ?2 AND (p.domain_id = ?2 OR " \
	"EXISTS (SELECT 1 FROM name n WHERE n.id = p.domain_id AND substr(n.text, "       \
	"-length(?3) - 1) = '.' || ?3)) "

#define LIST_COLUMNS                                                                          \
	"d.id, d.day, p.seq, d.revision_of, p.domain_id, p.type, p.success, p.failure, "      \
	"d.body, (SELECT group_concat(n.text || coalesce(' ' || f.sessions, ''), '; ') FROM " \
	"tls_failure f JOIN name n ON n.id = f.result WHERE f.document_id = d.id AND "        \
	"f.policy = p.seq) "
#define LIST_ORDER                                                                        \
	"AND (d.day, d.id) <= (?4, ?5) AND (d.day, d.id, p.seq) < (?4, ?5, ?6) ORDER BY " \
	"d.day DESC, d.id DESC, p.seq DESC LIMIT ?7"
#define TOTALS                                                                                 \
	"SELECT count(*), coalesce(sum(p.success), 0), coalesce(sum(p.failure), 0), count(*) " \
	"FILTER (WHERE p.success IS NULL OR p.failure IS NULL) "
#define RESULTS_BEGIN                                                                     \
	"SELECT r.text, x.text, coalesce(sum(f.sessions), 0), count(*), count(*) FILTER " \
	"(WHERE f.sessions IS NULL), max(q.day) FROM (SELECT d.id AS id, p.seq AS seq, "  \
	"d.day AS day "
#define RESULTS_END                                                                          \
	"AND d.revision_of IS NULL) q CROSS JOIN tls_failure f ON f.document_id = q.id AND " \
	"f.policy = q.seq CROSS JOIN name r ON r.id = f.result CROSS JOIN name x ON x.id = " \
	"f.mx GROUP BY f.result, f.mx ORDER BY 3 DESC, 1, 2 LIMIT ?4"

/* [has domain] */
static const char *const list_sql[2] = {
	"SELECT " LIST_COLUMNS FROM_ALL LIST_ORDER,
	"SELECT " LIST_COLUMNS FROM_DOMAIN LIST_ORDER,
};
static const char *const totals_sql[2] = {
	TOTALS FROM_ALL "AND d.revision_of IS NULL",
	TOTALS FROM_DOMAIN "AND d.revision_of IS NULL",
};
static const char *const results_sql[2] = {
	RESULTS_BEGIN FROM_ALL RESULTS_END,
	RESULTS_BEGIN FROM_DOMAIN RESULTS_END,
};

static sqlite3_stmt *
prepare(struct store_view *view, const struct scope *scope, const char *const sql[2],
	GError **error)
{
	gint64 last_day;
	gint64 domain;

	if (!view_last_day(view, &last_day, error) ||
	    !view_any_domain(view, scope->domain, &domain, error))
		return NULL;
	sqlite3_stmt *statement = db_prepare(view_db(view), sql[domain != 0], error);
	if (!statement)
		return NULL;
	return db_bind(statement, "iit", window_first_day(scope->window, last_day), domain,
		       scope->domain ? scope->domain : "");
}

/* --- Policies --- */

static void
tls_policy_free(gpointer data)
{
	struct query_tls_policy *policy = data;

	g_free(policy->org_name);
	g_free(policy->report_id);
	g_free(policy->domain);
	g_free(policy->type);
	g_free(policy->results);
	g_free(policy);
}

static struct number
read_number(sqlite3_stmt *statement, int column)
{
	return (struct number){
		.value = sqlite3_column_int64(statement, column),
		.is_known = sqlite3_column_type(statement, column) != SQLITE_NULL,
	};
}

static gboolean
read_report(struct store_view *view, sqlite3_stmt *statement, struct query_tls_policy *policy,
	    GError **error)
{
	g_autoptr(document_auto) document = document_new(DOCUMENT_TLS);
	struct unpack body = db_peek_unpack(statement, 8);

	if (!noun_unpack(&body, document))
		return db_fail_damaged(view_db(view), "document", policy->document, error);
	policy->org_name = g_strdup(document->tlsrpt.org_name);
	policy->report_id = g_strdup(document->tlsrpt.report_id);
	return TRUE;
}

static gboolean
add_policy(struct store_view *view, sqlite3_stmt *statement, GPtrArray *rows, GError **error)
{
	struct query_tls_policy *policy = g_new0(struct query_tls_policy, 1);

	g_ptr_array_add(rows, policy);
	policy->document = sqlite3_column_int64(statement, 0);
	policy->day = sqlite3_column_int64(statement, 1);
	policy->is_revision = sqlite3_column_type(statement, 3) != SQLITE_NULL;
	policy->domain = view_name(view, sqlite3_column_int64(statement, 4));
	policy->type = view_name(view, sqlite3_column_int64(statement, 5));
	policy->success = read_number(statement, 6);
	policy->failure = read_number(statement, 7);
	policy->results = db_text(statement, 9);
	return read_report(view, statement, policy, error);
}

struct query_page *
query_tls_policies(struct store_view *view, const struct tls_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(tls_policy_free);
	gint64 cursor[3] = { G_MAXINT64, G_MAXINT64, G_MAXINT64 };
	sqlite3_stmt *statement = prepare(view, &question->scope, list_sql, error);
	enum db_row row;

	if (!statement || (question->after && !view_cursor_read(question->after, cursor, 3, error)))
		return NULL;
	for (int i = 0; i < 3; i++)
		sqlite3_bind_int64(statement, 4 + i, cursor[i]);
	sqlite3_bind_int64(statement, 7, (gint64)question->limit + 1);
	while ((row = db_step(view_db(view), statement, error)) == DB_ROW) {
		gboolean is_full = page->rows->len == question->limit;
		if (is_full)
			page->next = view_cursor_write(cursor, 3);
		if (is_full || !add_policy(view, statement, page->rows, error)) {
			sqlite3_reset(statement);
			return is_full ? g_steal_pointer(&page) : NULL;
		}
		cursor[0] = sqlite3_column_int64(statement, 1);
		cursor[1] = sqlite3_column_int64(statement, 0);
		cursor[2] = sqlite3_column_int64(statement, 2);
	}
	return row == DB_DONE ? g_steal_pointer(&page) : NULL;
}

/* --- Sums --- */

gboolean
query_tls_totals(struct store_view *view, const struct scope *scope,
		 struct query_tls_totals *ret_totals, GError **error)
{
	sqlite3_stmt *statement = prepare(view, scope, totals_sql, error);

	if (!statement || db_step(view_db(view), statement, error) != DB_ROW)
		return FALSE;
	*ret_totals = (struct query_tls_totals){
		.policies = sqlite3_column_int64(statement, 0),
		.success = sqlite3_column_int64(statement, 1),
		.failure = sqlite3_column_int64(statement, 2),
		.without_counts = sqlite3_column_int64(statement, 3),
	};
	sqlite3_reset(statement);
	return TRUE;
}

static void
tls_result_free(gpointer data)
{
	struct query_tls_result *result = data;

	g_free(result->result);
	g_free(result->mx);
	g_free(result);
}

GPtrArray *
query_tls_results(struct store_view *view, const struct scope *scope, GError **error)
{
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(tls_result_free);
	sqlite3_stmt *statement = prepare(view, scope, results_sql, error);
	enum db_row row;

	if (!statement)
		return NULL;
	sqlite3_bind_int64(statement, 4, RESULTS_MAX);
	while ((row = db_step(view_db(view), statement, error)) == DB_ROW) {
		struct query_tls_result *result = g_new0(struct query_tls_result, 1);
		result->result = db_text(statement, 0);
		result->mx = db_text(statement, 1);
		result->sessions = sqlite3_column_int64(statement, 2);
		result->details = sqlite3_column_int64(statement, 3);
		result->without_counts = sqlite3_column_int64(statement, 4);
		result->last_day = sqlite3_column_int64(statement, 5);
		g_ptr_array_add(results, result);
	}
	return row == DB_DONE ? g_steal_pointer(&results) : NULL;
}
