/* SPDX-License-Identifier: MIT */
/* Questions about the documents that are no aggregate reports: lists, one of them, their totals. */
#include "core/compress.h"
#include "store/noun.h"
#include "store/query_documents.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

/* Reports are bounded when they are read; this only stops a damaged row. */
#define RAW_LEN_MAX ((gsize)1 << 30)

#define COLUMNS                                                                            \
	"d.id, d.day, a.received_at, d.revision_of, p.text, d.domain_id, d.incidents, "    \
	"a.intake, a.locator, EXISTS (SELECT 1 FROM document_raw w WHERE w.document_id = " \
	"d.id), d.authenticated, d.auth_domain, d.part, d.body, EXISTS (SELECT 1 FROM "    \
	"source s WHERE s.address_id = d.address_id) "
#define JOINS                                      \
	"JOIN reporter p ON p.id = d.reporter_id " \
	"JOIN arrival a ON a.id = d.arrival_id "

/* Which index is walked: by what it is asked for. Parameters: kind, first day, domain, address. */
#define BY_KIND   "FROM document d "
#define OF_KIND   "WHERE d.kind = ?1 AND d.day >= ?2 AND ?3 = ?3 AND ?4 = ?4 "
#define OF_SOURCE "WHERE d.address_id = ?4 AND d.kind = ?1 AND d.day >= ?2 AND ?3 = ?3 "
#define OF_BOTH                                                                            \
	"WHERE d.address_id = ?4 AND d.kind = ?1 AND d.day >= ?2 AND EXISTS (SELECT 1 "    \
	"FROM document_domain m WHERE m.kind = ?1 AND m.domain_id = ?3 AND m.day = d.day " \
	"AND m.document_id = d.id) "
#define BY_DOMAIN "FROM document_domain m CROSS JOIN document d ON d.id = m.document_id "
#define OF_DOMAIN "WHERE m.kind = ?1 AND m.day >= ?2 AND m.domain_id = ?3 AND ?4 = ?4 "

#define LIST_SQL(from, where)                                                             \
	"SELECT " COLUMNS from JOINS where "AND (d.day, d.id) < (?5, ?6) ORDER BY d.day " \
	"DESC, d.id DESC LIMIT ?7"
#define TOTALS_SQL(from, where) \
	"SELECT count(*), coalesce(sum(d.incidents), 0) " from where "AND d.revision_of IS NULL"

/* [has domain][has address] */
static const char *const list_sql[2][2] = {
	{ LIST_SQL(BY_KIND, OF_KIND), LIST_SQL(BY_KIND, OF_SOURCE) },
	/* The domain's index has day and id of its own. */
	{ "SELECT " COLUMNS BY_DOMAIN JOINS OF_DOMAIN
	  "AND (m.day, m.document_id) < (?5, ?6) ORDER BY m.day DESC, m.document_id DESC "
	  "LIMIT ?7",
	  LIST_SQL(BY_KIND, OF_BOTH) },
};
static const char *const totals_sql[2][2] = {
	{ TOTALS_SQL(BY_KIND, OF_KIND), TOTALS_SQL(BY_KIND, OF_SOURCE) },
	{ TOTALS_SQL(BY_DOMAIN, OF_DOMAIN), TOTALS_SQL(BY_KIND, OF_BOTH) },
};

/* --- Reading --- */

void
query_document_free(struct query_document *document)
{
	if (!document)
		return;
	g_free(document->reporter);
	g_free(document->domain);
	g_free(document->intake);
	g_free(document->locator);
	document_free(document->document);
	g_free(document);
}

/* NULL and error where the body is damaged. */
static struct query_document *
read_document(struct store_view *view, sqlite3_stmt *statement, enum document_kind kind,
	      GError **error)
{
	g_autoptr(query_document_auto) row = g_new0(struct query_document, 1);
	struct document *document = document_new(kind);
	struct unpack body = db_peek_unpack(statement, 13);

	row->document = document;
	row->id = sqlite3_column_int64(statement, 0);
	row->day = sqlite3_column_int64(statement, 1);
	row->received_at = sqlite3_column_int64(statement, 2);
	row->is_revision = sqlite3_column_type(statement, 3) != SQLITE_NULL;
	row->revision_of = sqlite3_column_int64(statement, 3);
	row->reporter = db_text(statement, 4);
	row->domain = view_name(view, sqlite3_column_int64(statement, 5));
	row->incidents = sqlite3_column_int64(statement, 6);
	row->intake = view_name(view, sqlite3_column_int64(statement, 7));
	row->locator = db_text(statement, 8);
	row->has_raw = sqlite3_column_int(statement, 9) != 0;
	row->is_known_source = sqlite3_column_int(statement, 14) != 0;
	document->carrier.authenticated = (guint32)sqlite3_column_int(statement, 10);
	document->carrier.auth_domain = document_string(
		document, view_peek_name(view, sqlite3_column_int64(statement, 11)));
	document->part = document_string(document, db_peek_text(statement, 12));
	if (!noun_unpack(&body, document)) {
		db_fail_damaged(view_db(view), "document", row->id, error);
		return NULL;
	}
	return g_steal_pointer(&row);
}

