/* SPDX-License-Identifier: MIT */
/* Questions about reports: the list, one report, its records, its raw bytes. */
#include "core/compress.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

/* Reports are bounded when they are read; this only stops a damaged row. */
#define RAW_LEN_MAX ((gsize)1 << 30)

#define REPORT_COLUMNS                                                                          \
	"r.id, r.day, p.text, r.org_name, r.org_email, r.report_id, r.domain_id, r.begin_at, "  \
	"r.end_at, a.received_at, r.revision_of, r.warnings, r.messages, r.pass, r.dkim_pass, " \
	"r.spf_pass, r.quarantined, r.rejected, r.forwarded, r.explained, r.records"
#define REPORT_FROM                                               \
	" FROM report r JOIN reporter p ON p.id = r.reporter_id " \
	"JOIN arrival a ON a.id = r.arrival_id "
#define REPORT_N_COLUMNS 21

static void
report_clear(struct query_report *report)
{
	g_free(report->reporter);
	g_free(report->org_name);
	g_free(report->org_email);
	g_free(report->report_id);
	g_free(report->domain);
}

void
query_report_free(struct query_report *report)
{
	if (!report)
		return;
	report_clear(report);
	g_free(report);
}

static void
read_report(struct store_view *view, sqlite3_stmt *statement, struct query_report *report)
{
	report->id = sqlite3_column_int64(statement, 0);
	report->day = sqlite3_column_int64(statement, 1);
	report->reporter = db_text(statement, 2);
	report->org_name = view_name(view, sqlite3_column_int64(statement, 3));
	report->org_email = view_name(view, sqlite3_column_int64(statement, 4));
	report->report_id = db_text(statement, 5);
	report->domain = view_name(view, sqlite3_column_int64(statement, 6));
	report->begin_at = sqlite3_column_int64(statement, 7);
	report->end_at = sqlite3_column_int64(statement, 8);
	report->received_at = sqlite3_column_int64(statement, 9);
	report->revision_of = sqlite3_column_int64(statement, 10);
	report->warnings = sqlite3_column_int64(statement, 11);
	db_totals(statement, 12, &report->totals);
}

/* Which index a list walks: by what it is filtered. Parameters: cursor, days, domain, reporter. */
#define LIST_SQL(filter)                                             \
	"SELECT " REPORT_COLUMNS REPORT_FROM "WHERE " filter         \
	" AND r.day BETWEEN ?3 AND ?4 AND (r.day, r.id) < (?1, ?2) " \
	"ORDER BY r.day DESC, r.id DESC LIMIT ?5"

static const char *const list_sql[2][2] = {
	/* [has domain][has reporter] */
	{ LIST_SQL("?6 = ?6 AND ?7 = ?7"),
	  LIST_SQL("?6 = ?6 AND r.reporter_id = (SELECT id FROM reporter WHERE text = ?7)") },
	{ LIST_SQL("r.domain_id = ?6 AND ?7 = ?7"),
	  LIST_SQL("r.domain_id = ?6 AND r.reporter_id = "
		   "(SELECT id FROM reporter WHERE text = ?7)") },
};
static const char *const find_sql =
	"SELECT " REPORT_COLUMNS REPORT_FROM "WHERE r.report_id = ?8 AND (r.day, r.id) < (?1, ?2) "
	"ORDER BY r.day DESC, r.id DESC LIMIT ?5";

static sqlite3_stmt *
prepare_list(struct store_view *view, const struct report_question *question, gint64 domain,
	     GError **error)
{
	if (question->find)
		return db_prepare(view_db(view), find_sql, error);
	return db_prepare(view_db(view), list_sql[domain > 0][question->reporter != NULL], error);
}

static gboolean
bind_list(struct store_view *view, sqlite3_stmt *statement, const struct report_question *question,
	  gint64 domain, GError **error)
{
	gint64 cursor[2] = { G_MAXINT64, G_MAXINT64 };
	gint64 last_day;

	if ((question->after && !view_cursor_read(question->after, cursor, 2, error)) ||
	    !view_last_day(view, &last_day, error))
		return FALSE;
	gint64 from_day = window_first_day(question->scope.window, last_day);
	/* Reports dated in the future stand in no window, but must be seen somewhere. */
	db_bind(statement, "iiiii", cursor[0], cursor[1], from_day, G_MAXINT64,
		(gint64)question->limit + 1);
	sqlite3_bind_int64(statement, 6, domain);
	sqlite3_bind_text(statement, 7, question->reporter ? question->reporter : "", -1,
			  SQLITE_TRANSIENT);
	if (question->find)
		sqlite3_bind_text(statement, 8, question->find, -1, SQLITE_TRANSIENT);
	return TRUE;
}

