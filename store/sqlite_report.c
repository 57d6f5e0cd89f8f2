/* SPDX-License-Identifier: MIT */
#include "store/sqlite_report.h"

#include "core/identity.h"
#include "store/policy_seen.h"
#include "store/sqlite_party.h"
#include "store/sqlite_record.h"
#include "store/sqlite_reporter.h"
#include "store/sqlite_translate.h"

#define DAY_S 86400

struct known {
	gint64 id; /* 0: new */
	gboolean has_same_content;
	gboolean is_revision; /* one that has the same content */
};

static gboolean
find_revision(struct db *db, struct known *known, const struct identity *identity, GError **error)
{
	gint64 is_there;
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT 1 FROM report WHERE revision_of = ? AND content = ?", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ib", known->id, identity->content, KEY_LEN);
	if (!db_number(db, statement, 0, &is_there, error))
		return FALSE;
	known->has_same_content = known->is_revision = is_there != 0;
	return TRUE;
}

static gboolean
find_known(struct db *db, const struct identity *identity, struct known *known, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db,
					     "SELECT id, content = ?2 FROM report "
					     "WHERE identity = ?1 AND revision_of IS NULL",
					     error);

	*known = (struct known){ 0 };
	if (!statement)
		return FALSE;
	db_bind(statement, "bb", identity->key, KEY_LEN, identity->content, KEY_LEN);
	enum db_row row = db_step(db, statement, error);
	if (row != DB_ROW)
		return row == DB_DONE;
	known->id = sqlite3_column_int64(statement, 0);
	known->has_same_content = sqlite3_column_int(statement, 1) != 0;
	sqlite3_reset(statement);
	return known->has_same_content || find_revision(db, known, identity, error);
}

/* The texts of a report that are kept as names, in the order of the columns. */
static void
list_names(const struct document *document, const char *names[], const char *errors)
{
	const struct report *r = &document->report;
	const struct policy *p = &r->policy;
	const char *const in_order[REPORT_NAMES] = {
		r->org_name, r->org_email, r->extra_contact_info,
		r->version,  r->xmlns,     r->generator,
		p->p,        p->sp,        p->np,
		p->adkim,    p->aspf,      p->fo,
		p->pct,      p->testing,   p->discovery_method,
		errors,
	};

	memcpy(names, in_order, sizeof(in_order));
}

static char *
join_errors(const struct report *report)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < report->errors->len; i++)
		g_string_append_printf(text, "%s%s", i ? "; " : "",
				       (const char *)g_ptr_array_index(report->errors, i));
	return g_string_free(text, FALSE);
}

static gboolean
bind_names(struct report_writer *writer, sqlite3_stmt *statement, int first,
	   const struct document *document, GError **error)
{
	g_autofree char *errors = join_errors(&document->report);
	const char *names[REPORT_NAMES];

	list_names(document, names, errors);
	for (int i = 0; i < REPORT_NAMES; i++) {
		guint32 id;
		if (!dictionary_text(writer->dictionaries, DICTIONARY_NAME, names[i], &id, error))
			return FALSE;
		sqlite3_bind_int64(statement, first + i, id);
	}
	return TRUE;
}

#define REPORT_SQL                                                                                 \
	"INSERT INTO report (revision_of, domain_id, reporter_id, day, begin_at, end_at, "         \
	"arrival_id, " DB_TOTALS                                                                   \
	", warnings, org_name, org_email, extra_contact_info, version, xmlns, generator, p, sp, "  \
	"np, adkim, aspf, fo, pct, testing, discovery_method, errors, report_id, part, identity, " \
	"content, left_out, party_id) VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "     \
	"?10, ?11, "                                                                               \
	"?12, ?13, "                                                                               \
	"?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, "    \
	"?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39)"

static gboolean
insert_report(struct report_writer *writer, const struct document *document,
	      const struct identity *identity, const struct report_row *row, gint64 *ret_id,
	      GError **error)
{
	const struct report *report = &document->report;
	sqlite3_stmt *statement = db_prepare(writer->db, REPORT_SQL, error);

	if (!statement || !bind_names(writer, statement, 18, document, error))
		return FALSE;
	db_bind(statement, "iiiiiii", row->revision_of, (gint64)row->domain, (gint64)row->reporter,
		row->day, report->begin_at, report->end_at, row->arrival);
	db_bind_totals(statement, 8, &row->totals);
	sqlite3_bind_int64(statement, 17, document->warnings->len);
	sqlite3_bind_text(statement, 34, report->report_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 35, document->part, -1, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 36, identity->key, KEY_LEN, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 37, identity->content, KEY_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 38, report->left_out);
	sqlite3_bind_int64(statement, 39, row->party);
	if (!db_run(writer->db, statement, error))
		return FALSE;
	*ret_id = sqlite3_last_insert_rowid(writer->db->handle);
	return TRUE;
}

