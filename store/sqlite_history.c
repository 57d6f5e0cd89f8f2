/* SPDX-License-Identifier: MIT */
#include "store/sqlite_history.h"

#include "core/policy_number.h"

#define DAY_S      86400
#define CHUNK_SIZE 4096

static const guint row_sizes[N_HISTORY_ROWS] = {
	[HISTORY_REPORTS] = sizeof(struct history_report),
	[HISTORY_OTHER_REPORTS] = sizeof(struct history_report),
	[HISTORY_CLASSES] = sizeof(struct history_class),
	[HISTORY_SENDERS] = sizeof(struct history_sender),
	[HISTORY_SOURCES] = sizeof(struct history_source),
	[HISTORY_SELECTORS] = sizeof(struct history_selector),
	[HISTORY_SUBDOMAINS] = sizeof(struct history_subdomain),
	[HISTORY_POLICIES] = sizeof(struct history_policy_seen),
	[HISTORY_FAULTS] = sizeof(struct history_fault),
};

gint64
histories_base(const struct query_histories *histories)
{
	return histories->from - histories->question.back_days;
}

const char *
histories_text(struct query_histories *histories, const char *text)
{
	return g_string_chunk_insert_const(histories->texts, text);
}

/* --- Classes, policies, names, faults --- */

/* Rows of the domain from a day on; sql asks for ?1 domain, ?2 the first day and ?3 the last. */
static gboolean
read_days(struct query_histories *histories, const char *sql, gint64 from,
	  void (*add)(struct query_histories *histories, sqlite3_stmt *row), GError **error)
{
	struct db *db = view_db(histories->view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", histories->domain, from, histories->today);
	while ((row = db_step(db, statement, error)) == DB_ROW)
		add(histories, statement);
	return row == DB_DONE;
}

static void
add_class(struct query_histories *histories, sqlite3_stmt *row)
{
	const struct history_class class = {
		.class = (enum class)sqlite3_column_int(row, 0),
		.day = sqlite3_column_int64(row, 1),
		.messages = sqlite3_column_int64(row, 2),
	};

	g_array_append_val(histories->rows[HISTORY_CLASSES], class);
}

static gboolean
read_classes(struct query_histories *histories, GError **error)
{
	return read_days(histories,
			 "SELECT class, day, messages FROM domain_day WHERE domain_id = ?1 AND "
			 "day BETWEEN ?2 AND ?3",
			 histories_base(histories), add_class, error);
}

static void
add_policies(struct query_histories *histories, sqlite3_stmt *row)
{
	gint64 bits = sqlite3_column_int64(row, 1);

	for (gint number = 0; number < N_POLICY_NUMBERS; number++) {
		const struct history_policy_seen seen = {
			.number = number,
			.day = sqlite3_column_int64(row, 0),
			.reporters = sqlite3_column_int64(row, 2),
		};
		if (bits >> number & 1)
			g_array_append_val(histories->rows[HISTORY_POLICIES], seen);
	}
}

static gboolean
read_policies(struct query_histories *histories, GError **error)
{
	return read_days(histories,
			 "SELECT day, policies, count(*) FROM reporter_day WHERE domain_id = ?1 "
			 "AND day BETWEEN ?2 AND ?3 GROUP BY day, policies",
			 histories_base(histories), add_policies, error);
}

static void
add_subdomain(struct query_histories *histories, sqlite3_stmt *row)
{
	const struct history_subdomain subdomain = {
		.name = histories_text(histories, db_peek_text(row, 0)),
		.first_day = sqlite3_column_int64(row, 1),
		.messages = sqlite3_column_int64(row, 2),
	};

	g_array_append_val(histories->rows[HISTORY_SUBDOMAINS], subdomain);
}

static gboolean
read_subdomains(struct query_histories *histories, GError **error)
{
	return read_days(histories,
			 "SELECT n.text, f.first_day, f.messages FROM from_name f JOIN name n ON "
			 "n.id = f.name WHERE f.domain_id = ?1 AND f.first_day BETWEEN ?2 AND ?3",
			 histories->from, add_subdomain, error);
}

static gboolean
read_faults(struct query_histories *histories, GError **error)
{
	struct db *db = view_db(histories->view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT iif(c.text <> '', c.text, c.code), a.received_at / ?1, count(*) FROM cause "
		"c JOIN arrival a ON a.cause = c.id AND a.received_at >= ?2 * ?1 WHERE c.outcome = "
		"?3 GROUP BY c.id, 2",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", (gint64)DAY_S, histories_base(histories),
		(gint64)OUTCOME_QUARANTINED);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct history_fault fault = {
			.fault = histories_text(histories, db_peek_text(statement, 0)),
			.day = sqlite3_column_int64(statement, 1),
			.mails = sqlite3_column_int64(statement, 2),
		};
		g_array_append_val(histories->rows[HISTORY_FAULTS], fault);
	}
	return row == DB_DONE;
}

/* --- The whole --- */

