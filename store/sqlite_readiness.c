/* SPDX-License-Identifier: MIT */
/* Is a domain ready for another policy? */
#include "store/query_readiness.h"

#include "core/report.h"
#include "store/policy_seen.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_view.h"
#include "store/tally.h"

#define WINDOW_DAYS 30

/* Whatever the question. */
#define SUMS                                                                                 \
	"SELECT class, sender, messages, fail, explained, broken, esp, tmp, tally, ip FROM " \
	"alignment_sum LEFT JOIN address ON id = -sender "

static void
sender_free(gpointer data)
{
	struct readiness_sender_sum *sender = data;

	g_free(sender->sender);
	g_clear_pointer(&sender->counts, g_array_unref);
	g_free(sender);
}

static void
policy_free(struct query_policy *policy)
{
	if (!policy)
		return;
	g_free(policy->p);
	g_free(policy->sp);
	g_free(policy->np);
	g_free(policy->adkim);
	g_free(policy->aspf);
	g_free(policy->t);
	g_free(policy);
}

void
query_readiness_free(struct query_readiness *readiness)
{
	if (!readiness)
		return;
	for (enum class c = CLASS_NONE; c < N_CLASSES; c++)
		g_array_unref(readiness->counts[c]);
	g_ptr_array_unref(readiness->senders);
	policy_free(readiness->policy);
	g_free(readiness->domain);
	g_free(readiness);
}

static GArray *
counts_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct alignment_count));
}

static struct query_readiness *
readiness_new(const char *domain)
{
	struct query_readiness *readiness = g_new0(struct query_readiness, 1);

	readiness->domain = g_strdup(domain);
	readiness->window_days = WINDOW_DAYS;
	readiness->senders = g_ptr_array_new_with_free_func(sender_free);
	for (enum class c = CLASS_NONE; c < N_CLASSES; c++)
		readiness->counts[c] = counts_new();
	return readiness;
}

/* --- Sums --- */

static void
add_count(GArray *counts, guint32 bits, gint64 messages)
{
	const struct alignment_count count = { bits, messages };

	if (messages > 0)
		g_array_append_val(counts, count);
}

/* What is in no way aligned is not in the tally: it is the rest. Where periods of several days
 * were cut it may be less than nothing. */
static gboolean
read_counts(struct db *db, sqlite3_stmt *statement, GArray *counts, GError **error)
{
	g_autoptr(GArray) tally = tally_new();
	gint64 rest = sqlite3_column_int64(statement, 2);

	if (!tally_unpack(tally, sqlite3_column_blob(statement, 8),
			  (gsize)sqlite3_column_bytes(statement, 8)))
		return db_fail_damaged(db, "alignment_sum of sender",
				       sqlite3_column_int64(statement, 1), error);
	for (guint i = 0; i < tally->len; i++)
		rest -= g_array_index(tally, struct tally_item, i).n;
	add_count(counts, 0, rest);
	for (guint i = 0; i < tally->len; i++) {
		const struct tally_item *item = &g_array_index(tally, struct tally_item, i);
		if (tally_key(item) < N_ALIGNMENTS)
			add_count(counts, tally_key(item), item->n);
	}
	return TRUE;
}

static gboolean
read_classes(struct db *db, gint64 domain, struct query_readiness *readiness, GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, SUMS "WHERE domain_id = ? AND sender = 0", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "i", domain);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		guint class = (guint)sqlite3_column_int64(statement, 0);
		readiness->messages =
			count_add(readiness->messages, sqlite3_column_int64(statement, 2));
		if (class < N_CLASSES &&
		    !read_counts(db, statement, readiness->counts[class], error)) {
			sqlite3_reset(statement);
			return FALSE;
		}
	}
	return row == DB_DONE;
}

static gboolean
read_sender(struct store_view *view, struct db *db, sqlite3_stmt *statement,
	    struct readiness_sender_sum *sender, GError **error)
{
	gint64 id = sqlite3_column_int64(statement, 1);
	gint64 messages = sqlite3_column_int64(statement, 2);

	sender->class = (enum class)sqlite3_column_int64(statement, 0);
	sender->figures = (struct figures){
		.messages = messages,
		.pass = messages - sqlite3_column_int64(statement, 3),
		.orgmta = sqlite3_column_int64(statement, 4),
		.ownsig = sqlite3_column_int64(statement, 5),
		.esp = sqlite3_column_int64(statement, 6),
		.tmp = sqlite3_column_int64(statement, 7),
	};
	sender->sender = id > 0 ? view_name(view, id) : g_strdup("");
	if (sqlite3_column_bytes(statement, 9) == (int)sizeof(sender->ip))
		memcpy(&sender->ip, sqlite3_column_blob(statement, 9), sizeof(sender->ip));
	return read_counts(db, statement, sender->counts, error);
}

static gboolean
read_senders(struct store_view *view, gint64 domain, const struct readiness_question *question,
	     struct query_readiness *readiness, GError **error)
{
	static const char *const sql[] = {
		[SENDER_ORDER_FAIL] = SUMS
		"WHERE domain_id = ? AND sender <> 0 AND fail > 0 ORDER BY fail DESC LIMIT ?",
		[SENDER_ORDER_LOOSE] = SUMS
		"WHERE domain_id = ? AND sender <> 0 AND loose > 0 ORDER BY loose DESC LIMIT ?",
	};
	struct db *db = view_db(view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, sql[question->order], error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", domain, (gint64)question->senders);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct readiness_sender_sum *sender = g_new0(struct readiness_sender_sum, 1);
		sender->counts = counts_new();
		g_ptr_array_add(readiness->senders, sender);
		if (!read_sender(view, db, statement, sender, error)) {
			sqlite3_reset(statement);
			return FALSE;
		}
	}
	return row == DB_DONE;
}

