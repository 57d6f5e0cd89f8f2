/* SPDX-License-Identifier: MIT */
#include "tests/support/store_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "app/judging.h"

#define NOON 43200

static void
open_store(struct store_place *place)
{
	const struct store_options options = { .judge = judging_default(),
					       .now = place->today * DAY_S + NOON };
	g_autoptr(GError) error = NULL;

	place->store = store_open(place->url, &options, &error);
	if (!place->store)
		fail_msg("%s", error->message);
}

int
store_place_open(void **state)
{
	struct store_place *place = g_new0(struct store_place, 1);

	place->folder = g_dir_make_tmp("dmarcd-store-XXXXXX", NULL);
	place->path = g_build_filename(place->folder, "dmarcd.db", NULL);
	place->url = g_strconcat("sqlite:", place->path, NULL);
	place->today = PLACE_TODAY;
	open_store(place);
	*state = place;
	return 0;
}

void
store_place_shut(struct store_place *place)
{
	g_clear_pointer(&place->view, store_view_close);
	g_clear_pointer(&place->store, store_close);
}

void
store_place_reopen(struct store_place *place, gint64 today)
{
	store_place_shut(place);
	if (today)
		place->today = today;
	open_store(place);
}

static void
remove_folder(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_remove(path);
	}
	if (dir)
		g_dir_close(dir);
	g_rmdir(folder);
}

int
store_place_close(void **state)
{
	struct store_place *place = *state;

	store_place_shut(place);
	remove_folder(place->folder);
	g_free(place->folder);
	g_free(place->path);
	g_free(place->url);
	g_free(place);
	return 0;
}

struct store_view *
store_place_view(struct store_place *place)
{
	g_autoptr(GError) error = NULL;

	if (!place->view)
		place->view = store_view_open(place->store, &error);
	if (!place->view)
		fail_msg("%s", error->message);
	return place->view;
}

static void
count_outcome(gpointer cookie, enum outcome outcome, const char *reason)
{
	struct outcomes *outcomes = cookie;

	(void)reason;
	g_atomic_int_inc(&outcomes->of[outcome]);
}

static struct message *
make_message(struct store_place *place, const char *bytes, struct outcomes *outcomes)
{
	g_autoptr(GBytes) raw = g_bytes_new(bytes, strlen(bytes));
	struct message *message =
		message_new(raw, "drop", "maildir:/drop/new/1", count_outcome, outcomes);

	message->received_at = place->today * DAY_S + NOON;
	return message;
}

static void
send(struct store_place *place, struct parsed *parsed, const char *bytes, const char *reason,
     struct outcomes *outcomes)
{
	store_submit(place->store, make_message(place, bytes, outcomes), parsed, reason);
}

void
store_place_send(struct store_place *place, struct document *document, struct outcomes *outcomes)
{
	struct parsed *parsed = parsed_new();

	g_ptr_array_add(parsed->documents, document);
	send(place, parsed, "a mail", NULL, outcomes);
}

void
store_place_flush(struct store_place *place)
{
	g_autoptr(GError) error = NULL;

	if (!store_flush(place->store, &error))
		fail_msg("%s", error->message);
}

static enum outcome
wait_for_outcome(struct store_place *place, const struct outcomes *outcomes)
{
	store_place_flush(place);
	assert_int_equal(store_in_flight(place->store), 0);
	for (enum outcome outcome = OUTCOME_RETRY; outcome < N_OUTCOMES; outcome++)
		if (outcomes->of[outcome] == 1)
			return outcome;
	fail_msg("the mail was not answered exactly once");
	return OUTCOME_RETRY;
}

enum outcome
store_place_submit_parsed(struct store_place *place, struct parsed *parsed, const char *bytes,
			  const char *reason)
{
	struct outcomes outcomes = { { 0 } };

	send(place, parsed, bytes, reason, &outcomes);
	return wait_for_outcome(place, &outcomes);
}

