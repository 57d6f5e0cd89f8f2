/* SPDX-License-Identifier: MIT */
#include "store/sqlite_settle.h"

#include "core/document.h"
#include "store/sqlite_bulk.h"
#include "store/sqlite_context.h"
#include "store/sqlite_guard.h"
#include "store/sqlite_last_day.h"
#include "store/sqlite_party.h"
#include "store/sqlite_place.h"
#include "store/sqlite_reporter.h"
#include "store/sqlite_rules.h"
#include "store/sqlite_signature.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_source_sums.h"

#define DAY_S 86400

/* An address and its sources, before and after. */
struct address {
	guint32 id;
	enum reach reach;
	gboolean has_days; /* days are read, which judging alone does not need */
	GArray *old_rows;  /* struct source_row, by domain */
	GArray *new_rows;
	GArray *facts; /* struct facts, of the rows that were judged, in their order */
	struct source_days *days;
};

struct settling {
	struct db *db;
	const struct store_judge *judge;
	struct dictionaries *dictionaries;
	gint64 last_day;
	gboolean has_samples; /* failure reports are stored */
	gboolean has_places;  /* places are known, or were before */
	gint64 last_address;  /* with sources, before */
	struct contexts *contexts;
	struct signatures *signatures;
	struct source_sums *sums;
	struct address address;
};

static const struct source_row *
find_row(const GArray *rows, guint32 domain)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		if (row->domain == domain)
			return row;
	}
	return NULL;
}

static void
start_address(struct settling *s, guint32 id, enum reach reach)
{
	struct address *address = &s->address;

	address->id = id;
	address->reach = reach;
	address->has_days = FALSE;
	source_rows_clear(address->old_rows);
	source_rows_clear(address->new_rows);
	g_array_set_size(address->facts, 0);
	source_days_clear(address->days);
}

/* --- Made anew --- */

/* What the other sources of the address tell of each. */
static void
fill_address_facts(GArray *rows)
{
	gint64 passes = 0;
	guint n_failing = 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		passes = count_add(passes, row->body.totals[WINDOW_ALL].pass);
		n_failing += figures_fail(&row->facts.figures[SIDE_COUNTED]) > 0;
	}
	for (guint i = 0; i < rows->len; i++) {
		struct source_row *row = &g_array_index(rows, struct source_row, i);
		row->facts.ever_passed = passes;
		row->facts.is_multi = passes == 0 && n_failing > 1;
	}
}

/* Failure reports of the address whose mail was authenticated and whose reporter is counted. */
static gboolean
fill_samples(struct settling *s, struct source_row *row, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		s->db,
		"SELECT count(*) FROM document d JOIN document_domain o ON o.document_id = d.id "
		"AND "
		"o.domain_id = ?2 WHERE d.address_id = ?1 AND d.kind = ?3 AND d.authenticated = ?4 "
		"AND EXISTS (SELECT 1 FROM party p WHERE p.auth_domain = d.auth_domain AND "
		"p.authenticated = ?4 AND p.counted <> 0)",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiii", (gint64)s->address.id, (gint64)row->domain,
		(gint64)DOCUMENT_FAILURE, (gint64)AUTHENTICATED_YES);
	return db_number(s->db, statement, 0, &row->facts.ruf_samples, error);
}

static gboolean
judge_row(struct settling *s, const struct source_row *row, struct verdict *verdict, GError **error)
{
	struct facts facts;

	if (!contexts_judge(s->contexts, s->address.id, row, &facts, verdict, error))
		return FALSE;
	g_array_append_val(s->address.facts, facts);
	return TRUE;
}

static gboolean
move_passes(struct settling *s, const struct source_row *row, int sign, GError **error)
{
	source_sums_passes(s->sums, row, sign);
	return contexts_move_passes(s->contexts, row, sign, error);
}

static gboolean
find_sender(struct settling *s, struct source_row *row, GError **error)
{
	const struct sender_search search = { s->dictionaries, s->address.id, row };

	return (!s->has_samples || fill_samples(s, row, error)) &&
	       contexts_sender(s->contexts, &search, &row->sender, error) &&
	       move_passes(s, row, 1, error);
}

