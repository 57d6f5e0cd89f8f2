/* SPDX-License-Identifier: MIT */
#include "store/sqlite_takedown_evidence.h"

#include "store/query_takedown.h"
#include "store/sqlite_evidence.h"

/* So many of the newest reports are read for the evidence of one address. */
#define EVIDENCE_REPORTS 20
#define REPORT_IDS_MAX   20

void
words_init(struct words *words)
{
	words->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	words->text = g_string_new(NULL);
}

void
words_add(struct words *words, const char *word)
{
	if (!*word || !g_hash_table_add(words->seen, g_strdup(word)))
		return;
	if (words->text->len > 0)
		g_string_append_c(words->text, ';');
	g_string_append(words->text, word);
}

char *
words_finish(struct words *words)
{
	g_hash_table_unref(words->seen);
	return g_string_free(words->text, FALSE);
}

/* --- Evidence: auth results are taken apart into results and domains --- */

/* "fail bounce.example (mfrom); pass x.example" into its results and its domains. */
static void
take_apart(const char *text, struct words *results, struct words *domains)
{
	g_auto(GStrv) items = g_strsplit(text, "; ", -1);

	for (char **item = items; *item; item++) {
		g_auto(GStrv) parts = g_strsplit(*item, " ", 3);
		if (parts[0])
			words_add(results, parts[0]);
		if (parts[0] && parts[1])
			words_add(domains, parts[1]);
	}
}

struct evidence_words {
	struct words spf_results, spf_domains, dkim_results, dkim_domains, envelope_froms, reasons,
		header_froms;
};

static gboolean
add_evidence_row(const struct takedown_scope *scope, const struct evidence_row *row,
		 struct evidence_words *words, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!view_append_auth(scope->view, row->record.auth_set, VIEW_SPF, text, error))
		return FALSE;
	take_apart(text->str, &words->spf_results, &words->spf_domains);
	g_string_truncate(text, 0);
	if (!view_append_auth(scope->view, row->record.auth_set, VIEW_DKIM, text, error))
		return FALSE;
	take_apart(text->str, &words->dkim_results, &words->dkim_domains);
	g_string_truncate(text, 0);
	if (!view_append_reasons(scope->view, row->record.reason_set, text, error))
		return FALSE;
	words_add(&words->reasons, text->str);
	words_add(&words->envelope_froms, view_peek_name(scope->view, row->record.envelope_from));
	if (row->record.header_from != (guint32)row->domain)
		words_add(&words->header_froms,
			  view_peek_name(scope->view, row->record.header_from));
	return TRUE;
}

static gboolean
add_report_id(const struct takedown_scope *scope, gint64 report, struct words *ids, GError **error)
{
	struct db *db = view_db(scope->view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT report_id FROM report WHERE id = ?", error);

	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", report), error);
	if (row == DB_ROW)
		words_add(ids, db_peek_text(statement, 0));
	sqlite3_reset(statement);
	return row != DB_FAILED;
}

static gboolean
add_report_ids(const struct takedown_scope *scope, const struct evidence *evidence,
	       struct query_takedown *row, GError **error)
{
	struct words ids;
	gboolean is_good = TRUE;

	words_init(&ids);
	for (guint i = 0; is_good && i < MIN(evidence->reports->len, REPORT_IDS_MAX); i++)
		is_good = add_report_id(scope, g_array_index(evidence->reports, gint64, i), &ids,
					error);
	row->report_ids = words_finish(&ids);
	return is_good;
}

gboolean
takedown_add_evidence(const struct takedown_scope *scope, guint32 address,
		      const struct source_days *days, struct query_takedown *row, GError **error)
{
	const struct evidence_question question = {
		.address = address,
		.domain = scope->domain,
		.from_day = scope->from_day,
		.to_day = scope->last_day,
		.max_reports = EVIDENCE_REPORTS,
	};
	struct evidence_words words;
	struct words *const all[] = { &words.spf_results,    &words.spf_domains,
				      &words.dkim_results,   &words.dkim_domains,
				      &words.envelope_froms, &words.reasons,
				      &words.header_froms };
	char **const texts[] = { &row->spf_results,  &row->spf_domains,    &row->dkim_results,
				 &row->dkim_domains, &row->envelope_froms, &row->override_reasons,
				 &row->header_froms };
	g_autoptr(evidence_auto) evidence = evidence_read(scope->view, &question, days, error);
	if (!evidence)
		return FALSE;
	g_autoptr(GPtrArray) sorted = evidence_sorted(evidence);
	gboolean is_good = add_report_ids(scope, evidence, row, error);

	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		words_init(all[i]);
	for (guint i = 0; is_good && i < sorted->len; i++)
		is_good = add_evidence_row(scope, g_ptr_array_index(sorted, i), &words, error);
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		*texts[i] = words_finish(all[i]);
	return is_good;
}