enum outcome
store_place_submit_kept(struct store_place *place, gint64 kept, struct parsed *parsed)
{
	struct outcomes outcomes = { { 0 } };

	store_submit_kept(place->store, kept, make_message(place, "again", &outcomes), parsed,
			  NULL);
	return wait_for_outcome(place, &outcomes);
}

enum outcome
store_place_submit(struct store_place *place, struct document *document)
{
	struct parsed *parsed = parsed_new();

	g_ptr_array_add(parsed->documents, document);
	return store_place_submit_parsed(place, parsed, "a mail", NULL);
}

/* --- The file from outside --- */

static sqlite3 *
open_file(const struct store_place *place)
{
	sqlite3 *db;

	if (sqlite3_open_v2(place->path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	return db;
}

static sqlite3_stmt *
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return statement;
}

gint64
store_place_number(struct store_place *place, const char *sql)
{
	sqlite3 *db = open_file(place);
	sqlite3_stmt *statement = ask(db, sql);

	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	gint64 number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return number;
}

#define SUMS(t)                                                                                   \
	"sum(" t ".messages), sum(" t ".pass), sum(" t ".dkim_pass), sum(" t ".spf_pass), "       \
	"sum(" t ".quarantined), sum(" t ".rejected), sum(" t ".forwarded), sum(" t ".explained)" \
	", sum(" t ".records)"
#define COLUMNS(t)                                                                        \
	t ".messages, " t ".pass, " t ".dkim_pass, " t ".spf_pass, " t ".quarantined, " t \
	  ".rejected, " t ".forwarded, " t ".explained, " t ".records"

/* Each pair must give the same rows. */
static const struct {
	const char *name;
	const char *rollup;
	const char *truth;
} pairs[] = {
	{ "source_day is the sum of the reports",
	  "SELECT domain_id, " SUMS("d") " FROM source_day d GROUP BY domain_id",
	  "SELECT domain_id, " SUMS("r") " FROM report r WHERE revision_of IS NULL AND records > 0 "
					 "GROUP BY domain_id" },
	{ "domain_day is the sum of source_day by the class of the source",
	  "SELECT domain_id, day, class, " COLUMNS(
		  "d") " FROM domain_day d WHERE domain_id > 0 AND "
		       "(messages <> 0 OR records <> 0)",
	  "SELECT domain_id, day, class, " SUMS(
		  "d") " FROM source_day d JOIN source s USING "
		       "(address_id, domain_id) GROUP BY domain_id, day, class" },
	{ "domain_day of all domains",
	  "SELECT day, class, " COLUMNS("d") " FROM domain_day d WHERE domain_id = 0 AND "
					     "(messages <> 0 OR records <> 0)",
	  "SELECT day, class, " SUMS("d") " FROM source_day d JOIN source s USING "
					  "(address_id, domain_id) GROUP BY day, class" },
	{ "source: messages of the windows",
	  "SELECT address_id, domain_id, n_7d, n_30d, n_90d, n_all FROM source",
	  "SELECT address_id, domain_id, sum(iif(age BETWEEN 0 AND 6, messages, 0)), "
	  "sum(iif(age BETWEEN 0 AND 29, messages, 0)), sum(iif(age BETWEEN 0 AND 89, messages, "
	  "0)), "
	  "sum(messages) FROM (SELECT d.*, (SELECT last_day FROM state) - day AS age FROM "
	  "source_day d) GROUP BY address_id, domain_id" },
	{ "source: days and reporters",
	  "SELECT address_id, domain_id, first_day, last_day, reporters FROM source",
	  "SELECT address_id, domain_id, min(day), max(day), count(DISTINCT reporter_id) FROM "
	  "source_day JOIN party p ON p.id = party_id GROUP BY address_id, domain_id" },
	{ "class_window: numbers and messages",
	  "SELECT domain_id, window, class, sum(sources), sum(messages) FROM class_window "
	  "GROUP BY domain_id, window, class HAVING sum(messages) <> 0 OR sum(sources) <> 0",
	  "SELECT iif(a.all_domains, 0, domain_id), w.window, class, sum(address_id <> 0), sum(n) "
	  "FROM "
	  "(SELECT *, 0 AS window, n_7d AS n FROM source UNION ALL "
	  "SELECT *, 1, n_30d FROM source UNION ALL SELECT *, 2, n_90d FROM source UNION ALL "
	  "SELECT *, 3, n_all FROM source) w, (SELECT 0 AS all_domains UNION ALL SELECT 1) a "
	  "WHERE n > 0 GROUP BY 1, 2, 3" },
	{ "class_window: addresses over all domains",
	  "SELECT window, class, reach, sum(addresses) FROM class_window WHERE domain_id = 0 "
	  "GROUP BY 1, 2, 3 HAVING sum(addresses) <> 0",
	  "SELECT w.window, class, reach, count(DISTINCT address_id) FROM "
	  "(SELECT *, 0 AS window, n_7d AS n FROM source UNION ALL "
	  "SELECT *, 1, n_30d FROM source UNION ALL SELECT *, 2, n_90d FROM source UNION ALL "
	  "SELECT *, 3, n_all FROM source) w JOIN address a ON a.id = w.address_id "
	  "WHERE n > 0 AND address_id <> 0 GROUP BY 1, 2, 3" },
	{ "class_window: behind guards",
	  "SELECT domain_id, window, guard, sum(guarded) FROM class_window GROUP BY domain_id, "
	  "window, guard, class HAVING sum(guarded) <> 0",
	  "SELECT iif(a.all_domains, 0, domain_id), w.window, guard, count(DISTINCT address_id) "
	  "FROM (SELECT *, 0 AS window, n_7d AS n FROM source UNION ALL "
	  "SELECT *, 1, n_30d FROM source UNION ALL SELECT *, 2, n_90d FROM source UNION ALL "
	  "SELECT *, 3, n_all FROM source) w, (SELECT 0 AS all_domains UNION ALL SELECT 1) a "
	  "WHERE n > 0 AND address_id <> 0 GROUP BY 1, 2, 3, class" },
	{ "sender_sum: all senders of a class are the class",
	  "SELECT domain_id, class, sum(n_7d), sum(n_30d), sum(n_90d), sum(n_all) FROM sender_sum "
	  "GROUP BY 1, 2 HAVING sum(n_all) <> 0",
	  "SELECT domain_id, class, total7, total30, total90, total_all FROM (SELECT domain_id, "
	  "class, sum(iif(window = 0, messages, 0)) AS total7, sum(iif(window = 1, messages, 0)) "
	  "AS total30, sum(iif(window = 2, messages, 0)) AS total90, sum(iif(window = 3, "
	  "messages, 0)) AS total_all FROM class_window GROUP BY 1, 2) WHERE total_all <> 0" },
	{ "sender_sum: messages",
	  "SELECT domain_id, class, sender, n_7d, n_30d, n_90d, n_all FROM sender_sum WHERE "
	  "n_all <> 0",
	  "SELECT iif(a.all_domains, 0, domain_id), class, sender, sum(n_7d), sum(n_30d), "
	  "sum(n_90d), sum(n_all) FROM source, (SELECT 0 AS all_domains UNION ALL SELECT 1) a "
	  "WHERE n_all <> 0 GROUP BY 1, 2, 3" },
	{ "domain_window",
	  "SELECT window, domain_id, messages FROM domain_window WHERE messages <> 0",
	  "SELECT window, domain_id, sum(messages) FROM class_window WHERE domain_id <> 0 "
	  "GROUP BY window, domain_id HAVING sum(messages) <> 0" },
	{ "domain: reports", "SELECT id, reports FROM domain WHERE id <> 0",
	  "SELECT domain_id, count(*) FROM report WHERE revision_of IS NULL GROUP BY domain_id" },
	{ "state: reports and revisions", "SELECT reports, revisions FROM state",
	  "SELECT count(*) FILTER (WHERE revision_of IS NULL), "
	  "count(*) FILTER (WHERE revision_of IS NOT NULL) FROM report" },
	{ "nothing is pending",
	  "SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM unsettled) + (SELECT "
	  "count(*) FROM unjudged)",
	  "SELECT 0" },
	{ "nobody's voice waits to be weighed", "SELECT count(*) FROM voice WHERE is_heard",
	  "SELECT 0" },
	{ "sender_passes", "SELECT sender, passes FROM sender_passes WHERE passes <> 0",
	  "SELECT sender, sum(p) FROM (SELECT s.sender, (SELECT sum(pass) FROM source_day d WHERE "
	  "d.address_id = s.address_id AND d.domain_id = s.domain_id AND (SELECT last_day FROM "
	  "state) - day BETWEEN 0 AND 89) AS p FROM source s WHERE sender > 1) GROUP BY sender "
	  "HAVING sum(p) > 0" },
	{ "alignment_sum: sources with mail in 30 days by class",
	  "SELECT domain_id, class, messages, fail FROM alignment_sum WHERE sender = 0",
	  "SELECT s.domain_id, class, sum(messages), sum(messages - pass) FROM source s JOIN "
	  "source_day d USING (address_id, domain_id) WHERE (SELECT last_day FROM state) - day "
	  "BETWEEN 0 AND 29 GROUP BY 1, 2 HAVING sum(messages) > 0" },
	{ "alignment_sum: own sources by sender",
	  "SELECT domain_id, class, sender, messages, fail FROM alignment_sum WHERE sender <> 0",
	  "SELECT s.domain_id, class, iif(sender > 1, sender, -s.address_id) AS who, "
	  "sum(messages), sum(messages - pass) FROM source s JOIN source_day d USING (address_id, "
	  "domain_id) WHERE (SELECT last_day FROM state) - day BETWEEN 0 AND 29 AND class IN (1, "
	  "5) GROUP BY 1, 2, 3 HAVING sum(messages) > 0 AND who <> 0" },
	{ "policy_seen: days",
	  "SELECT domain_id, p, min(first_day), max(last_day) FROM "
	  "policy_seen GROUP BY 1, 2",
	  "SELECT domain_id, n.text, min(day), max(day) FROM report r JOIN name n ON n.id = r.p "
	  "JOIN arrival a ON a.id = r.arrival_id WHERE revision_of IS NULL AND n.text <> '' AND "
	  "day <= a.received_at / 86400 + 1 GROUP BY 1, 2" },
	{ "signatures at home passed somewhere",
	  "SELECT domain_id, signature FROM signature_home WHERE is_known",
	  "SELECT DISTINCT domain_id, signature FROM source_signature WHERE passes > 0" },
	{ "reporter_day", "SELECT domain_id, day, reporter_id, reports, messages FROM reporter_day",
	  "SELECT iif(a.all_domains, 0, domain_id), day, reporter_id, count(*), sum(messages) FROM "
	  "report, (SELECT 0 AS all_domains UNION ALL SELECT 1) a WHERE revision_of IS NULL GROUP "
	  "BY 1, 2, 3" },
	{ "reporter_sum: reports and messages of the windows",
	  "SELECT reporter_id, r_7d, r_30d, r_90d, r_all, n_7d, n_30d, n_90d, n_all FROM "
	  "reporter_sum",
	  "SELECT reporter_id, sum(age BETWEEN 0 AND 6), sum(age BETWEEN 0 AND 29), sum(age "
	  "BETWEEN 0 AND 89), count(*), sum(iif(age BETWEEN 0 AND 6, messages, 0)), sum(iif(age "
	  "BETWEEN 0 AND 29, messages, 0)), sum(iif(age BETWEEN 0 AND 89, messages, 0)), "
	  "sum(messages) FROM (SELECT r.*, (SELECT last_day FROM state) - day AS age FROM report r "
	  "WHERE revision_of IS NULL) GROUP BY reporter_id" },
	{ "party: reports", "SELECT id, reports FROM party WHERE reports > 0",
	  "SELECT party_id, count(*) FROM report WHERE revision_of IS NULL GROUP BY party_id" },
	{ "reporter_fault", "SELECT reporter_id, code, warnings FROM reporter_fault",
	  "SELECT r.reporter_id, w.code, count(*) FROM report_warning w JOIN report r ON r.id = "
	  "w.report_id WHERE r.revision_of IS NULL GROUP BY 1, 2" },
	{ "no reporter waits to be summed up", "SELECT count(*) FROM reporter_sum WHERE is_due",
	  "SELECT 0" },
	{ "the file is whole", "PRAGMA integrity_check", "SELECT 'ok'" },
	{ "arrivals", "SELECT outcome, arrivals FROM arrival_count WHERE arrivals <> 0",
	  "SELECT outcome, count(*) FROM arrival GROUP BY outcome" },
	{ "causes", "SELECT id, outcome, arrivals FROM cause",
	  "SELECT cause, outcome, count(*) FROM arrival WHERE cause IS NOT NULL GROUP BY cause, "
	  "outcome" },
	{ "what is kept belongs to mails that came in",
	  "SELECT DISTINCT kept FROM arrival WHERE kept IS NOT NULL", "SELECT id FROM kept" },
	{ "document_count",
	  "SELECT kind, counted + revisions - forgotten FROM document_count WHERE counted + "
	  "revisions > "
	  "forgotten",
	  "SELECT kind, count(*) FROM document GROUP BY kind" },
};

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *
rows_as_text(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = ask(db, sql);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		GString *row = g_string_new(NULL);
		for (int i = 0; i < sqlite3_column_count(statement); i++)
			g_string_append_printf(row, "%s|",
					       (const char *)sqlite3_column_text(statement, i));
		g_ptr_array_add(rows, g_string_free(row, FALSE));
	}
	assert_int_equal(result, SQLITE_DONE);
	sqlite3_finalize(statement);
	g_ptr_array_sort(rows, compare_texts);
	g_ptr_array_add(rows, NULL);
	return g_strjoinv("\n", (char **)rows->pdata);
}