static gboolean
finish_row(struct settling *s, struct source_row *row, GError **error)
{
	const struct source_row *old = find_row(s->address.old_rows, row->domain);
	enum class before = old ? old->verdict.class : CLASS_NONE;

	if (!judge_row(s, row, &row->verdict, error) ||
	    !signatures_move(s->signatures, s->address.id, old, row, error))
		return FALSE;
	source_sums_days(s->sums, row->domain, s->address.days, before, row->verdict.class);
	return source_sums_alignment(s->sums, s->db, s->address.id, row, 1, error);
}

/* What keeps each off the takedown list; all of them have verdicts. */
static void
guard_rows(struct settling *s, GArray *rows)
{
	const struct guarded_address address = { s->address.id, s->address.reach, s->last_day };

	guards_settle(s->judge, &address, rows, (gconstpointer)s->address.facts->data);
}

static gboolean
write_rows(struct settling *s, const GArray *rows, GError **error)
{
	for (guint i = 0; i < rows->len; i++)
		if (!source_row_write(s->db, s->address.id,
				      &g_array_index(rows, struct source_row, i), error))
			return FALSE;
	return TRUE;
}

static gboolean
fill_place(struct settling *s, GError **error)
{
	if (!s->has_places)
		return TRUE;
	const struct host_facts *host = contexts_host(s->contexts, s->address.id, error);
	if (!host || !place_settle(s->dictionaries, s->judge, s->address.id, &host->ip, error))
		return FALSE;
	if (s->judge->know_place)
		contexts_forget_host(s->contexts);
	return TRUE;
}

/* What the old rows had summed up goes; windows apart. */
static gboolean
take_old_rows(struct settling *s, GError **error)
{
	const GArray *rows = s->address.old_rows;

	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		if (!move_passes(s, row, -1, error) ||
		    !source_sums_alignment(s->sums, s->db, s->address.id, row, -1, error))
			return FALSE;
	}
	return TRUE;
}

/* All senders come first: what one source of the address passes, the others are judged by. */
static gboolean
finish_rows(struct settling *s, GArray *rows, GError **error)
{
	for (guint i = 0; i < rows->len; i++)
		if (!find_sender(s, &g_array_index(rows, struct source_row, i), error))
			return FALSE;
	for (guint i = 0; i < rows->len; i++)
		if (!finish_row(s, &g_array_index(rows, struct source_row, i), error))
			return FALSE;
	return TRUE;
}

static gboolean
settle_address(struct settling *s, guint32 id, enum reach reach, GError **error)
{
	struct address *address = &s->address;

	start_address(s, id, reach);
	if (!fill_place(s, error) ||
	    (id <= s->last_address && !source_rows_read(s->db, id, address->old_rows, error)) ||
	    !source_days_read(s->db, id, address->days, error) ||
	    !source_rows_make(s->db, address->days, s->last_day, address->new_rows, error))
		return FALSE;
	fill_address_facts(address->new_rows);
	if (!take_old_rows(s, error) || !finish_rows(s, address->new_rows, error))
		return FALSE;
	guard_rows(s, address->new_rows);
	if (!write_rows(s, address->new_rows, error))
		return FALSE;
	source_sums_windows(s->sums, id, reach, address->old_rows, -1);
	source_sums_windows(s->sums, id, reach, address->new_rows, 1);
	return TRUE;
}

/* --- Judged again --- */

static gboolean
is_same_verdict(const struct verdict *one, const struct verdict *other)
{
	return one->class == other->class && one->rule == other->rule &&
	       one->score == other->score && one->unruled_class == other->unruled_class &&
	       one->unruled_rule == other->unruled_rule && one->is_ignored == other->is_ignored &&
	       one->user_rule == other->user_rule;
}

/* What is summed by class, but for windows: those count addresses, too. */
static gboolean
move_sums(struct settling *s, const struct source_row *row, enum class to, GError **error)
{
	struct address *address = &s->address;
	struct source_row moved = *row;

	if (row->verdict.class == to)
		return TRUE;
	moved.verdict.class = to;
	if (!source_sums_alignment(s->sums, s->db, address->id, row, -1, error) ||
	    !source_sums_alignment(s->sums, s->db, address->id, &moved, 1, error))
		return FALSE;
	if (!address->has_days && !source_days_read(s->db, address->id, address->days, error))
		return FALSE;
	address->has_days = TRUE;
	source_sums_days(s->sums, row->domain, address->days, row->verdict.class, to);
	return TRUE;
}