static gboolean
insert_warnings(struct report_writer *writer, const struct document *document, gint64 id,
		GError **error)
{
	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *warning =
			&g_array_index(document->warnings, struct warning, i);
		guint32 code;
		sqlite3_stmt *statement = db_prepare(
			writer->db, "INSERT INTO report_warning VALUES (?, ?, ?, ?)", error);
		if (!statement || !dictionary_text(writer->dictionaries, DICTIONARY_NAME,
						   warning->code, &code, error))
			return FALSE;
		db_bind(statement, "iiit", id, (gint64)i + 1, (gint64)code, warning->text);
		if (!db_run(writer->db, statement, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
insert_raw(struct db *db, const struct document *document, gint64 id, GError **error)
{
	if (!document->raw)
		return TRUE;
	sqlite3_stmt *statement = db_prepare(db, "INSERT INTO report_raw VALUES (?, ?)", error);
	if (!statement)
		return FALSE;
	db_bind(statement, "ib", id, g_bytes_get_data(document->raw, NULL),
		(int)g_bytes_get_size(document->raw));
	return db_run(db, statement, error);
}

/* What is known of a domain from reports alone: when, how many, and the policy last seen. */
static gboolean
touch_domain(struct db *db, const struct report *report, const struct report_row *row,
	     GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO domain VALUES (?1, 1, ?2, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
		"reports = reports + 1, first_day = min(first_day, excluded.first_day), "
		"last_day = max(last_day, excluded.last_day), "
		"policy = iif(excluded.policy_seen_at >= policy_seen_at, excluded.policy, policy), "
		"policy_seen_at = max(policy_seen_at, excluded.policy_seen_at)",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiti", (gint64)row->domain, row->day, report->policy.p, report->end_at);
	return db_run(db, statement, error);
}

/* What is dated after its mail tells nothing of any day. */
static gboolean
touch_policy(struct db *db, const struct report *report, const struct report_row *row,
	     GError **error)
{
	struct seen_policy seen;
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO policy_seen VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT "
		"DO "
		"UPDATE SET first_day = min(first_day, ?8), last_day = max(last_day, ?8) WHERE ?8 "
		"NOT BETWEEN first_day AND last_day",
		error);

	if (!statement)
		return FALSE;
	if (!seen_policy_read(&seen, &report->policy) || row->day > row->received_at / DAY_S + 1)
		return TRUE;
	db_bind(statement, "i", (gint64)row->domain);
	for (int i = 0; i < N_SEEN_TAGS; i++)
		sqlite3_bind_text(statement, 2 + i, seen.tags[i], -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 8, row->day);
	return db_run(db, statement, error);
}

/* A report that is counted: everything that sums up. */
static gboolean
count_report(struct report_writer *writer, const struct document *document,
	     const struct report_row *row, gint64 id, const GArray *records, GError **error)
{
	const struct report *report = &document->report;
	const struct rollup_report rollup = {
		.id = id,
		.domain = row->domain,
		.party = row->party,
		.day = row->day,
		.begin_at = report->begin_at,
		.end_at = report->end_at,
	};

	return touch_domain(writer->db, report, row, error) &&
	       reporter_count(writer->dictionaries, document, row, error) &&
	       touch_policy(writer->db, report, row, error) &&
	       db_do(writer->db, "UPDATE state SET reports = reports + 1", error) &&
	       rollup_add(writer->rollup, &rollup, records, error);
}

static gboolean
find_party(struct report_writer *writer, const struct document *document, struct report_row *row,
	   GError **error)
{
	g_autofree char *reporter = g_utf8_casefold(report_reporter(&document->report), -1);
	const struct party_question question = {
		.reporter = row->reporter,
		.reporter_text = reporter,
		.carrier = &document->carrier,
		.received_at = row->received_at,
	};

	return party_of(writer->dictionaries, writer->judge, &question, &row->party, error);
}

static gboolean
insert_all(struct report_writer *writer, const struct document *document,
	   const struct identity *identity, struct report_row *row, gint64 *ret_id, GError **error)
{
	g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct stored_record));

	if (!translate_report(writer->dictionaries, writer->reader, &document->report, row, records,
			      error) ||
	    !find_party(writer, document, row, error) ||
	    !insert_report(writer, document, identity, row, ret_id, error) ||
	    !insert_warnings(writer, document, *ret_id, error) ||
	    !insert_raw(writer->db, document, *ret_id, error) ||
	    !records_write(writer->db, *ret_id, records, error))
		return FALSE;
	if (row->revision_of != 0)
		return db_do(writer->db, "UPDATE state SET revisions = revisions + 1", error);
	return count_report(writer, document, row, *ret_id, records, error);
}

/* --- A report that came before, by a mail that says more of who sent it --- */

/* The party that the report counts for, where nobody speaks for it yet; 0 where somebody does, or
 * where another process has it in memory. */
static gboolean
find_speechless(struct report_writer *writer, gint64 report, gint64 *ret_party, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(writer->db,
			   "SELECT p.id FROM report r JOIN party p ON p.id = r.party_id WHERE "
			   "r.id = ?1 AND p.voice = ?2 AND (?3 OR NOT EXISTS (SELECT 1 FROM "
			   "pending WHERE report_id = ?1))",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", report, (gint64)PACK_NO_NAME,
		(gint64)rollup_is_lagging(writer->rollup));
	return db_number(writer->db, statement, 0, ret_party, error);
}

static gboolean
move_report(struct report_writer *writer, gint64 report, gint64 from, const struct report_row *row,
	    GError **error)
{
	struct db *db = writer->db;
	sqlite3_stmt *move = db_prepare(db, "UPDATE report SET party_id = ? WHERE id = ?", error);
	sqlite3_stmt *count =
		db_prepare(db,
			   "UPDATE party SET reports = reports + iif(id = ?1, 1, -1) WHERE id "
			   "IN (?1, ?2)",
			   error);
	sqlite3_stmt *mark =
		db_prepare(db, "UPDATE reporter_sum SET is_due = 1 WHERE reporter_id = ?", error);

	return move && count && mark &&
	       db_run(db, db_bind(move, "ii", (gint64)row->party, report), error) &&
	       db_run(db, db_bind(count, "ii", (gint64)row->party, from), error) &&
	       db_run(db, db_bind(mark, "i", (gint64)row->reporter), error);
}

/*
 * The same report came by a mail that nobody vouches for before, say when no server was trusted
 * yet: from now on it counts as this mail's. Never the other way.
 */
static gboolean
speak_for(struct report_writer *writer, const struct document *document, struct report_row *row,
	  gint64 id, GError **error)
{
	const struct report *report = &document->report;
	const struct carrier *carrier = &document->carrier;
	gint64 party;

	if (!carrier->is_bare && carrier->authenticated != AUTHENTICATED_YES)
		return TRUE;
	if (!find_speechless(writer, id, &party, error))
		return FALSE;
	if (party == 0)
		return TRUE;
	g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct stored_record));
	if (!translate_report(writer->dictionaries, writer->reader, report, row, records, error) ||
	    !find_party(writer, document, row, error))
		return FALSE;
	const struct rollup_report from = {
		.id = id,
		.domain = row->domain,
		.party = (guint32)party,
		.day = row->day,
		.begin_at = report->begin_at,
		.end_at = report->end_at,
	};
	return move_report(writer, id, party, row, error) &&
	       rollup_move(writer->rollup, &from, row->party, records, error);
}

gboolean
report_write(struct report_writer *writer, const struct document *document,
	     const struct document_arrival *arrival, enum outcome *ret_outcome, gint64 *ret_report,
	     GError **error)
{
	struct identity identity = identity_of(document);
	struct report_row row = { .arrival = arrival->id, .received_at = arrival->received_at };
	struct known known;

	if (!find_known(writer->db, &identity, &known, error))
		return FALSE;
	*ret_report = known.id;
	if (known.has_same_content) {
		*ret_outcome = OUTCOME_DUPLICATE;
		return known.is_revision || speak_for(writer, document, &row, known.id, error);
	}
	row.revision_of = known.id;
	*ret_outcome = known.id ? OUTCOME_REVISION : OUTCOME_STORED;
	return insert_all(writer, document, &identity, &row, ret_report, error);
}