void
store_place_check(struct store_place *place)
{
	sqlite3 *db = open_file(place);

	for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_autofree char *rollup = rows_as_text(db, pairs[i].rollup);
		g_autofree char *truth = rows_as_text(db, pairs[i].truth);
		if (!g_str_equal(rollup, truth))
			fail_msg("%s:\n%s\nis not\n%s", pairs[i].name, rollup, truth);
	}
	sqlite3_close(db);
}

/* Every table that arrivals fill, with words for ids. */
static const char *const dump_sql[] = {
	"SELECT 'report', n.text, p.text, day, begin_at, end_at, report_id, hex(identity), "
	"hex(content), " COLUMNS("r") " FROM report r JOIN name n ON n.id = r.domain_id JOIN "
				      "reporter p ON p.id = r.reporter_id",
	"SELECT 'source_day', hex(a.ip), n.text, day, p.text, d.reports, " COLUMNS(
		"d") " FROM "
		     "source_day d JOIN address a ON a.id = d.address_id JOIN name n ON n.id = "
		     "d.domain_id "
		     "JOIN party y ON y.id = d.party_id JOIN reporter p ON p.id = y.reporter_id",
	"SELECT 'source', hex(a.ip), n.text, class, rule, score, unruled, user_rule, guard, "
	"m.text, "
	"first_day, "
	"last_day, reporters, next_day, "
	"n_7d, n_30d, n_90d, n_all, hex(body) FROM source s JOIN name m ON m.id = s.sender JOIN "
	"address a ON a.id = s.address_id "
	"JOIN name n ON n.id = s.domain_id",
	"SELECT 'domain', coalesce(n.text, 'all'), reports, first_day, last_day, policy, "
	"policy_seen_at FROM domain d LEFT JOIN name n ON n.id = d.id",
	"SELECT 'domain_day', coalesce(n.text, 'all'), day, class, " COLUMNS(
		"d") " FROM domain_day "
		     "d LEFT JOIN name n ON n.id = d.domain_id WHERE messages <> 0 OR records <> 0",
	"SELECT 'class_window', coalesce(n.text, 'all'), window, class, guard, reach, sources, "
	"guarded, " COLUMNS("d") " FROM class_window d LEFT JOIN name n ON n.id = d.domain_id "
				 "WHERE messages <> 0 OR records <> 0",
	/* An address of several guards counts once, behind the one that was seen first. */
	"SELECT 'class_addresses', coalesce(n.text, 'all'), window, class, reach, sum(addresses) "
	"FROM class_window d LEFT JOIN name n ON n.id = d.domain_id GROUP BY d.domain_id, window, "
	"class, reach HAVING sum(addresses) <> 0",
	"SELECT 'domain_window', n.text, window, messages FROM domain_window d JOIN name n ON "
	"n.id = d.domain_id WHERE messages <> 0",
	"SELECT 'alignment_sum', n.text, class, coalesce(m.text, hex(a.ip)), messages, fail, "
	"loose, "
	"explained, broken, esp, tmp, hex(tally) FROM alignment_sum s JOIN name n ON n.id = "
	"s.domain_id LEFT JOIN name m ON m.id = s.sender LEFT JOIN address a ON a.id = -s.sender",
	"SELECT 'policy_seen', n.text, p, sp, np, adkim, aspf, t, s.first_day, s.last_day FROM "
	"policy_seen s JOIN name n ON n.id = s.domain_id",
	"SELECT 'reporter_day', coalesce(n.text, 'all'), day, p.text, reports, messages, policies "
	"FROM "
	"reporter_day d LEFT JOIN name n ON n.id = d.domain_id JOIN reporter p ON p.id = "
	"d.reporter_id",
	"SELECT 'reporter_sum', p.text, first_day, last_day, r_7d, r_30d, r_90d, r_all, n_7d, "
	"n_30d, n_90d, n_all, delay_s, gap, silent_from FROM reporter_sum s JOIN reporter p ON "
	"p.id "
	"= s.reporter_id",
	"SELECT 'party_override', r.text, kind, sum(messages) FROM party_override o JOIN party p "
	"ON "
	"p.id = o.party_id JOIN reporter r ON r.id = p.reporter_id GROUP BY r.text, kind",
	"SELECT 'from_name', n.text, f.text, first_day, last_day, messages FROM from_name d JOIN "
	"name n ON n.id = d.domain_id JOIN name f ON f.id = d.name",
	"SELECT 'signature_day', n.text, day, s.text FROM signature_day d JOIN name n ON n.id = "
	"d.domain_id JOIN name s ON s.id = d.signatures",
	"SELECT 'document', d.kind, d.revision_of IS NULL, day, p.text, n.text, hex(a.ip), "
	"incidents, authenticated, length(body) FROM document d JOIN name n ON n.id = d.domain_id "
	"JOIN reporter p ON p.id = d.reporter_id JOIN address a ON a.id = d.address_id",
	"SELECT 'document_domain', d.kind, n.text, day FROM document_domain d JOIN name n ON n.id "
	"= d.domain_id",
	"SELECT 'document_count', * FROM document_count",
	"SELECT 'tls_policy', n.text, t.text, seq, success, failure FROM tls_policy p JOIN name n "
	"ON n.id = p.domain_id JOIN name t ON t.id = p.type",
	"SELECT 'cause', outcome, code, text, arrivals, last_at FROM cause",
	"SELECT 'state', last_day, last_received_at, reports, revisions FROM state",
};

char *
store_place_dump(struct store_place *place)
{
	sqlite3 *db = open_file(place);
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(dump_sql); i++) {
		g_autofree char *rows = rows_as_text(db, dump_sql[i]);
		g_string_append_printf(text, "%s\n", rows);
	}
	sqlite3_close(db);
	return g_string_free(text, FALSE);
}