struct query_page *
query_reports(struct store_view *view, const struct report_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new((GDestroyNotify)query_report_free);
	struct db *db = view_db(view);
	gint64 domain;
	enum db_row row;

	if (!view_domain(view, question->scope.domain, &domain, error))
		return NULL;
	if (domain < 0)
		return g_steal_pointer(&page);
	sqlite3_stmt *statement = prepare_list(view, question, domain, error);
	if (!statement || !bind_list(view, statement, question, domain, error))
		return NULL;
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		if (page->rows->len == question->limit) {
			const struct query_report *last =
				g_ptr_array_index(page->rows, page->rows->len - 1);
			const gint64 cursor[2] = { last->day, last->id };
			page->next = view_cursor_write(cursor, 2);
			sqlite3_reset(statement);
			return g_steal_pointer(&page);
		}
		struct query_report *report = g_new0(struct query_report, 1);
		read_report(view, statement, report);
		g_ptr_array_add(page->rows, report);
	}
	return row == DB_DONE ? g_steal_pointer(&page) : NULL;
}

/* --- One report --- */

static void
warning_clear(gpointer data)
{
	struct query_warning *warning = data;

	g_free(warning->code);
	g_free(warning->text);
}

void
query_report_detail_free(struct query_report_detail *detail)
{
	if (!detail)
		return;
	char *const texts[] = {
		detail->version,
		detail->xmlns,
		detail->extra_contact_info,
		detail->generator,
		detail->errors,
		detail->intake,
		detail->locator,
		detail->part,
		detail->p,
		detail->sp,
		detail->np,
		detail->adkim,
		detail->aspf,
		detail->fo,
		detail->pct,
		detail->testing,
		detail->discovery_method,
		detail->auth_domain,
	};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	report_clear(&detail->report);
	g_array_unref(detail->warnings);
	g_free(detail);
}
typedef struct query_report_detail report_detail_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(report_detail_auto, query_report_detail_free)

static const char *const detail_sql =
	"SELECT " REPORT_COLUMNS ", r.version, r.xmlns, r.extra_contact_info, r.generator, "
	"r.errors, r.p, r.sp, r.np, r.adkim, r.aspf, r.fo, r.pct, r.testing, "
	"r.discovery_method, a.intake, a.locator, r.part, "
	"EXISTS (SELECT 1 FROM report_raw w WHERE w.report_id = r.id), y.authenticated, "
	"y.auth_domain, r.left_out" REPORT_FROM "JOIN party y ON y.id = r.party_id WHERE r.id = ?";

static void
read_detail(struct store_view *view, sqlite3_stmt *statement, struct query_report_detail *detail)
{
	/* In the order of the columns. */
	char **const names[] = {
		&detail->version,
		&detail->xmlns,
		&detail->extra_contact_info,
		&detail->generator,
		&detail->errors,
		&detail->p,
		&detail->sp,
		&detail->np,
		&detail->adkim,
		&detail->aspf,
		&detail->fo,
		&detail->pct,
		&detail->testing,
		&detail->discovery_method,
		&detail->intake,
	};
	int column = REPORT_N_COLUMNS;

	read_report(view, statement, &detail->report);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		*names[i] = view_name(view, sqlite3_column_int64(statement, column++));
	detail->locator = db_text(statement, column++);
	detail->part = db_text(statement, column++);
	detail->has_raw = sqlite3_column_int(statement, column++) != 0;
	detail->authenticated = (enum authenticated)sqlite3_column_int(statement, column++);
	detail->auth_domain = view_name(view, sqlite3_column_int64(statement, column++));
	detail->left_out = sqlite3_column_int64(statement, column);
}

static gboolean
read_warnings(struct store_view *view, gint64 id, struct query_report_detail *detail,
	      GError **error)
{
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT code, text FROM report_warning WHERE report_id = ? ORDER BY seq",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", id);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct query_warning warning = {
			.code = view_name(view, sqlite3_column_int64(statement, 0)),
			.text = db_text(statement, 1),
		};
		g_array_append_val(detail->warnings, warning);
	}
	return row == DB_DONE;
}

struct query_report_detail *
query_report(struct store_view *view, gint64 id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(db, detail_sql, error);

	if (!statement || db_step(db, db_bind(statement, "i", id), error) != DB_ROW)
		return NULL;
	g_autoptr(report_detail_auto) detail = g_new0(struct query_report_detail, 1);
	detail->warnings = g_array_new(FALSE, FALSE, sizeof(struct query_warning));
	g_array_set_clear_func(detail->warnings, warning_clear);
	read_detail(view, statement, detail);
	sqlite3_reset(statement);
	return read_warnings(view, id, detail, error) ? g_steal_pointer(&detail) : NULL;
}

GBytes *
query_report_raw(struct store_view *view, gint64 id, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT bytes FROM report_raw WHERE report_id = ?", error);

	if (!statement || db_step(db, db_bind(statement, "i", id), error) != DB_ROW)
		return NULL;
	g_autoptr(GBytes) packed = db_blob(statement, 0);
	sqlite3_reset(statement);
	return compress_unpack(packed, RAW_LEN_MAX, error);
}