/* --- The rest --- */

/* From one day to the next that has reports, however many reporters each has. */
static const char days_sql[] =
	"WITH RECURSIVE d (day) AS (SELECT min(day) FROM reporter_day WHERE domain_id = ?1 AND day "
	"BETWEEN ?2 AND ?3 UNION ALL SELECT (SELECT min(day) FROM reporter_day WHERE domain_id = "
	"?1 AND day > d.day AND day <= ?3) FROM d WHERE d.day IS NOT NULL) SELECT count(day) FROM "
	"d";

static gboolean
read_data(struct db *db, gint64 domain, guint count_max, struct query_readiness *readiness,
	  GError **error)
{
	gint64 first_day = readiness->last_day - WINDOW_DAYS + 1;
	sqlite3_stmt *days = db_prepare(db, days_sql, error);
	sqlite3_stmt *reporters = db_prepare(
		db,
		"SELECT count(*) FROM (SELECT DISTINCT reporter_id FROM reporter_day WHERE "
		"domain_id = ? AND day BETWEEN ? AND ? LIMIT ?)",
		error);

	if (!days || !reporters)
		return FALSE;
	db_bind(days, "iii", domain, first_day, readiness->last_day);
	db_bind(reporters, "iiii", domain, first_day, readiness->last_day, (gint64)count_max);
	return db_number(db, days, 0, &readiness->days, error) &&
	       db_number(db, reporters, 0, &readiness->reporters, error);
}

/* Rank after rank in one statement, since within a rank the index has the largest last. */
static gboolean
count_large(struct store_view *view, gint64 domain, const struct readiness_question *question,
	    struct query_readiness *readiness, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"WITH RECURSIVE r (rank) AS (SELECT (SELECT rank FROM source WHERE domain_id = ?1 "
		"AND rank BETWEEN ?2 AND ?3 AND n_30d > 0 ORDER BY rank DESC LIMIT 1) UNION ALL "
		"SELECT (SELECT s.rank FROM source s WHERE s.domain_id = ?1 AND s.rank >= ?2 AND "
		"s.rank < r.rank AND s.n_30d > 0 ORDER BY s.rank DESC LIMIT 1) FROM r WHERE "
		"r.rank IS NOT NULL) SELECT count(*) FROM (SELECT 1 FROM r CROSS JOIN source s "
		"WHERE s.domain_id = ?1 AND s.rank = r.rank AND s.n_30d > 0 AND s.n_30d >= ?4 AND "
		"s.address_id <> 0 LIMIT ?5)",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiii", domain, SOURCE_RANK(CLASS_REVIEW, 0),
		SOURCE_RANK(CLASS_REVIEW, SOURCE_SCORE_MAX), question->review_messages,
		(gint64)question->count_max);
	return db_number(db, statement, 0, &readiness->review_large, error);
}

static gboolean
read_reviews(struct store_view *view, gint64 domain, const struct readiness_question *question,
	     struct query_readiness *readiness, GError **error)
{
	struct db *db = view_db(view);
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT total(sources) FROM class_window WHERE domain_id = ? AND window = ? AND "
		"class = ?",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", domain, (gint64)WINDOW_30D, (gint64)CLASS_REVIEW);
	return db_number(db, statement, 0, &readiness->review_sources, error) &&
	       count_large(view, domain, question, readiness, error);
}

static struct query_policy *
policy_new(const struct seen_present *present, gint64 last_day)
{
	const struct seen_policy *seen = &present->policy;
	struct query_policy *policy = g_new(struct query_policy, 1);

	*policy = (struct query_policy){
		.p = g_strdup(seen->tags[SEEN_P]),
		.sp = g_strdup(seen->tags[SEEN_SP]),
		.np = g_strdup(seen->tags[SEEN_NP]),
		.adkim = g_strdup(seen->tags[SEEN_ADKIM]),
		.aspf = g_strdup(seen->tags[SEEN_ASPF]),
		.t = g_strdup(seen->tags[SEEN_T]),
		.last_day = MIN(seen->last_day, last_day),
		.since = MIN(present->since, last_day),
		.is_change = present->is_change,
	};
	return policy;
}

static gboolean
read_policy(struct db *db, gint64 domain, struct query_readiness *readiness, GError **error)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct seen_policy));
	struct seen_present present;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT p, sp, np, adkim, aspf, t, first_day, last_day FROM "
			   "policy_seen WHERE domain_id = ? AND first_day <= ?",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", domain, readiness->last_day);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct seen_policy seen = {
			.first_day = sqlite3_column_int64(statement, N_SEEN_TAGS),
			.last_day = sqlite3_column_int64(statement, N_SEEN_TAGS + 1),
		};
		for (int i = 0; i < N_SEEN_TAGS; i++)
			seen.tags[i] =
				seen_policy_word((enum seen_tag)i, db_peek_text(statement, i));
		g_array_append_val(list, seen);
	}
	if (seen_policy_present(list, &present))
		readiness->policy = policy_new(&present, readiness->last_day);
	return row == DB_DONE;
}

struct query_readiness *
query_readiness(struct store_view *view, const struct readiness_question *question, GError **error)
{
	g_autoptr(query_readiness_auto) readiness = readiness_new(question->domain);
	gint64 domain;

	if (!view_domain(view, question->domain, &domain, error) || domain <= 0 ||
	    !view_last_day(view, &readiness->last_day, error) ||
	    !read_classes(view_db(view), domain, readiness, error) ||
	    !read_senders(view, domain, question, readiness, error) ||
	    !read_data(view_db(view), domain, question->count_max, readiness, error) ||
	    !read_reviews(view, domain, question, readiness, error) ||
	    !read_policy(view_db(view), domain, readiness, error))
		return NULL;
	return g_steal_pointer(&readiness);
}
