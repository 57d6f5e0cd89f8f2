/* SPDX-License-Identifier: MIT */
/* What must hold in a store whenever nothing is pending, and all of it as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/store_place.h"

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

void
store_place_check(struct store_place *place)
{
	for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_autofree char *rollup = store_place_rows(place, pairs[i].rollup);
		g_autofree char *truth = store_place_rows(place, pairs[i].truth);
		if (!g_str_equal(rollup, truth))
			fail_msg("%s:\n%s\nis not\n%s", pairs[i].name, rollup, truth);
	}
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
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(dump_sql); i++) {
		g_autofree char *rows = store_place_rows(place, dump_sql[i]);
		g_string_append_printf(text, "%s\n", rows);
	}
	return g_string_free(text, FALSE);
}