/* Anybody can date a report 1970: such a day neither begins nor ends the time of learning. */
static gboolean
read_domain_first_day(struct query_histories *histories, GError **error)
{
	struct db *db = view_db(histories->view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT day FROM reporter_day WHERE domain_id = ? AND day >= ? ORDER BY day "
		"LIMIT 1",
		error);

	return statement &&
	       db_number(db, db_bind(statement, "ii", histories->domain, histories_base(histories)),
			 0, &histories->history.first_day, error);
}

static void
point_at_rows(struct query_histories *histories)
{
	struct history *history = &histories->history;

#define POINT(member, kind)                                           \
	history->member = (gconstpointer)histories->rows[kind]->data; \
	history->n_##member = histories->rows[kind]->len
	POINT(reports, HISTORY_REPORTS);
	POINT(other_reports, HISTORY_OTHER_REPORTS);
	POINT(classes, HISTORY_CLASSES);
	POINT(senders, HISTORY_SENDERS);
	POINT(sources, HISTORY_SOURCES);
	POINT(selectors, HISTORY_SELECTORS);
	POINT(subdomains, HISTORY_SUBDOMAINS);
	POINT(policies, HISTORY_POLICIES);
	POINT(faults, HISTORY_FAULTS);
#undef POINT
}

static gboolean
read_one_domain(struct query_histories *histories, GError **error)
{
	return read_classes(histories, error) && read_policies(histories, error) &&
	       read_subdomains(histories, error) && history_read_senders(histories, error) &&
	       history_read_sources(histories, error) && history_read_selectors(histories, error);
}

static gboolean
start_history(struct query_histories *histories, const char *domain, GError **error)
{
	for (gsize i = 0; i < N_HISTORY_ROWS; i++)
		g_array_set_size(histories->rows[i], 0);
	g_string_chunk_clear(histories->texts);
	if (!view_domain(histories->view, *domain ? domain : NULL, &histories->domain, error))
		return FALSE;
	histories->history = (struct history){
		.domain = histories_text(histories, domain),
		.today = histories->today,
		.from = histories->from,
		.back_days = histories->question.back_days,
	};
	return read_domain_first_day(histories, error) &&
	       history_read_own_reports(histories, error);
}

const struct history *
query_history_reports(struct query_histories *histories, const char *domain, GError **error)
{
	if (!start_history(histories, domain, error))
		return NULL;
	point_at_rows(histories);
	return &histories->history;
}

const struct history *
query_history(struct query_histories *histories, const char *domain, GError **error)
{
	if (!start_history(histories, domain, error) ||
	    !(*domain ? read_one_domain(histories, error) : read_faults(histories, error)))
		return NULL;
	point_at_rows(histories);
	return &histories->history;
}

gboolean
query_histories_are_whole(struct query_histories *histories, gboolean *ret_are_whole,
			  GError **error)
{
	struct db *db = view_db(histories->view);
	gint64 lags;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT EXISTS (SELECT 1 FROM pending) OR EXISTS (SELECT 1 FROM unsettled) OR "
		"EXISTS (SELECT 1 FROM unjudged) OR EXISTS (SELECT 1 FROM unjudged_domain) OR "
		"EXISTS (SELECT 1 FROM unjudged_sender)",
		error);

	if (!statement || !db_number(db, statement, 0, &lags, error))
		return FALSE;
	*ret_are_whole = lags == 0;
	return TRUE;
}

struct query_histories *
query_histories_new(struct store_view *view, const struct history_question *question,
		    GError **error)
{
	g_autoptr(query_histories_auto) histories = g_new0(struct query_histories, 1);

	histories->view = view;
	histories->question = *question;
	if (question->back_days == 0)
		histories->question.back_days = HISTORY_DAYS;
	histories->today = view_now(view) / DAY_S;
	histories->from = histories->today - question->days;
	histories->reporter_texts = g_string_chunk_new(CHUNK_SIZE);
	histories->texts = g_string_chunk_new(CHUNK_SIZE);
	histories->reporters = g_hash_table_new(NULL, NULL);
	histories->reports = g_array_new(FALSE, FALSE, sizeof(struct history_report));
	for (gsize i = 0; i < N_HISTORY_ROWS; i++)
		histories->rows[i] = g_array_new(FALSE, FALSE, row_sizes[i]);
	histories->is_open = db_do(view_db(view), "BEGIN", error);
	if (!histories->is_open ||
	    !history_read_reports(histories, HISTORY_ALL_DOMAINS, histories->reports, error))
		return NULL;
	return g_steal_pointer(&histories);
}

void
query_histories_free(struct query_histories *histories)
{
	if (!histories)
		return;
	for (gsize i = 0; i < N_HISTORY_ROWS; i++)
		g_array_unref(histories->rows[i]);
	g_array_unref(histories->reports);
	g_hash_table_unref(histories->reporters);
	g_string_chunk_free(histories->reporter_texts);
	g_string_chunk_free(histories->texts);
	if (histories->is_open)
		db_do(view_db(histories->view), "COMMIT", NULL);
	g_free(histories);
}
