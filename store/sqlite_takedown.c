/* SPDX-License-Identifier: MIT */
/* The takedown list: addresses of class unauthorized, most messages first, with their evidence. */
#include "store/sqlite_dictionary.h"
#include "store/sqlite_evidence.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

/* So many of the newest reports are read for the evidence of one address. */
#define EVIDENCE_REPORTS 20
#define REPORT_IDS_MAX   20
/* Sources read at once while addresses are looked for. */
#define WALK_LEN 200

static void
takedown_free(gpointer data)
{
	struct query_takedown *row = data;
	char *const texts[] = {
		row->domains,          row->header_froms, row->reporters,    row->spf_results,
		row->spf_domains,      row->dkim_results, row->dkim_domains, row->envelope_froms,
		row->override_reasons, row->report_ids,
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_free(row);
}

struct listing {
	struct store_view *view;
	const struct takedown_question *question;
	gint64 domain;
	gint64 last_day;
	gint64 from_day;
	struct query_page *page;
};

/* Distinct words in the order of their first mention, joined with ";". */
struct words {
	GHashTable *seen;
	GString *text;
};

static void
words_init(struct words *words)
{
	words->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	words->text = g_string_new(NULL);
}

static void
words_add(struct words *words, const char *word)
{
	if (!*word || !g_hash_table_add(words->seen, g_strdup(word)))
		return;
	if (words->text->len > 0)
		g_string_append_c(words->text, ';');
	g_string_append(words->text, word);
}

static char *
words_finish(struct words *words)
{
	g_hash_table_unref(words->seen);
	return g_string_free(words->text, FALSE);
}

static gboolean
is_reportable(enum reach reach, gboolean allow_documentation)
{
	return reach == REACH_PUBLIC || (reach == REACH_DOCUMENTATION && allow_documentation);
}

static gboolean
read_address(struct listing *l, gint64 address, struct ip *ret_ip, enum reach *ret_reach,
	     GError **error)
{
	struct db *db = view_db(l->view);
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT ip, reach FROM address WHERE id = ?", error);

	if (!statement || db_step(db, db_bind(statement, "i", address), error) != DB_ROW)
		return FALSE;
	memcpy(ret_ip, sqlite3_column_blob(statement, 0), sizeof(*ret_ip));
	*ret_reach = (enum reach)sqlite3_column_int(statement, 1);
	sqlite3_reset(statement);
	return TRUE;
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
add_evidence_row(struct listing *l, const struct evidence_row *row, struct evidence_words *words,
		 GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!view_append_auth(l->view, row->record.auth_set, VIEW_SPF, text, error))
		return FALSE;
	take_apart(text->str, &words->spf_results, &words->spf_domains);
	g_string_truncate(text, 0);
	if (!view_append_auth(l->view, row->record.auth_set, VIEW_DKIM, text, error))
		return FALSE;
	take_apart(text->str, &words->dkim_results, &words->dkim_domains);
	g_string_truncate(text, 0);
	if (!view_append_reasons(l->view, row->record.reason_set, text, error))
		return FALSE;
	words_add(&words->reasons, text->str);
	words_add(&words->envelope_froms, view_peek_name(l->view, row->record.envelope_from));
	if (row->record.header_from != (guint32)row->domain)
		words_add(&words->header_froms, view_peek_name(l->view, row->record.header_from));
	return TRUE;
}

static gboolean
add_report_ids(struct listing *l, const struct evidence *evidence, struct query_takedown *row,
	       GError **error)
{
	struct db *db = view_db(l->view);
	struct words ids;

	words_init(&ids);
	for (guint i = 0; i < MIN(evidence->reports->len, REPORT_IDS_MAX); i++) {
		sqlite3_stmt *statement =
			db_prepare(db, "SELECT report_id FROM report WHERE id = ?", error);
		if (statement &&
		    db_step(db,
			    db_bind(statement, "i", g_array_index(evidence->reports, gint64, i)),
			    error) == DB_ROW) {
			words_add(&ids, db_peek_text(statement, 0));
			sqlite3_reset(statement);
		}
	}
	row->report_ids = words_finish(&ids);
	return *error == NULL;
}

static gboolean
add_evidence(struct listing *l, gint64 address, const struct source_days *days,
	     struct query_takedown *row, GError **error)
{
	const struct evidence_question question = {
		.address = (guint32)address,
		.domain = l->domain,
		.from_day = l->from_day,
		.to_day = l->last_day,
		.max_reports = EVIDENCE_REPORTS,
	};
	g_autoptr(GError) cause = NULL;
	struct evidence_words words;
	struct words *const all[] = { &words.spf_results,    &words.spf_domains,
				      &words.dkim_results,   &words.dkim_domains,
				      &words.envelope_froms, &words.reasons,
				      &words.header_froms };
	char **const texts[] = { &row->spf_results,  &row->spf_domains,    &row->dkim_results,
				 &row->dkim_domains, &row->envelope_froms, &row->override_reasons,
				 &row->header_froms };
	g_autoptr(evidence_auto) evidence = evidence_read(l->view, &question, days, error);
	if (!evidence)
		return FALSE;
	g_autoptr(GPtrArray) sorted = evidence_sorted(evidence);
	gboolean is_good = add_report_ids(l, evidence, row, &cause);

	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		words_init(all[i]);
	for (guint i = 0; is_good && i < sorted->len; i++)
		is_good = add_evidence_row(l, g_ptr_array_index(sorted, i), &words, &cause);
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		*texts[i] = words_finish(all[i]);
	if (cause)
		g_propagate_error(error, g_steal_pointer(&cause));
	return is_good;
}

/* --- One address --- */

static void
sum_days(struct listing *l, const struct source_days *days, struct query_takedown *row)
{
	g_autoptr(GHashTable) seen_days = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GHashTable) reporters = g_hash_table_new(NULL, NULL);
	struct words names;
	struct words domains;

	words_init(&names);
	words_init(&domains);
	for (guint i = 0; i < days->rows->len; i++) {
		struct source_day *day = &g_array_index(days->rows, struct source_day, i);
		if ((l->domain > 0 && l->domain != day->domain) || day->day < l->from_day ||
		    day->day > l->last_day)
			continue;
		gboolean is_first = row->totals.messages == 0 && row->first_day == 0;
		row->first_day = is_first ? day->day : MIN(row->first_day, day->day);
		row->last_day = is_first ? day->day : MAX(row->last_day, day->day);
		totals_add(&row->totals, &day->totals);
		g_hash_table_add(seen_days, &day->day);
		words_add(&domains, view_peek_name(l->view, day->domain));
		if (g_hash_table_add(reporters, GUINT_TO_POINTER(day->reporter))) {
			g_autofree char *reporter = view_reporter(l->view, day->reporter);
			words_add(&names, reporter);
		}
	}
	row->days_active = g_hash_table_size(seen_days);
	row->reporters_count = g_hash_table_size(reporters);
	row->reporters = words_finish(&names);
	row->domains = words_finish(&domains);
}