static gboolean
judge_rows(struct settling *s, GArray *rows, struct verdict *verdicts, GError **error)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		if (!judge_row(s, row, &verdicts[i], error) ||
		    !move_sums(s, row, verdicts[i].class, error))
			return FALSE;
	}
	return TRUE;
}

/* Verdict and guard of the rows, where one of them is another than before. */
struct judged {
	struct verdict verdict;
	guint8 guard;
};

static gboolean
write_judged(struct settling *s, const GArray *rows, const struct judged *before, GError **error)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		if (is_same_verdict(&row->verdict, &before[i].verdict) &&
		    row->guard == before[i].guard)
			continue;
		if (!source_row_write_verdict(s->db, s->address.id, row, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
judge_address(struct settling *s, guint32 id, enum reach reach, GError **error)
{
	GArray *rows = s->address.old_rows;

	start_address(s, id, reach);
	if (!source_rows_read(s->db, id, rows, error))
		return FALSE;
	g_autofree struct verdict *verdicts = g_new(struct verdict, MAX(rows->len, 1));
	g_autofree struct judged *before = g_new0(struct judged, MAX(rows->len, 1));
	if (!judge_rows(s, rows, verdicts, error))
		return FALSE;
	source_sums_windows(s->sums, id, reach, rows, -1);
	for (guint i = 0; i < rows->len; i++) {
		struct source_row *row = &g_array_index(rows, struct source_row, i);
		before[i] = (struct judged){ row->verdict, row->guard };
		row->verdict = verdicts[i];
	}
	guard_rows(s, rows);
	if (!write_judged(s, rows, before, error))
		return FALSE;
	source_sums_windows(s->sums, id, reach, rows, 1);
	return TRUE;
}

/* --- All that is marked --- */

static gboolean
walk_marked(struct settling *s, sqlite3_stmt *marked,
	    gboolean (*each)(struct settling *s, guint32 id, enum reach reach, GError **error),
	    GError **error)
{
	enum db_row row;

	if (!marked)
		return FALSE;
	while ((row = db_step(s->db, marked, error)) == DB_ROW) {
		guint32 id = (guint32)sqlite3_column_int64(marked, 0);
		enum reach reach = (enum reach)sqlite3_column_int(marked, 1);
		if (!each(s, id, reach, error)) {
			sqlite3_reset(marked);
			return FALSE;
		}
	}
	return row == DB_DONE;
}

static gboolean
settle_unsettled(struct settling *s, GError **error)
{
	sqlite3_stmt *marked = db_prepare(s->db,
					  "SELECT u.address_id, a.reach FROM unsettled u JOIN "
					  "address a ON a.id = u.address_id "
					  "ORDER BY u.address_id",
					  error);

	return walk_marked(s, marked, settle_address, error) &&
	       contexts_mark_misjudged(s->contexts, error) &&
	       source_sums_write(s->sums, s->db, s->judge, s->last_address > 0, error) &&
	       signatures_settle(s->signatures, error) &&
	       db_do(s->db, "DELETE FROM unsettled", error);
}

/* Whole domains and senders, as their addresses. */
static gboolean
spread_marks(struct settling *s, GError **error)
{
	static const char *const steps[] = {
		/* By the indexes, and while a bulk load has none in one walk. */
		"INSERT INTO unjudged SELECT address_id FROM source WHERE domain_id IN (SELECT "
		"domain_id FROM unjudged_domain) AND n_all > 0 ON CONFLICT DO NOTHING",
		"INSERT INTO unjudged SELECT address_id FROM source WHERE sender IN (SELECT sender "
		"FROM unjudged_sender) AND sender > 1 ON CONFLICT DO NOTHING",
		"DELETE FROM unjudged_domain",
		"DELETE FROM unjudged_sender",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
		if (!db_do(s->db, steps[i], error))
			return FALSE;
	return TRUE;
}

/* What others became may change what a source is; what it is changes nothing for others. */
static gboolean
judge_unjudged(struct settling *s, GError **error)
{
	sqlite3_stmt *marked = db_prepare(s->db,
					  "SELECT u.address_id, a.reach FROM unjudged u JOIN "
					  "address a ON a.id = u.address_id "
					  "ORDER BY u.address_id",
					  error);

	contexts_forget(s->contexts);
	return spread_marks(s, error) && walk_marked(s, marked, judge_address, error) &&
	       source_sums_write(s->sums, s->db, s->judge, TRUE, error) &&
	       db_do(s->db, "DELETE FROM unjudged", error);
}

static gboolean
settle_marked(gpointer data, GError **error)
{
	struct settling *s = data;

	return settle_unsettled(s, error) && judge_unjudged(s, error);
}

gboolean
settle_mark(struct db *db, guint32 address, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db, "INSERT INTO unsettled VALUES (?) ON CONFLICT DO NOTHING", error);

	return statement && db_run(db, db_bind(statement, "i", (gint64)address), error);
}

gboolean
settle_is_due(struct db *db, gint64 today, gboolean *ret_is_due, GError **error)
{
	gint64 is;
	gint64 should_be;
	gint64 marked;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT EXISTS (SELECT 1 FROM unsettled) OR EXISTS (SELECT 1 FROM unjudged) OR "
		"EXISTS (SELECT 1 FROM voice WHERE is_heard) OR "
		"EXISTS (SELECT 1 FROM reporter_sum WHERE is_due) OR "
		"EXISTS (SELECT 1 FROM unjudged_domain) OR EXISTS (SELECT 1 FROM unjudged_sender) "
		"OR "
		"EXISTS (SELECT 1 FROM user_rule WHERE ended_at = 0 AND expires_at BETWEEN 1 AND "
		"?)",
		error);

	if (!statement ||
	    !db_number(db, db_bind(statement, "i", today * DAY_S), 0, &marked, error) ||
	    !last_days_read(db, today, &is, &should_be, error))
		return FALSE;
	*ret_is_due = marked != 0 || should_be != is;
	return TRUE;
}

/* What most stores have not need not be looked for with every source. */
static gboolean
read_extent(struct settling *s, GError **error)
{
	gint64 samples;
	gint64 places;
	sqlite3_stmt *has_samples =
		db_prepare(s->db, "SELECT EXISTS (SELECT 1 FROM document WHERE kind = ?)", error);
	sqlite3_stmt *has_places =
		db_prepare(s->db, "SELECT EXISTS (SELECT 1 FROM address_place)", error);

	if (!has_samples || !has_places ||
	    !db_number(s->db, db_bind(has_samples, "i", (gint64)DOCUMENT_FAILURE), 0, &samples,
		       error) ||
	    !db_number(s->db, has_places, 0, &places, error))
		return FALSE;
	s->has_samples = samples != 0;
	s->has_places = places != 0 || s->judge->know_place;
	return source_last_address(s->db, &s->last_address, error);
}

static gboolean
run(struct settling *s, gint64 today, GError **error)
{
	return read_extent(s, error) && parties_settle(s->db, s->judge, error) &&
	       rules_expire(s->db, today * DAY_S, error) &&
	       last_day_move(s->db, today, &s->last_day, error) &&
	       bulk_run(s->db, settle_marked, s, error) &&
	       reporters_settle(s->db, s->last_day, error);
}

gboolean
settle_all(struct dictionaries *dictionaries, const struct store_judge *judge, gint64 today,
	   GError **error)
{
	struct db *db = dictionaries_db(dictionaries);
	g_autoptr(contexts_auto) contexts = contexts_new(db, judge, today * DAY_S);
	g_autoptr(signatures_auto) signatures = signatures_new(db, contexts);
	g_autoptr(source_sums_auto) sums = source_sums_new();
	struct settling s = {
		.db = db,
		.judge = judge,
		.dictionaries = dictionaries,
		.contexts = contexts,
		.signatures = signatures,
		.sums = sums,
		.address.old_rows = source_rows_new(),
		.address.new_rows = source_rows_new(),
		.address.facts = g_array_new(FALSE, FALSE, sizeof(struct facts)),
		.address.days = source_days_new(),
	};

	gboolean is_settled = run(&s, today, error);
	g_array_unref(s.address.old_rows);
	g_array_unref(s.address.new_rows);
	g_array_unref(s.address.facts);
	source_days_free(s.address.days);
	return is_settled;
}