/* --- Lists --- */

struct list {
	gint64 domain;  /* id of a name, 0 = all, -1 = no such name */
	gint64 address; /* 0 = all, -1 = none of this kind */
	gint64 from_day;
};

static gboolean
find_list(struct store_view *view, const struct document_question *question, struct list *list,
	  GError **error)
{
	gint64 last_day;

	*list = (struct list){ 0, 0, 0 };
	if (!view_last_day(view, &last_day, error) ||
	    !view_any_domain(view, question->scope.domain, &list->domain, error) ||
	    (question->ip && !view_address(view, question->ip, &list->address, error)))
		return FALSE;
	if (question->ip && list->address == 0)
		list->address = -1;
	/* Samples come before the report of their day does, so the last day is no end. */
	list->from_day = window_first_day(question->scope.window, last_day);
	return TRUE;
}

static sqlite3_stmt *
bind_list(sqlite3_stmt *statement, const struct document_question *question,
	  const struct list *list)
{
	return db_bind(statement, "iiii", (gint64)question->kind, list->from_day, list->domain,
		       list->address);
}

static gboolean
add_rows(struct store_view *view, sqlite3_stmt *statement, const struct document_question *question,
	 struct query_page *page, GError **error)
{
	enum db_row row;

	while ((row = db_step(view_db(view), statement, error)) == DB_ROW) {
		if (page->rows->len == question->limit) {
			const struct query_document *last =
				g_ptr_array_index(page->rows, page->rows->len - 1);
			const gint64 cursor[2] = { last->day, last->id };
			page->next = view_cursor_write(cursor, 2);
			sqlite3_reset(statement);
			return TRUE;
		}
		struct query_document *document =
			read_document(view, statement, question->kind, error);
		if (!document) {
			sqlite3_reset(statement);
			return FALSE;
		}
		g_ptr_array_add(page->rows, document);
	}
	return row == DB_DONE;
}

struct query_page *
query_documents(struct store_view *view, const struct document_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new((GDestroyNotify)query_document_free);
	gint64 cursor[2] = { G_MAXINT64, G_MAXINT64 };
	struct list list;

	if (!find_list(view, question, &list, error) ||
	    (question->after && !view_cursor_read(question->after, cursor, 2, error)))
		return NULL;
	sqlite3_stmt *statement =
		db_prepare(view_db(view), list_sql[list.domain != 0][question->ip != NULL], error);
	if (!statement)
		return NULL;
	bind_list(statement, question, &list);
	sqlite3_bind_int64(statement, 5, cursor[0]);
	sqlite3_bind_int64(statement, 6, cursor[1]);
	sqlite3_bind_int64(statement, 7, (gint64)question->limit + 1);
	return add_rows(view, statement, question, page, error) ? g_steal_pointer(&page) : NULL;
}

gboolean
query_document_totals(struct store_view *view, const struct document_question *question,
		      struct query_document_totals *ret_totals, GError **error)
{
	struct list list;

	if (!find_list(view, question, &list, error))
		return FALSE;
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, totals_sql[list.domain != 0][question->ip != NULL], error);
	if (!statement || db_step(db, bind_list(statement, question, &list), error) != DB_ROW)
		return FALSE;
	ret_totals->documents = sqlite3_column_int64(statement, 0);
	ret_totals->incidents = sqlite3_column_int64(statement, 1);
	sqlite3_reset(statement);
	return TRUE;
}

/* --- One --- */

struct query_document *
query_document(struct store_view *view, enum document_kind kind, gint64 id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT " COLUMNS BY_KIND JOINS "WHERE d.id = ?1 AND d.kind = ?2", error);

	if (!statement || db_step(db, db_bind(statement, "ii", id, (gint64)kind), error) != DB_ROW)
		return NULL;
	struct query_document *document = read_document(view, statement, kind, error);
	sqlite3_reset(statement);
	return document;
}

GBytes *
query_document_raw(struct store_view *view, gint64 id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT bytes FROM document_raw WHERE document_id = ?", error);

	if (!statement || db_step(db, db_bind(statement, "i", id), error) != DB_ROW)
		return NULL;
	g_autoptr(GBytes) packed = db_blob(statement, 0);
	sqlite3_reset(statement);
	return compress_unpack(packed, RAW_LEN_MAX, error);
}