static char *
empty(void)
{
	return g_strdup("");
}

static gboolean
add_row(struct listing *l, gint64 address, const struct ip *ip, GError **error)
{
	g_autoptr(source_days_auto) days = source_days_new();
	if (!source_days_read(view_db(l->view), (guint32)address, days, error))
		return FALSE;
	struct query_takedown *row = g_new0(struct query_takedown, 1);

	g_ptr_array_add(l->page->rows, row);
	row->ip = *ip;
	row->class = CLASS_UNAUTHORIZED;
	row->rule = 8;
	sum_days(l, days, row);
	if (l->question->want_evidence)
		return add_evidence(l, address, days, row, error);
	row->header_froms = empty();
	row->spf_results = empty();
	row->spf_domains = empty();
	row->dkim_results = empty();
	row->dkim_domains = empty();
	row->envelope_froms = empty();
	row->override_reasons = empty();
	row->report_ids = empty();
	return TRUE;
}

/* An address with several sources stands where its largest one stands. */
static gboolean
is_largest(struct listing *l, const struct source_key *key, gboolean *ret_is_largest,
	   GError **error)
{
	g_autoptr(GArray) rows = source_rows_new();

	*ret_is_largest = TRUE;
	if (l->domain > 0)
		return TRUE;
	if (!source_rows_read(view_db(l->view), (guint32)key->address, rows, error))
		return FALSE;
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		gint64 messages = row->body.totals[l->question->scope.window].messages;
		if (row->verdict.class == CLASS_UNAUTHORIZED &&
		    (messages > key->messages ||
		     (messages == key->messages && row->domain > key->domain)))
			*ret_is_largest = FALSE;
	}
	return TRUE;
}

static gboolean
consider(struct listing *l, const struct source_key *key, GError **error)
{
	struct ip ip;
	enum reach reach;
	gboolean is_first;

	if (!read_address(l, key->address, &ip, &reach, error))
		return FALSE;
	if (!is_reportable(reach, l->question->allow_documentation))
		return TRUE;
	if (!is_largest(l, key, &is_first, error))
		return FALSE;
	return !is_first || add_row(l, key->address, &ip, error);
}

static gboolean
list_addresses(struct listing *l, struct source_walk *walk, GError **error)
{
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct source_key));

	do {
		g_array_set_size(keys, 0);
		walk->limit = MIN(l->question->limit + 1, WALK_LEN);
		if (!source_list_walk(l->view, walk, keys, error))
			return FALSE;
		for (guint i = 0; i < keys->len; i++) {
			const struct source_key *key = &g_array_index(keys, struct source_key, i);
			if (l->page->rows->len == l->question->limit) {
				l->page->next = source_key_write(&walk->from);
				return TRUE;
			}
			if (!consider(l, key, error))
				return FALSE;
			walk->from = *key;
		}
	} while (keys->len > 0);
	return TRUE;
}

struct query_page *
query_takedown(struct store_view *view, const struct takedown_question *question, GError **error)
{
	g_autoptr(query_page_auto) page = view_page_new(takedown_free);
	struct listing l = { .view = view, .question = question, .page = page };
	struct source_walk walk = {
		.window = question->scope.window,
		.class = CLASS_UNAUTHORIZED,
		.from = source_key_first,
	};
	gint64 cursor[5];

	if (!view_domain(view, question->scope.domain, &l.domain, error) ||
	    !view_last_day(view, &l.last_day, error) ||
	    (question->after &&
	     !view_cursor_read(question->after, cursor, G_N_ELEMENTS(cursor), error)))
		return NULL;
	if (question->after) {
		walk.from.messages = cursor[1];
		walk.from.domain = cursor[2];
		walk.from.address = cursor[3];
	}
	l.from_day = window_first_day(question->scope.window, l.last_day);
	walk.domain = l.domain;
	if (l.domain >= 0 && !list_addresses(&l, &walk, error))
		return NULL;
	return g_steal_pointer(&page);
}

gboolean
query_takedown_counts(struct store_view *view, const struct scope *scope,
		      gboolean allow_documentation, struct query_takedown_counts *ret_counts,
		      GError **error)
{
	struct db *db = view_db(view);
	struct query_takedown_counts counts = { 0 };
	gint64 domain;
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT class, reach, addresses, messages FROM class_window "
			   "WHERE domain_id = ? AND window = ?",
			   error);

	if (!statement || !view_domain(view, scope->domain, &domain, error))
		return FALSE;
	db_bind(statement, "ii", domain, (gint64)scope->window);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 class = sqlite3_column_int64(statement, 0);
		enum reach reach = (enum reach)sqlite3_column_int(statement, 1);
		gint64 addresses = sqlite3_column_int64(statement, 2);
		if (class != CLASS_UNAUTHORIZED) {
			counts.left_out[class] += addresses;
		} else if (is_reportable(reach, allow_documentation)) {
			counts.addresses += addresses;
			counts.messages += sqlite3_column_int64(statement, 3);
		} else {
			counts.unreportable += addresses;
		}
	}
	*ret_counts = counts;
	return row == DB_DONE;
}
